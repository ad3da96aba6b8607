"""Which URLs are refused: each odd spelling, each special network."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.errors import Invalid
from catalog.fetch.addresses import METADATA
from catalog.fetch.url_syntax import split_url
from tests.fetch.conftest import Names
from tests.fetch.filtering import PUBLIC, url_filter


def refusal(url: Any, names: Names | None = None, **settings: Any) -> str:
    with pytest.raises(Invalid) as caught:
        url_filter(names, **settings).check(url)
    return caught.value.message


SPELLINGS = [
    # one address in many clothes
    "2130706433", "0x7f000001", "0x7f.1", "0x7F.0x0.0x0.0x1", "0177.0.0.1", "017700000001", "127.1", "127.0.1",
    "127.0.0.01", "127.0.0.1.", "127.0.0.0x1", "0", "0x0", "00.0.0.0", "127.0.0.256", "1.2.3.4.5", "999999999999",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]",
    "[::ffff:0:127.0.0.1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]", "[2001:db8::5efe:127.0.0.1]", "[2600::5efe:127.0.0.1]", "[2600::200:5efe:10.0.0.1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::0001]",
    "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[::ffff:169.254.169.254]", "[64:ff9b::100.100.100.200]",
    # zones, and things that are no addresses
    "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%251]", "[v1.x]", "[]", "[::1", "::1", "[127.0.0.1]", "[::1]x",
    "[[::1]]", "[1:2]", "[public]",
    # names
    "public.", "public..", ".public", "pub..lic", "-public", "public-", "a" * 64, ".".join(["a" * 60] * 5),
    "pub%6cic", "%31%32%37.0.0.1", "public%00.example.org", "pub,lic", "pub;lic", "pub'lic", "pub*lic", "pub$lic",
    "\u2460\u2461\u2466.0.0.1", "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "\u2024", "pub\u00adlic",
    "\u0440ublic", "loc\u212ahost", "stra\u00dfe.example", "\u200bpublic",
]  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
@pytest.mark.parametrize("tail", ["/x", ":80/x", ""])
def test_odd_spellings(host: str, tail: str) -> None:
    names = Names(**{host: [PUBLIC] for host in SPELLINGS})  # even if a resolver knew them
    assert refusal(f"http://{host}{tail}", names)
    assert names.lookups == []


ELSEWHERE = [
    "", " ", None, 7, b"http://public/", "public", "//public/x", "/x", "http:", "http:/public", "http:public",
    "http://", "http:///x", "http://:80/", "http://?x", "http://#x", "https://", "http:\\\\public\\x",
    "http://public\\@127.0.0.1/", "http://127.0.0.1\\.public/", "http:/\\public/", "http://public/\\x",
    "ftp://public/x", "file:///etc/passwd", "file://public/x", "gopher://public/", "data:text/plain,x",
    "jar:http://public/!/x", "javascript://public/%0a", "s3://bucket/key", "HTTPX://public/", "http+unix://public/",
    " http://public/", "http://public/ ", "http://pub lic/", "ht\ttp://public/", "http://public/\r\nHost: x",
    "http://public\r\n/", "http://public/\x00", "http://public/\x7f", "\x01http://public/", "http://public/\u00e4",
    "http://public\t/", "http://public/\x85", "http://user@public/", "http://user:secret@public/", "http://@public/",
    "http://public@127.0.0.1/", "http://127.0.0.1#@public/", "http://127.0.0.1:80@public/", "http://a@b@public/",
    "http://public:0/", "http://public:65536/", "http://public:99999/", "http://public:-1/", "http://public:80:80/",
    "http://public:8o/", "http://public:+80/", "http://public:0x50/", "http://public: 80/", "http://public:\u0661/",
    "http://public:000080/", "http://public:80,443/", "http://public/" + "x" * 9000,
]  # fmt: skip


@pytest.mark.parametrize("url", ELSEWHERE)
def test_other_parts_of_a_url(url: Any) -> None:
    message = refusal(url)
    assert "secret" not in message
    assert "127.0.0.1" not in message


NETWORKS = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
    "127.255.255.254",
    "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8",
    "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "2001::1", "2001:20::1", "2001:db8::1", "2002:c0a8:1::1", "3fff::1",
    "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
    "4000::1", *sorted(map(str, METADATA)),
]  # fmt: skip


def _literal(address: str) -> str:
    return f"http://[{address}]/" if ":" in address else f"http://{address}/"


@pytest.mark.parametrize("address", NETWORKS)
def test_special_networks_are_refused(address: str) -> None:
    assert refusal(_literal(address)) == refusal("http://inside/", Names(inside=[address]))


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1",
                                     "11.0.0.1", "9.255.255.255", "223.255.255.255", "2606:2800::1", "2a00::1",
                                     "64:ff9b::8.8.8.8", "2002:808:808::1"])  # fmt: skip
def test_public_addresses_pass(address: str) -> None:
    assert [str(found) for found in url_filter().target(_literal(address)).addresses] == [str(_address(address))]
    assert url_filter(Names(outside=[address])).target("https://outside/").addresses == (_address(address),)


def _address(text: str) -> IPv4Address | IPv6Address:
    return IPv6Address(text) if ":" in text else IPv4Address(text)


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [("http://public", "public", 80, "/"), ("HTTPS://PuBlic/A?b=c#d", "public", 443, "/A?b=c"),
     ("http://public:443/", "public", 443, "/"), ("http://public?x", "public", 80, "/?x"),
     ("http://public:/x", "public", 80, "/x"),
     ("http://a_b.c-d.xn--strae-oqa/%20", "a_b.c-d.xn--strae-oqa", 80, "/%20"),
     ("http://public/@x:y", "public", 80, "/@x:y"), ("http://1.example/", "1.example", 80, "/"),
     ("http://public//a/../b", "public", 80, "//a/../b"), ("http://public/?a=@b", "public", 80, "/?a=@b")],
)  # fmt: skip
def test_what_is_understood(url: str, host: str, port: int, path: str) -> None:
    names = Names(**{host: [PUBLIC]})
    parts = url_filter(names).target(url).parts
    assert (parts.host, parts.port, parts.path) == (host, port, path)
    assert names.lookups == [host]


def test_all_addresses_are_examined() -> None:
    names = Names(mixed=["127.0.0.1", PUBLIC, "10.0.0.1", "::1", "fe80::1%eth0", PUBLIC])
    assert url_filter(names).target("http://mixed/").addresses == (IPv4Address(PUBLIC),)


@pytest.mark.parametrize("addresses", [[], ["127.0.0.1", "::1"]])
def test_a_host_within_looks_like_none_at_all(addresses: list[str]) -> None:
    unknown = refusal("http://unknown/")
    assert refusal("http://inside/", Names(inside=addresses)) == unknown
    assert "address" in unknown


PRIVATE = st.one_of(*(st.ip_addresses(v=4, network=network) for network in (
    "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))  # fmt: skip


WRAPPINGS = (
    lambda low: low,
    lambda low: 0xFFFF << 32 | low,
    lambda low: 0xFFFF << 48 | low,
    lambda low: 0x64FF9B << 96 | low,
    lambda low: 0x2002 << 112 | low << 80 | 1,
    lambda low: 0x2600 << 112 | 0x5EFE << 32 | low,
    lambda low: 0x20010000 << 96 | 0x08080808 << 64 | (low ^ 0xFFFFFFFF),
)


@given(PRIVATE, st.sampled_from(WRAPPINGS))
def test_no_wrapping_hides_a_private_address(address: IPv4Address, wrap: Any) -> None:
    assert refusal(f"http://[{IPv6Address(wrap(int(address)))}]/")
    assert not any(address in IPv4Network(network) for network in ("8.0.0.0/8", "93.0.0.0/8"))


@given(st.text(max_size=40).map("http://".__add__) | st.text(alphabet="htp:/\\@[]#?%.0127x af", max_size=30))
@example("http://[::1]:80/")
@example("http://0x7f.1")
def test_any_text_is_read_as_others_read_it_or_refused(text: str) -> None:
    try:
        parts = split_url(text)
    except Invalid:
        return
    assert urlsplit(text).hostname == parts.host or str(_address(urlsplit(text).hostname or "")) == parts.host
    seen = urllib3.util.parse_url(text)
    assert (seen.host or "").strip("[]") in (parts.host, (urlsplit(text).hostname or ""))
    assert (seen.port or {"http": 80, "https": 443}[parts.scheme]) == parts.port
    assert seen.auth is None
