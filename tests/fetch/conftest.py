"""Fixtures: sources, and fetchers that find them under names."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from catalog.fetch.fetcher import Fetcher
from catalog.fetch.guard import Timer
from catalog.fetch.url_filter import UrlFilter
from catalog.settings import build
from tests.fetch.certificates import Authority
from tests.fetch.source import Source


class Names:
    """A resolver: ``hosts`` maps a name to its addresses, or to a list of them for one lookup after the other."""

    def __init__(self, **hosts: Sequence[str]) -> None:
        self.hosts: dict[str, Sequence[Any]] = {"source.test": ["127.0.0.1"], "other.test": ["127.0.0.1"], **hosts}
        self.lookups: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.lookups.append(host)
        if host not in self.hosts:
            raise OSError("no such name")
        found = self.hosts[host]
        if found and isinstance(found[0], list):
            turn = min(self.lookups.count(host), len(found)) - 1
            return list(found[turn])
        return found


class Fetching:
    """A fetcher with a fake resolver and a recorded sleep."""

    def __init__(
        self, *sources: Source, names: Names | None = None, timer: Timer = time.monotonic, **settings: Any
    ) -> None:
        self.names = names or Names()
        self.slept: list[float] = []
        defaults: dict[str, Any] = {
            "allowed_hosts": "source.test,other.test",
            "allowed_ports": ",".join(str(source.port) for source in sources),
            "web_read_timeout": 60,
        }
        self.settings = build({**defaults, **settings})
        self.filter = UrlFilter(self.settings, self.names)
        self.fetcher = Fetcher(self.filter, self.settings, self.slept.append, timer)

    def read(self, url: str, block: int = 65536, **options: Any) -> bytes:
        """Fetch all of it."""
        body = self.fetcher.open(url, **options)
        try:
            got = b""
            while piece := body.read(block):
                assert len(piece) <= block
                got += piece
            assert body.read(block) == b""
            return got
        finally:
            body.close()


@pytest.fixture
def source() -> Iterator[Source]:
    with Source() as running:
        yield running


@pytest.fixture
def other() -> Iterator[Source]:
    with Source() as running:
        yield running


@pytest.fixture
def fetching(source: Source, other: Source) -> Fetching:
    return Fetching(source, other)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder: Path = tmp_path_factory.mktemp("authority")
    return Authority(folder)
