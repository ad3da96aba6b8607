"""Which versions go with several stores and with a cache."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.api.versions import minor_versions
from tests.api.many import Many

OLD = ["2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0"]
STORES = ["2.13", "2.12", "2.11", "2.10", "2.9", "2.8"]
CACHE = ["2.18", "2.17", "2.16", "2.15", "2.14"]


@pytest.mark.parametrize(
    ("many", "cache", "order"),
    [(False, False, ["2.15", "2.9", "2.17", *OLD]), (True, False, ["2.15", *STORES, "2.17", *OLD]),
     (False, True, [*CACHE, "2.9", *OLD]), (True, True, [*CACHE, *STORES, *OLD])],
)  # fmt: skip
def test_order(many: bool, cache: bool, order: list[str]) -> None:
    assert list(minor_versions(many, cache)) == order


def shown(many: Many) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = many.get("/versions", who=None).json["versions"]
    return [entry for entry in entries if entry["id"].startswith("v2")]


def test_several_stores_bring_their_versions() -> None:
    many = Many()
    assert [entry["id"] for entry in shown(many)] == [f"v{minor}" for minor in ["2.15", *STORES, "2.17", *OLD]]
    assert [entry["id"] for entry in shown(many) if entry["status"] == "CURRENT"] == ["v2.17"]
    image_id = many.new()["id"]
    for minor in STORES:
        assert many.get(f"/v{minor}/images/{image_id}").status_code == 200
    assert many.get(f"/v2.14/images/{image_id}").status_code == 300
    many.close()
