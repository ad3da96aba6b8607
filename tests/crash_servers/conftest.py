"""Where nodes find data on the web, and threads that end with their process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.crash.walk import threads_that_end
from tests.fetch.certificates import Authority
from tests.servers.web_source import WebSource

Source = tuple[str, dict[str, Any]]
"""An address, and the settings by which a node may read it."""
Publish = Callable[[bytes], Source]


@pytest.fixture(scope="session")
def publish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publish]:
    folder = tmp_path_factory.mktemp("crash-servers")
    bundle = str(Authority(folder).bundle)  # a short list of authorities: every node reads it
    with WebSource(folder) as source:

        def make(data: bytes) -> Source:
            name = f"disk-{len(data)}"
            (folder / name).write_bytes(data)
            ports = str(source.port)
            return source.url(name), {
                "allowed_hosts": "127.0.0.1",
                "allowed_ports": ports,
                "web_ca_bundle": bundle,
            }

        yield make


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    with threads_that_end():
        yield
