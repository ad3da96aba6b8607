"""The status machine: every change that is allowed, and every other one that is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catalog.errors import Clash
from catalog.model import Image
from catalog.service.status import TRANSITIONS, change_status, lacks_formats

NOW = datetime(2030, 1, 2, tzinfo=UTC)
STATUSES = ["queued", "saving", "uploading", "importing", "active", "deactivated", "killed", "deleted"]
ALLOWED = {
    ("queued", "saving"), ("saving", "active"), ("saving", "queued"), ("saving", "killed"), ("killed", "saving"),
    ("queued", "killed"),  # Image API v1: what was sent is no image data, or could not be fetched
    ("queued", "uploading"), ("uploading", "queued"), ("uploading", "importing"), ("queued", "importing"),
    ("importing", "active"), ("importing", "queued"), ("queued", "active"), ("active", "deactivated"),
    ("deactivated", "active"), ("deleted", "active"), ("deleted", "deactivated"), ("deleted", "queued"),
    *((status, "deleted") for status in STATUSES if status != "deleted"),
}  # fmt: skip
ALL = [(before, after) for before in STATUSES for after in STATUSES]


def image(status: str) -> Image:
    return Image("11111111-2222-4333-8444-555555555555", NOW, NOW, status=status, size=10, virtual_size=20)


@pytest.mark.parametrize(("before", "after"), ALL, ids=["->".join(row) for row in ALL])
def test_transition(before: str, after: str) -> None:
    if (before, after) not in ALLOWED:
        with pytest.raises(Clash):
            change_status(image(before), after, NOW, "why")
        return
    changed = change_status(image(before), after, NOW, "why")
    assert changed.status == after
    assert [(line.status, line.at, line.why) for line in changed.history] == [(after, NOW, "why")]
    sizes = (changed.size, changed.virtual_size)
    assert sizes == ((None, None) if after == "queued" else (10, 20))


@pytest.mark.parametrize("status", ["", "pending_delete", "burning", "Active"])
def test_unknown_status_goes_nowhere_and_comes_from_nowhere(status: str) -> None:
    for known in STATUSES:
        with pytest.raises(Clash):
            change_status(image(known), status, NOW, "why")
        with pytest.raises(Clash):
            change_status(image(status), known, NOW, "why")


def test_the_table_names_every_status() -> None:
    assert sorted(TRANSITIONS) == sorted(STATUSES)


def test_history_is_bounded_and_keeps_the_newest() -> None:
    one = image("queued")
    for turn in range(300):
        one = change_status(one, "saving" if one.status == "queued" else "queued", NOW, str(turn))
    assert len(one.history) <= 100
    assert one.history[-1].why == "299"


@pytest.mark.parametrize("status", ["saving", "importing", "active"])
@pytest.mark.parametrize(
    ("formats", "missing"),
    [((None, None), "container_format"), (("bare", None), "disk_format"), ((None, "raw"), "container_format"),
     (("bare", "raw"), None)],
)  # fmt: skip
def test_formats_come_before_data(status: str, formats: tuple[str | None, str | None], missing: str | None) -> None:
    one = replace(image("queued"), container_format=formats[0], disk_format=formats[1])
    assert lacks_formats(one, status) == missing
    assert lacks_formats(one, "uploading") is None
    assert lacks_formats(one, "deleted") is None
