"""A URL filter that also lets through services which the operator or the identity service has named.

Owns what being named means: that very scheme, host and port, wherever the name leads. Must never widen anything else:
a redirect to another place is judged as every URL is.
"""

from __future__ import annotations

from catalog.errors import Invalid
from catalog.fetch.url_filter import Resolve, Target, Unresolved, UrlFilter
from catalog.fetch.url_syntax import split_url
from catalog.settings import Settings, SettingsError


class TrustingFilter(UrlFilter):
    """Judges URLs; the services of the setting ``glance_endpoints`` may lie inside."""

    def __init__(self, settings: Settings, resolve: Resolve | None = None) -> None:
        """Raise SettingsError for an address that is no URL."""
        super().__init__(settings, resolve)
        try:
            self._origins = frozenset(split_url(address).origin for _, address in settings.glance_endpoints)
        except Invalid as error:
            raise SettingsError(f"setting glance_endpoints: {error.message}") from error

    def trust(self, url: str) -> None:
        """Let through, from now on, the scheme, host and port of a URL that no client has chosen. Raises Invalid."""
        self._origins |= {split_url(url).origin}

    def target(self, url: str) -> Target:
        """Give the addresses that a URL may be fetched from at this moment. Raises Invalid, Unresolved."""
        parts = split_url(url)
        if parts.origin not in self._origins:
            return super().target(url)
        addresses = self._addresses(parts)
        if not addresses:
            raise Unresolved("The image service has no address")
        return Target(parts, addresses)
