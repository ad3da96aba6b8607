"""A fetcher as the web store needs it: with the errors of stores.

Owns the table from a source's error to a store's. Must never know more of a store than its errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from catalog.errors import CatalogError, Invalid, Missing, TransferBroken
from catalog.fetch.fetcher import Fetcher
from catalog.fetch.remote_body import NoParts, RemoteBody
from catalog.store import errors as store_errors

_STORE_ERRORS: Mapping[type[CatalogError], type[store_errors.StoreError]] = {
    Missing: store_errors.NotFound,
    Invalid: store_errors.Denied,
    NoParts: store_errors.NotSupported,
    TransferBroken: store_errors.Unavailable,
}


class StoreOpener:
    """Opens data on the web for ``backends.web.WebStore``; raises NotFound, Denied,
    Unavailable, and NotSupported where a source knows no parts.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def open(self, url: str, offset: int = 0, length: int | None = None) -> _Body:
        """Open ``length`` bytes from ``offset``; all that follow if None."""
        with _as_store_errors():
            return _Body(self._fetcher.open(url, offset, length=length))

    def size(self, url: str) -> int | None:
        """Give the length of the data in bytes; None where the source does not tell."""
        with _as_store_errors():
            return self._fetcher.size(url)


class _Body:
    """A body whose reads raise the errors of stores."""

    def __init__(self, body: RemoteBody) -> None:
        self._body = body
        self.expected: int | None = body.expected
        self.etag: str = body.etag
        self.modified: datetime | None = body.modified

    def read(self, size: int) -> bytes:
        with _as_store_errors():
            return self._body.read(size)

    def close(self) -> None:
        self._body.close()


@contextmanager
def _as_store_errors() -> Iterator[None]:
    try:
        yield
    except (Missing, Invalid, TransferBroken) as error:
        raise _STORE_ERRORS[next(cls for cls in type(error).__mro__ if cls in _STORE_ERRORS)](error.message) from error
