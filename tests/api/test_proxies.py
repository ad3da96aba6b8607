"""Proxies in front: what they say counts, what others say does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from catalog.settings import SettingsError, build
from tests.api.support import Api

PROXY, FAR = "10.1.2.3", "203.0.113.9"
SAID = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "images.example.org:8443"}


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    made = Api(trusted_proxies="10.0.0.0/8,fd00::/8,192.0.2.7")
    yield made
    made.close()


def asked(api: Api, sender: str, **headers: str) -> tuple[str, str]:
    """Give the base of links and the address that is logged."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with capture_logs() as lines:
        answer = api.get("/versions", None, headers=named, environ_overrides={"REMOTE_ADDR": sender})
        answer.close()
    href = answer.json["versions"][0]["links"][0]["href"]
    (line,) = (line for line in lines if line["event"] == "request")
    return href.removesuffix("/v2/"), line["remote"]


@pytest.mark.parametrize("sender", [PROXY, "fd00::1", "192.0.2.7", "::ffff:10.1.2.3"])
def test_proxy_is_believed(api: Api, sender: str):
    assert asked(api, sender, **SAID, X_Forwarded_For=FAR) == ("https://images.example.org:8443", FAR)


@pytest.mark.parametrize("sender", [FAR, "127.0.0.1", "::1", "192.0.2.8", "", "nonsense"])
def test_others_are_not(api: Api, sender: str):
    assert asked(api, sender, **SAID, X_Forwarded_For="1.1.1.1") == ("http://localhost", sender)


def test_without_the_setting_nobody_is():
    api = Api()
    assert asked(api, PROXY, **SAID, X_Forwarded_For=FAR) == ("http://localhost", PROXY)
    api.close()


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        (f"1.1.1.1, {FAR}", FAR),
        (f"1.1.1.1,{FAR},10.9.9.9", FAR),
        (f"{FAR}, [fd00::5]", FAR),
        ("10.7.7.7,10.8.8.8", "10.7.7.7"),
        (f"{FAR}, nonsense", PROXY),
        (f"{FAR}, nonsense, 10.8.8.8", "10.8.8.8"),
        ("", PROXY),
    ],
)
def test_nearest_address_that_is_no_proxy(api: Api, chain: str, client: str):
    assert asked(api, PROXY, X_Forwarded_For=chain)[1] == client


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        ({"X-Forwarded-Proto": "http, https"}, "https://localhost"),
        ({"X-Forwarded-Proto": "javascript"}, "http://localhost"),
        ({"X-Forwarded-Host": "evil.example, good.example"}, "http://good.example"),
        ({"X-Forwarded-Host": "good.example/path"}, "http://localhost"),
        ({"X-Forwarded-Host": "user@good.example"}, "http://localhost"),
        ({"X-Forwarded-Host": "[2001:db8::1]:443"}, "http://[2001:db8::1]:443"),
    ],
)
def test_last_word_and_no_nonsense(api: Api, headers: dict[str, str], base: str):
    assert asked(api, PROXY, **headers)[0] == base


def test_links_and_location(api: Api):
    made = api.post({"name": "one"}, headers=SAID, environ_overrides={"REMOTE_ADDR": PROXY})
    assert made.headers["Location"] == f"https://images.example.org:8443/v2/images/{made.json['id']}"
    root = api.get("/v2", None, headers=SAID, environ_overrides={"REMOTE_ADDR": PROXY})
    assert root.headers["Location"] == "https://images.example.org:8443/v2/"


def test_networks_that_are_none():
    wrong: Any
    for wrong in ("proxy.example", "10.0.0.0/99"):
        with pytest.raises(SettingsError, match="setting trusted_proxies: must be addresses or networks"):
            build({"trusted_proxies": wrong})
