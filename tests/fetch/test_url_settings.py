"""Which URLs are refused by the settings, and that no wrapping of an address matters."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest

from catalog.errors import Invalid
from catalog.settings import SettingsError, build
from tests.fetch.conftest import Names
from tests.fetch.filtering import PUBLIC, url_filter

HOSTS: list[tuple[dict[str, Any], str, bool]] = [
    ({"allowed_hosts": "inside"}, "http://inside/", True),
    ({"allowed_hosts": "INSIDE"}, "http://Inside/", True),
    ({"allowed_hosts": "inside"}, "http://10.0.0.5/", False),
    ({"allowed_hosts": "inside"}, "http://public/", False),
    ({"allowed_hosts": "inside,*"}, "http://public/", True),
    ({"allowed_hosts": "inside,*"}, "http://inside/", True),
    ({"allowed_hosts": "*"}, "http://inside/", False),
    ({"allowed_hosts": "10.0.0.5"}, "http://inside/", True),
    ({"allowed_hosts": "10.0.0.0/8"}, "http://inside/", True),
    ({"allowed_hosts": "10.0.0.0/8"}, "http://10.0.0.7/", True),
    ({"allowed_hosts": "10.0.0.0/8"}, "http://[::ffff:10.0.0.7]/", False),
    ({"allowed_hosts": "10.0.0.0/8"}, "http://public/", False),
    ({"allowed_hosts": "127.0.0.1"}, "http://127.0.0.1/", True),
    ({"allowed_hosts": "127.0.0.1"}, "http://127.1/", False),
    ({"allowed_hosts": "127.0.0.1"}, "http://localhost/", True),
    ({"allowed_hosts": "[::1]"}, "http://[0::1]/", True),
    ({"allowed_hosts": "fd00::/8"}, "http://[fd12::1]/", True),
    ({"allowed_hosts": "fd00::/8"}, "http://[fd00:ec2::254]/", False),
    ({"allowed_hosts": "0.0.0.0/0"}, "http://169.254.169.254/", False),
    ({"allowed_hosts": "metadata"}, "http://metadata/", False),
    ({"allowed_hosts": "169.254.169.254"}, "http://metadata/", True),
    ({"allowed_hosts": "0.0.0.0/0"}, "http://inside/", True),
    ({"disallowed_hosts": "public"}, "http://public/", False),
    ({"disallowed_hosts": "public"}, f"http://{PUBLIC}/", True),
    ({"disallowed_hosts": PUBLIC}, "http://public/", False),
    ({"disallowed_hosts": "93.184.0.0/16"}, "http://public/", False),
    ({"disallowed_hosts": "other"}, "http://public/", True),
    ({"disallowed_hosts": "other"}, "http://inside/", False),
    ({"disallowed_hosts": "*"}, "http://public/", False),
    ({"disallowed_hosts": "public", "allowed_hosts": "public"}, "http://public/", True),
    ({"allowed_ports": "8080"}, "http://public:8080/", True),
    ({"allowed_ports": "8080"}, "http://public/", False),
    ({"allowed_ports": [80]}, "https://public/", False),
    ({"disallowed_ports": "80"}, "http://public/", True),
    ({"allowed_ports": "", "disallowed_ports": "80"}, "http://public/", False),
    ({"allowed_ports": "", "disallowed_ports": "80"}, "http://public:81/", True),
    ({}, "http://public:22/", False),
    ({"allowed_schemes": "https"}, "http://public/", False),
    ({"allowed_schemes": "https"}, "https://public/", True),
    ({"allowed_schemes": "", "disallowed_schemes": "http"}, "http://public/", False),
    ({"allowed_schemes": "", "disallowed_schemes": "http"}, "https://public/", True),
    ({"allowed_schemes": "ftp,file"}, "ftp://public/", False),
    ({"allowed_schemes": ""}, "file:///etc/passwd", False),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "url", "passes"), HOSTS)
def test_lists_of_the_settings(settings: dict[str, Any], url: str, passes: bool) -> None:
    names = Names(public=[PUBLIC], inside=["10.0.0.5"], localhost=["127.0.0.1"], metadata=["169.254.169.254"])
    checked = url_filter(names, **settings)
    if passes:
        assert checked.target(url).addresses
    else:
        with pytest.raises(Invalid):
            checked.check(url)


@pytest.mark.parametrize(
    ("name", "value"),
    [("allowed_hosts", "10.0.0.1/8"), ("allowed_hosts", "a b"), ("disallowed_hosts", "127.1"), ("allowed_ports", "0"),
     ("allowed_ports", "65536"), ("disallowed_ports", "http"), ("allowed_ports", [-1])],
)  # fmt: skip
def test_wrong_settings_are_named(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=name):
        build({name: value})


def test_a_name_is_looked_up_once_for_each_check() -> None:
    names = Names(rebinding=[[PUBLIC], ["127.0.0.1"]])
    target = url_filter(names).target("http://rebinding/")
    assert target.addresses == (IPv4Address(PUBLIC),)
    assert names.lookups == ["rebinding"]
