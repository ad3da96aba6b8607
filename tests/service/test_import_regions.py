"""Where a region's image service is looked for, and how long a token is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from catalog.errors import Invalid, Unavailable
from catalog.service.identity import Caller
from catalog.service.imports.regions import endpoint_of, region_image
from catalog.service.imports.vault import LIFETIME, Vault
from catalog.settings import build

IMAGE = "11111111-2222-4333-8444-555555555555"
SETTINGS = build({"glance_endpoints": {"One": "http://one.setting", "Two": "http://two.setting/v2/"}})
CALLER = Caller(image_endpoints={("two", "internal"): "http://two.inside", ("three", "public"): "http://three/"})
ROWS = [
    ("One", "public", "http://one.setting"), ("one", "admin", "http://one.setting"),
    ("TWO", "internal", "http://two.inside"), ("Two", "public", "http://two.setting"),
    ("Three", "public", "http://three"), ("Three", "internal", None), ("Four", "public", None),
]  # fmt: skip


@pytest.mark.parametrize(("region", "interface", "expected"), ROWS)
def test_endpoint(region: str, interface: str, expected: str | None) -> None:
    keys = {"glance_region": region, "glance_image_id": IMAGE, "glance_service_interface": interface}
    wanted = region_image(keys)
    if expected is None:
        with pytest.raises(Invalid, match="glance_region"):
            endpoint_of(wanted, CALLER, SETTINGS)
    else:
        assert endpoint_of(wanted, CALLER, SETTINGS) == expected


class Watch:
    def __init__(self) -> None:
        self.now = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_token_until_the_end() -> None:
    vault = Vault(Watch())
    vault.put("1", "token")
    with pytest.raises(Unavailable), vault.until_the_end("1"):
        raise Unavailable("the store is away")
    assert vault.find("1") == "token"
    with pytest.raises(KeyError), vault.until_the_end("1"):
        raise KeyError
    assert vault.find("1") is None
    vault.put("2", "token")
    with vault.until_the_end("2"):
        assert vault.find("2") == "token"
    assert vault.find("2") is None


def test_token_of_a_task_that_never_ends() -> None:
    watch = Watch()
    vault = Vault(watch)
    vault.put("1", "token")
    watch.now += LIFETIME - timedelta(seconds=1)
    assert vault.find("1") == "token"
    watch.now += timedelta(seconds=1)
    assert vault.find("1") is None
    vault.put("2", "other")
    assert list(vault._kept) == ["2"]


def test_a_caller_does_not_show_its_token() -> None:
    caller = Caller("alice", "p1", token="sekrit", image_endpoints={("two", "public"): "http://x"})
    assert "sekrit" not in repr(caller)
    assert caller == Caller("alice", "p1")
    assert hash(caller) == hash(Caller("alice", "p1"))
