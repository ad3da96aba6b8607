"""Fetching over TLS: names, authorities, and no way back to http."""

from __future__ import annotations

import pytest

from catalog.errors import Invalid
from catalog.settings import SettingsError
from tests.fetch.certificates import Authority
from tests.fetch.conftest import Fetching
from tests.fetch.failing import DATA, failure
from tests.fetch.source import Reply, Source, serving


def test_tls_speaks_of_the_name(authority: Authority) -> None:
    with Source(authority.context("source.test")) as source:
        source.answer = serving(DATA, cuts=[5000])
        fetching = Fetching(source, web_ca_bundle=str(authority.bundle))
        assert fetching.read(source.url()) == DATA
        assert source.requests[0].headers["host"] == f"source.test:{source.port}"


def test_tls_with_an_address(authority: Authority) -> None:
    with Source(authority.context("127.0.0.1")) as source:
        source.answer = serving(DATA)
        fetching = Fetching(source, web_ca_bundle=str(authority.bundle), allowed_hosts="127.0.0.1")
        assert fetching.read(source.url(host="127.0.0.1")) == DATA


@pytest.mark.parametrize(("named", "trusted"), [("evil.test", True), ("127.0.0.1", True), ("source.test", False)])
def test_tls_is_verified(authority: Authority, named: str, trusted: bool) -> None:
    with Source(authority.context(named)) as source:
        source.answer = serving(DATA)
        fetching = Fetching(source, **({"web_ca_bundle": str(authority.bundle)} if trusted else {}))
        error = failure(fetching, source.url())
        assert isinstance(error, Invalid)
        assert "certificate" in error.message
        assert (source.requests, fetching.slept) == ([], [])


def test_no_way_from_https_to_http(authority: Authority, source: Source) -> None:
    with Source(authority.context("source.test")) as secure:
        fetching = Fetching(source, secure, web_ca_bundle=str(authority.bundle))
        source.give(Reply(302, b"", {"Location": secure.url()}))
        secure.give(Reply(200, DATA))
        assert fetching.read(source.url()) == DATA
        secure.give(Reply(302, b"", {"Location": source.url("plain")}))
        source.requests.clear()
        assert "https to http" in failure(fetching, secure.url()).message
        assert source.requests == []


def test_authorities_that_cannot_be_read_are_named() -> None:
    with pytest.raises(SettingsError, match="web_ca_bundle"):
        Fetching(web_ca_bundle="/nowhere/bundle.pem", allowed_ports="80")
