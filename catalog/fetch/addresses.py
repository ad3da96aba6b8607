"""Which IP addresses lead into networks that a stranger's URL must not reach.

Owns the tables of special networks. Must never resolve a name nor know a setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

METADATA: frozenset[Address] = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # most clouds
        "169.254.169.253",  # AWS, names
        "169.254.169.123",  # AWS, time
        "169.254.170.2",  # AWS, credentials of containers
        "169.254.170.23",  # AWS, credentials of pods
        "169.254.0.23",  # Tencent
        "168.63.129.16",  # Azure, a public address
        "100.100.100.200",  # Alibaba
        "192.0.0.192",  # Oracle
        "fd00:ec2::254",  # AWS
        "fd00:ec2::23",
        "fd20:ce::254",  # Google
        "fd00:c1::a9fe:a9fe",  # Oracle
        "fd00:42::42",  # Scaleway
    )
)
"""Services that give a machine's credentials to whoever asks from inside."""

_SPECIAL: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host and network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocols
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # IETF protocols, Teredo
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
"""All of IPv6 that is handed out: loopback, mapped, ULA, link-local, site-local and multicast lie outside."""
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})


def is_public(address: Address) -> bool:
    """Tell whether an address, and each IPv4 address that it stands for, belongs to the public internet."""
    return all(_is_plain_public(one) for one in (address, *_embedded(address)))


def is_metadata(address: Address) -> bool:
    """Tell whether an address, or an IPv4 address inside of it, is a cloud's metadata service."""
    return any(one in METADATA for one in (address, *_embedded(address)))


def _is_plain_public(address: Address) -> bool:
    if address in METADATA or any(address in network for network in _SPECIAL):
        return False
    if isinstance(address, IPv6Address):
        return address in _GLOBAL_V6 or address in _NAT64
    return address.is_global  # what the standard library learns of later is refused too


def _embedded(address: Address) -> Iterator[IPv4Address]:
    """Give the IPv4 addresses that gateways may turn an IPv6 address into."""
    if isinstance(address, IPv4Address):
        return
    value = int(address)
    high, low = value >> 32, value & 0xFFFFFFFF
    if high in (0, 0xFFFF, 0xFFFF0000) or address in _NAT64 or (high & 0xFFFFFFFF) in _ISATAP:
        yield IPv4Address(low)
    if address in _SIX_TO_FOUR:
        yield IPv4Address(value >> 80 & 0xFFFFFFFF)
    if address.teredo is not None:
        yield from address.teredo
