"""Fetching from image services of other regions.

Owns that such a service may lie inside: who asks here has its address from the operator or from the identity service's
catalog, never from a client. Must never widen what other fetching may reach.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.clock import Sleep
from catalog.fetch.fetcher import Fetcher
from catalog.fetch.remote_body import RemoteBody
from catalog.fetch.trusted import TrustingFilter
from catalog.settings import Settings


class RegionFetcher:
    """Opens URLs of image services. Safe for many threads."""

    def __init__(self, settings: Settings, sleep: Sleep) -> None:
        """Raise SettingsError where a setting cannot be used."""
        self._filter = TrustingFilter(settings)
        self._fetcher = Fetcher(self._filter, settings, sleep)

    def open(self, url: str, /, *, headers: Mapping[str, str]) -> RemoteBody:
        """Open all data of an address; ``headers`` go to its origin alone. Raises as ``Fetcher.open``."""
        self._filter.trust(url)
        return self._fetcher.open(url, headers=headers)
