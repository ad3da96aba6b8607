"""How Swift is logged in to, and what is missing for that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from backends.swift.login import SwiftOptions, make_login
from catalog.store.errors import (
    Denied,
    StoreError,
    Unavailable,
)
from tests.conformance.swift_secrets import KEY, TOKEN
from tests.servers.scripted import Reply, ScriptedServer


@pytest.fixture
def script() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


MISSING: list[tuple[dict[str, str], dict[str, str], str]] = [
    ({}, {}, "OS_AUTH_URL"),
    ({"auth_url": "http://h/v3"}, {}, "swift_user"),
    ({}, {"OS_AUTH_URL": "http://h/v3", "OS_USERNAME": "u"}, "OS_PASSWORD"),
    ({"auth_url": "http://h/auth/v1.0", "user": "a:u"}, {}, "swift_key"),
]


@pytest.mark.parametrize(("options", "environ", "named"), MISSING, ids=range(len(MISSING)))
def test_what_is_missing_is_named(options: dict[str, str], environ: Mapping[str, str], named: str) -> None:
    with pytest.raises(Denied, match=named):
        make_login(SwiftOptions(**options), environ)


def catalog_of(endpoint: str) -> list[dict[str, object]]:
    addresses = {"public": f"{endpoint}/v1/AUTH_public", "internal": f"{endpoint}/v1/AUTH_internal"}
    endpoints = [
        {"id": name, "interface": name, "region": "R", "region_id": "R", "url": url} for name, url in addresses.items()
    ]
    return [{"type": "object-store", "name": "swift", "id": "s", "endpoints": endpoints}]


@pytest.mark.parametrize("interface", ["public", "internal"])
def test_login_with_keystone(script: ScriptedServer, interface: str) -> None:
    token = {
        "methods": ["password"], "user": {"id": "u", "name": "images", "domain": {"id": "d", "name": "D"}},
        "issued_at": "2026-01-01T00:00:00.000000Z", "expires_at": "2099-01-01T00:00:00.000000Z",
        "catalog": catalog_of(script.endpoint),
    }  # fmt: skip
    script.otherwise = Reply(201, json.dumps({"token": token}).encode(), {"X-Subject-Token": TOKEN})
    environ = {
        "OS_AUTH_URL": f"{script.endpoint}/v3", "OS_USERNAME": "images", "OS_PASSWORD": KEY,
        "OS_PROJECT_NAME": "service", "OS_USER_DOMAIN_NAME": "Users",
        "OS_PROJECT_DOMAIN_NAME": "Projects", "OS_INTERFACE": interface,
    }  # fmt: skip
    login = make_login(SwiftOptions(), environ)
    assert (login.token(), login.storage_url()) == (TOKEN, f"{script.endpoint}/v1/AUTH_{interface}")
    (request,) = script.requests
    sent = json.loads(request.body)["auth"]
    assert request.path == "/v3/auth/tokens"
    assert sent["identity"]["password"]["user"] == {"name": "images", "password": KEY, "domain": {"name": "Users"}}
    assert sent["scope"] == {"project": {"name": "service", "domain": {"name": "Projects"}}}
    login.forget()
    assert login.token() == TOKEN
    assert len(script.requests) == 2


@pytest.mark.parametrize(("status", "expected"), [(401, Denied), (404, Denied), (503, Unavailable)])
def test_a_refused_login(script: ScriptedServer, status: int, expected: type[StoreError]) -> None:
    script.otherwise = Reply(status)
    for url in (f"{script.endpoint}/v3", f"{script.endpoint}/auth/v1.0"):
        login = make_login(SwiftOptions(auth_url=url, user="a:u", key=KEY), {})
        with pytest.raises(expected) as raised:
            login.token()
        assert KEY not in str(raised.value)
    assert KEY not in repr(SwiftOptions(key=KEY, credential_secret=KEY, temp_url_key=KEY))


def test_an_application_credential() -> None:
    options = SwiftOptions(auth_url="http://127.0.0.1:1/v3", credential_id="id", credential_secret=KEY)
    with pytest.raises(Unavailable):
        make_login(options, {}).token()
