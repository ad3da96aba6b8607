"""Keystone out of reach: what goes on, what waits, and what is said."""

from __future__ import annotations

import pytest

from catalog.api.identity.opening import open_identity
from catalog.clock import monotonic
from catalog.errors import Unavailable
from catalog.settings import build
from tests.api.support import UNUSED
from tests.e2e.support import OCTETS, Client
from tests.identity.conftest import People, User, settings
from tests.servers.calotype import Calotype


def test_keystone_down(people: People, catalog: Calotype, asking: Calotype):
    token = people.cloud.token("alice", "red")
    known, always = User(catalog.url, token), User(asking.url, token)
    assert known.statuses(("GET", "/v2/images")) == [200]
    people.cloud.keystone.stop()
    try:
        assert known.statuses(("GET", "/v2/images")) == [200], "the cache goes on"
        for refused in (always.call("GET", "/v2/images"), User(catalog.url, "new").call("GET", "/v2/images")):
            assert refused.status_code == 503
            assert int(refused.headers["Retry-After"]) > 0
        assert Client(asking.url).call("GET", "/v2/images").status_code == 401, "no token, nothing to ask"
        assert Client(asking.url).call("GET", "/healthcheck").status_code == 200
        put = always.call("PUT", f"/v2/images/{UNUSED}/file", data=b"x" * 100_000, headers=OCTETS)
        assert put.status_code == 503
    finally:
        people.cloud.keystone.start()
    assert always.statuses(("GET", "/v2/images")) == [200]


def test_look_at_keystone(people: People):
    identity = open_identity(build(settings(people.cloud)), monotonic)
    hasty = open_identity(build(settings(people.cloud, keystone_http_connect_timeout=1)), monotonic)
    identity.check()
    people.cloud.keystone.pause()
    try:
        with pytest.raises(Unavailable):
            hasty.check()
    finally:
        people.cloud.keystone.resume()
    identity.check()


def test_catalog_that_starts_before_keystone_and_one_with_a_wrong_password(people: People):
    token = people.cloud.token("alice", "red")
    with Calotype(**settings(people.cloud, keystone_password="wrong-secret")) as running:
        answer = User(running.url, token).call("GET", "/v2/images")
        assert answer.status_code == 503
        assert "wrong-secret" not in running.printed() + answer.text
    people.cloud.keystone.stop()
    try:
        with Calotype(**settings(people.cloud)) as running:
            assert User(running.url, token).statuses(("GET", "/v2/images")) == [503]
            people.cloud.keystone.start()
            assert User(running.url, token).statuses(("GET", "/v2/images")) == [200]
    finally:
        if not people.cloud.keystone.running:
            people.cloud.keystone.start()
