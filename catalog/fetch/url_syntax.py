"""The parts of an http(s) URL, read strictly.

Owns which spellings are refused: all that two programs could read in two ways. Must never resolve a name nor know
which hosts are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import unquote, urlsplit

from catalog.errors import Invalid
from catalog.fetch.addresses import Address

DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_MAX_LENGTH = 8192
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_ENDS_IN_NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(:(?P<port>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SplitUrl:
    """A URL in parts; ``host`` is in lower case and without brackets, ``address`` set if it is a literal.

    ``path`` is what is sent to the server: path and query.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    address: Address | None

    @property
    def origin(self) -> tuple[str, str, int]:
        """Whom a request goes to."""
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def split_url(url: object) -> SplitUrl:
    """Take a URL apart. Raises Invalid, which names what is wrong and repeats nothing that could be a secret."""
    if not isinstance(url, str) or not url:
        raise Invalid("The URL is missing")
    if len(url) > _MAX_LENGTH:
        raise Invalid(f"The URL is longer than {_MAX_LENGTH} characters")
    if not re.fullmatch(r"[!-~]+", url):
        raise Invalid("The URL has spaces, control characters or characters outside of ASCII; write them encoded")
    if "\\" in url:
        raise Invalid("The URL has a backslash")
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in DEFAULT_PORTS:
        raise Invalid("The URL's scheme is not allowed: it must begin with http:// or https://")
    host, port = _split_authority(re.split(r"[/?#]", rest, maxsplit=1)[0], scheme)
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return SplitUrl(url, scheme, host, port, path, _literal(host))


def split_below(url: object) -> SplitUrl:
    """Take a URL apart that must stay below the folder that it begins with. Raises Invalid, also for a step upwards.

    Steps are looked for as servers may see them: encoded, encoded twice, with parameters, after a backslash.
    """
    parts = split_url(url)
    path, plain = "", parts.path.partition("?")[0]
    while path != plain:
        path, plain = plain, unquote(plain)
    if any(segment.partition(";")[0] in (".", "..") for segment in re.split(r"[/\\]", path)):
        raise Invalid("The URL's path has a step upwards, or to where it is")
    return parts


def _split_authority(authority: str, scheme: str) -> tuple[str, int]:
    if "@" in authority:
        raise Invalid("The URL has credentials before its host, which are not supported")
    match = _AUTHORITY.fullmatch(authority)
    if match is None or not match["host"].strip("[]"):
        raise Invalid("The URL has no valid host")
    port = match["port"] or str(DEFAULT_PORTS[scheme])
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise Invalid("The URL's port must be a number from 1 to 65535")
    return _checked_host(match["host"].lower()), int(port)


def _checked_host(host: str) -> str:
    if host.startswith("["):
        if "%" in host:
            raise Invalid("The URL's host has a zone")
        try:
            return str(IPv6Address(host[1:-1]))
        except ValueError:
            raise Invalid("The URL's host is no valid IPv6 address") from None
    if host.endswith("."):
        raise Invalid("The URL's host ends in a dot")
    if _ENDS_IN_NUMBER.fullmatch(host) and _literal(host) is None:
        raise Invalid("The URL's host must be a name or an address of four decimal numbers")
    if not _NAME.fullmatch(host):
        raise Invalid("The URL's host is no valid name")
    return host


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
