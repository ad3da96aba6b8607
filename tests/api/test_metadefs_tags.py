"""The tags of a metadata namespace: one by one, and all at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.metadefs import TIME, Metadefs

TIMES = {"created_at": TIME, "updated_at": TIME}


def names(metadefs: Metadefs, space: str, query: str = "?sort_dir=asc") -> list[str]:
    return [one["name"] for one in metadefs.get(space, "tags", query=query)["tags"]]


def test_life_of_a_tag(metadefs: Metadefs) -> None:
    space = metadefs.new()
    made = metadefs.call("POST", space, "tags", "fast")
    assert (made.status_code, made.json) == (201, {"name": "fast", **TIMES})
    assert metadefs.call("POST", space, "tags", "fast").status_code == 409
    assert metadefs.get(space, "tags", "fast") == made.json
    assert metadefs.call("POST", space, "tags", "FAST").status_code == 201
    assert metadefs.call("PUT", space, "tags", "fast", json={"name": "FAST"}).status_code == 409
    changed = metadefs.call("PUT", space, "tags", "fast", json={"name": "slow"})
    assert (changed.status_code, changed.json) == (200, {"name": "slow", **TIMES})
    metadefs.get(space, "tags", "fast", status=404)
    assert metadefs.call("PUT", space, "tags", "fast", json={"name": "slow"}).status_code == 404
    assert metadefs.call("DELETE", space, "tags", "slow").status_code == 204
    assert metadefs.call("DELETE", space, "tags", "slow").status_code == 404
    assert names(metadefs, space) == ["FAST"]
    assert metadefs.call("DELETE", space, "tags").status_code == 204
    assert metadefs.get(space, "tags") == {"tags": []}


@pytest.mark.parametrize(
    ("names_sent", "append", "status", "after"),
    [
        (["b", "a"], None, 201, ["b", "a"]),
        (["b", "old"], None, 201, ["b", "old"]),
        (["b", "b"], None, 409, ["old", "older"]),
        ([], None, 201, ["old", "older"]),
        (["b"], "true", 201, ["old", "older", "b"]),
        (["b"], "True", 201, ["old", "older", "b"]),
        (["b"], "1", 201, ["old", "older", "b"]),
        (["b"], "false", 201, ["b"]),
        (["b", "old"], "true", 409, ["old", "older"]),
        (["b", "b"], "true", 409, ["old", "older"]),
        ([], "true", 201, ["old", "older"]),
    ],
)
def test_many_tags(
    metadefs: Metadefs, names_sent: list[str], append: str | None, status: int, after: list[str]
) -> None:
    space = metadefs.new(tags=[{"name": "old"}, {"name": "older"}])
    headers = {} if append is None else {"X-Openstack-Append": append}
    body = {"tags": [{"name": name} for name in names_sent]}
    answer = metadefs.call("POST", space, "tags", json=body, headers=headers)
    assert answer.status_code == status
    if status == 201:
        assert answer.json == body
    assert names(metadefs, space) == after


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"tags": None}, 400),
        ({"tags": ["a"]}, 400),
        ({"tags": [{}]}, 400),
        ({"tags": [{"name": "x" * 81}]}, 400),
        ({"tags": [{"name": "😀"}]}, 400),
        ({"tags": [{"name": "a", "foreign": 1}]}, 400),
        ({"tags": [], "foreign": 1}, 400),
        ({"tags": [], "created_at": TIME}, 403),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_refused_lists(metadefs: Metadefs, body: Any, status: int) -> None:
    space = metadefs.new(tags=[{"name": "old"}])
    assert metadefs.call("POST", space, "tags", json=body).status_code == status
    assert names(metadefs, space) == ["old"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400), ([], 400), ({"name": "x" * 81}, 400), ({"name": ""}, 400), ({"name": "😀"}, 400),
        ({"name": "a", "foreign": 1}, 400), ({"name": "a", "created_at": TIME}, 403),
        ({"name": "a", "updated_at": TIME}, 403),
    ],
    ids=lambda value: ascii(value)[:50],
)  # fmt: skip
def test_refused_names(metadefs: Metadefs, body: Any, status: int) -> None:
    space = metadefs.new(tags=[{"name": "old"}])
    assert metadefs.call("PUT", space, "tags", "old", json=body).status_code == status


@pytest.mark.parametrize(("name", "status"), [("x" * 81, 400), ("😀", 400), ("x" * 80, 201), ("a b", 201)], ids=ascii)
def test_names_in_the_path(metadefs: Metadefs, name: str, status: int) -> None:
    assert metadefs.call("POST", metadefs.new(), "tags", name).status_code == status


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["a", "c", "b"]),
        ("?sort_dir=asc", ["b", "c", "a"]),
        ("?sort_key=name&sort_dir=asc", ["a", "b", "c"]),
        ("?sort_key=name", ["c", "b", "a"]),
        ("?limit=2", ["a", "c"]),
        ("?limit=0", []),
        ("?limit=1&marker=c", ["b"]),
        ("?marker=b", []),
        ("?marker=a&sort_key=name&sort_dir=asc", ["b", "c"]),
        ("?visibility=shared", ["a", "c", "b"]),
    ],
)
def test_pages_and_orders(metadefs: Metadefs, query: str, expected: list[str]) -> None:
    space = metadefs.new(tags=[{"name": name} for name in "bca"])
    assert names(metadefs, space, query) == expected
    assert set(metadefs.get(space, "tags", query=query)) == {"tags"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?limit=-1", 400), ("?limit=x", 400), ("?sort_dir=up", 400), ("?sort_key=foreign", 400),
        ("?visibility=community", 400), ("?marker=absent", 404),
    ],
)  # fmt: skip
def test_refused_queries(metadefs: Metadefs, query: str, status: int) -> None:
    metadefs.get(metadefs.new(), "tags", query=query, status=status)
