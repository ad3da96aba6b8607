"""A filter of URLs over a resolver that knows one public address."""

from __future__ import annotations

from typing import Any

from catalog.fetch.url_filter import UrlFilter
from catalog.settings import build
from tests.fetch.conftest import Names

PUBLIC = "93.184.216.34"


def url_filter(names: Names | None = None, **settings: Any) -> UrlFilter:
    return UrlFilter(build(settings), names or Names(public=[PUBLIC]))
