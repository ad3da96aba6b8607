"""Services that the operator names: they may lie inside, and nothing else may because of them."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.errors import Invalid
from catalog.fetch.trusted import TrustingFilter
from catalog.settings import SettingsError, build

INSIDE = "https://images.two.example:9292"
ROWS = [
    (f"{INSIDE}/v2/images/x", True),
    ("https://IMAGES.two.example:9292/", True),
    ("http://images.two.example:9292/", False),
    ("https://images.two.example/", False),
    ("https://images.two.example:9293/", False),
    ("https://other.example:9292/", False),
    ("https://10.0.0.1:9292/", False),
    ("https://user:word@images.two.example:9292/", False),
]


def resolve(host: str, port: int) -> list[str]:
    return ["10.0.0.1", "127.0.0.1"]


def make(**settings: Any) -> TrustingFilter:
    return TrustingFilter(build(settings), resolve)


@pytest.mark.parametrize(("url", "passes"), ROWS)
def test_named_origin(url: str, passes: bool) -> None:
    judge = make(glance_endpoints=f"Two={INSIDE}")
    if passes:
        assert [str(address) for address in judge.target(url).addresses] == ["10.0.0.1", "127.0.0.1"]
    else:
        with pytest.raises(Invalid):
            judge.check(url)


def test_name_without_address() -> None:
    made = build({"glance_endpoints": f"Two={INSIDE}"})
    with pytest.raises(Invalid, match="no address"):
        TrustingFilter(made, lambda host, port: []).check(INSIDE)


@pytest.mark.parametrize(
    "value", ["Two", "Two=", "=http://x", "Two=ftp://x", "Two=http://u:p@x", "A=http://x,a=http://y"]
)
def test_bad_setting(value: str) -> None:
    with pytest.raises(SettingsError, match="glance_endpoints"):
        build({"glance_endpoints": value})


def test_address_that_is_no_url() -> None:
    with pytest.raises(SettingsError, match="glance_endpoints"):
        make(glance_endpoints="Two=http://0x7f.1")


def test_service_of_the_identity_services_catalog() -> None:
    judge = make()
    with pytest.raises(Invalid):
        judge.check(f"{INSIDE}/v2/images/x")
    judge.trust(f"{INSIDE}/v2/images/x")
    for url, passes in ROWS:
        if passes:
            judge.check(url)
        else:
            with pytest.raises(Invalid):
                judge.check(url)
