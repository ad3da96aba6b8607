"""The URL filter of one store on the web that the operator has named.

Owns what being named means: that scheme, host and port may lie inside. Must never widen anything else: a redirect to
another place is judged as every URL is.
"""

from __future__ import annotations

from catalog.errors import Invalid, TransferBroken
from catalog.fetch.url_filter import Resolve, Target, UrlFilter
from catalog.fetch.url_syntax import split_below, split_url
from catalog.settings import Settings, SettingsError


class MirrorFilter(UrlFilter):
    """Judges the URLs of a store whose addresses begin with ``base``, and where it redirects to."""

    def __init__(self, settings: Settings, base: str, resolve: Resolve | None = None) -> None:
        """Raise SettingsError if ``base`` is no URL that can be read in one way alone."""
        super().__init__(settings, resolve)
        try:
            self._origin = split_below(base).origin
        except Invalid as error:
            raise SettingsError(f"setting stores: {base}: {error.message}") from error

    def target(self, url: str) -> Target:
        """Give the addresses that a URL may be fetched from at this moment.

        Raises Invalid; TransferBroken where the store's own name leads nowhere, for that may pass.
        """
        if split_url(url).origin != self._origin:
            return super().target(url)
        parts = split_below(url)
        addresses = self._addresses(parts)
        if not addresses:
            raise TransferBroken("The store's host has no address")
        return Target(parts, addresses)
