"""Fixtures: a web server with data, and a catalog that may read from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api.support import TEN, Api
from tests.servers.web_source import WebSource


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSource]:
    """A server with the files ``ten`` (ten bytes), ``empty`` and ``big``."""
    folder = tmp_path_factory.mktemp("web")
    for name, data in {"ten": TEN, "empty": b"", "big": b"x" * 3_000_000}.items():
        Path(folder / name).write_bytes(data)
    with WebSource(folder) as source:
        yield source


@pytest.fixture(scope="session")
def web_api(web: WebSource) -> Iterator[Api]:
    """A catalog with a web store that may read from ``web``."""
    api = Api(web_store=True, allowed_hosts="127.0.0.1", allowed_ports=str(web.port), http_retries=0)
    yield api
    api.close()


@pytest.fixture(scope="session")
def finish(web_api: Api) -> Callable[[], None]:
    """Waits until ``web_api`` has carried out all tasks."""

    def wait() -> None:
        assert web_api.catalog.services.tasks.runner.wait_idle(20)

    return wait
