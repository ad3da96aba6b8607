"""The limit on requests of one address."""

from __future__ import annotations

from catalog.api.rate import Rate
from tests.api.support import Api


def test_bucket_empties_and_fills():
    now = [100.0]
    rate = Rate(2.0, 3, lambda: now[0])
    assert [rate.wait("192.0.2.1") for _ in range(4)] == [0, 0, 0, 0.5]
    now[0] += 0.25
    assert rate.wait("192.0.2.1") == 0.25, "a refused request takes nothing"
    now[0] += 0.25
    assert [rate.wait("192.0.2.1") for _ in range(2)] == [0, 0.5]
    now[0] += 3600
    assert [rate.wait("192.0.2.1") for _ in range(4)] == [0, 0, 0, 0.5]


def test_addresses_are_apart_and_networks_of_ipv6_together():
    rate = Rate(1.0, 1, lambda: 0.0)
    assert rate.wait("192.0.2.1") == 0
    assert rate.wait("192.0.2.2") == 0
    assert rate.wait("::ffff:192.0.2.2") == 1.0
    assert rate.wait("2001:db8:0:1::1") == 0
    assert rate.wait("2001:db8:0:1:ffff::2") == 1.0
    assert rate.wait("2001:db8:0:2::1") == 0
    assert (rate.wait(""), rate.wait("")) == (0, 1.0)


def test_memory_is_bounded():
    rate = Rate(1.0, 1, lambda: 0.0, most=2)
    assert [rate.wait(f"192.0.2.{last}") for last in (1, 2, 3)] == [0, 0, 0]
    assert rate.wait("192.0.2.3") == 1.0
    assert rate.wait("192.0.2.1") == 0, "forgotten"


def test_too_many_requests():
    api = Api(rate_limit=0.001, rate_limit_burst=2)
    assert [api.get("/v2/images", None).status_code, api.get("/v2/images").status_code] == [401, 200]
    for refused in (api.get("/v2/images"), api.get("/versions", None), api.post({"name": "one"})):
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 1000
    assert api.get("/healthcheck", None).status_code == 200
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert api.get("/v2/images", environ_overrides=far).status_code == 200
    api.close()


def test_no_limit_by_default():
    api = Api()
    assert {api.get("/versions", None).status_code for _ in range(150)} == {200}
    api.close()
