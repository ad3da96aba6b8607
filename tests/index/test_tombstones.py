"""Deleted images in the index: apart from the others, and found where a query asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.index.query import Filter, ListQuery, Operator, SortKey, total_order
from catalog.index.table import Table
from tests.index.samples import NOON, apply, image, image_id, member


def render(one: object) -> bytes:
    return b"{}"


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    """Images 1 to 6, of which the even ones are deleted; 5 is killed, 3 and 4 are hidden."""
    made = Table(tmp_path / "index.sqlite", render)
    for number in range(1, 7):
        one = image(number, properties={"n": str(number)}, members=(member(f"m{number % 3}"),))
        one = replace(one, os_hidden=number in (3, 4), status="killed" if number == 5 else "active")
        apply(made, (one, f"a{number}"))
        if number % 2 == 0:
            apply(made, (replace(one, status="deleted", revision=2), f"b{number}"))
    yield made
    made.close()


def numbers(table: Table, query: ListQuery) -> str:
    found = {image_id(number): str(number) for number in range(1, 7)}
    return "".join(found[row.id] for row in table.page(query, with_record=True))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (ListQuery(visibility="all"), "1"),
        (ListQuery(visibility="all", hidden=None), "31"),
        (ListQuery(visibility="all", hidden=None, deleted=True), "642"),
        (ListQuery(visibility="all", hidden=None, deleted=None), "654321"),
        (ListQuery(visibility="all", hidden=True, deleted=None), "43"),
        (ListQuery(visibility="all", hidden=None, deleted=None, limit=2, marker=image(4)), "32"),
        (ListQuery(visibility="all", hidden=None, deleted=None, properties=(("n", "4"),)), "4"),
        (ListQuery(visibility="all", hidden=None, deleted=None, member="m1"), "41"),
        (ListQuery(visibility="all", hidden=None, member="m1"), "1"),
        (ListQuery(visibility="all", hidden=None, member="m9"), ""),
        (
            ListQuery(visibility="all", hidden=None, deleted=None, sort=total_order([SortKey("status")], True)),
            "564231",
        ),
    ],
)
def test_which_images(table: Table, query: ListQuery, expected: str) -> None:
    assert numbers(table, query) == expected


def test_later_compares_microseconds(table: Table) -> None:
    apply(table, (image(7, updated_at=NOON + timedelta(seconds=20, microseconds=5)), "a7"))
    for micros, expected in ((4, 1), (5, 0)):
        since = Filter("updated_at", Operator.LATER, (NOON + timedelta(seconds=20, microseconds=micros),))
        assert len(table.page(ListQuery(visibility="all", deleted=None, filters=(since,)))) == expected


def test_old_ones_and_those_of_the_future_are_given_for_the_sweep(table: Table) -> None:
    """A time in the future is that of a wrong clock: how old the image is, its record tells by the store's time."""
    for number, minutes in ((7, 4), (8, 6)):  # clocks differ a little without being wrong
        late = image(number, status="deleted", revision=2, updated_at=NOON + timedelta(minutes=minutes))
        apply(table, (late, f"b{number}"))
    found = table.tombstones(NOON + timedelta(seconds=5), timedelta(seconds=3), with_data=False)
    assert [one.id for one, _ in found] == [image_id(2), image_id(8)]


def test_an_image_is_in_one_table_alone(table: Table) -> None:
    apply(table, (image(2, revision=3), "c2"))
    assert numbers(table, ListQuery(visibility="all", deleted=True, hidden=None)) == "64"
    assert "2" in numbers(table, ListQuery(visibility="all"))
    table.forget({image_id(4): "b4"})
    assert numbers(table, ListQuery(visibility="all", deleted=True, hidden=None)) == "6"
