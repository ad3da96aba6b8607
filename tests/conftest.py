"""Fixtures for all tests: real servers, most of them started once in a session, when a test first asks for one.

Owns the command line option ``--endpoint``. Must never skip a test because a server is missing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from catalog.logs import use_standard_logging
from tests.servers.glance import BUCKET, Glance
from tests.servers.glance.backends import s3_backend
from tests.servers.ministack import MiniStack
from tests.servers.moto import MotoServer
from tests.servers.rclone import Rclone
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.swift import SwiftServer

if TYPE_CHECKING:
    from tests.servers.keystone.cloud import Cloud


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--endpoint",
        help="run the conformance suite against this S3 server instead, with credentials from the environment",
    )


def pytest_configure() -> None:
    use_standard_logging()  # else the first test that captures structlog's lines sets it up in its own way for all


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse two tests of one name: of these, workers that share the tests would run one only."""
    names = Counter(item.nodeid for item in session.items)
    if twice := [name for name, times in names.items() if times > 1]:
        raise pytest.UsageError(f"more than one test is called {twice[0]}")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Undo what commands that run in this process set up."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture(scope="session")
def seaweedfs() -> Iterator[SeaweedFS]:
    with SeaweedFS() as server:
        yield server


@pytest.fixture(scope="session")
def ministack() -> Iterator[MiniStack]:
    with MiniStack() as server:
        yield server


@pytest.fixture(scope="session")
def moto_server() -> Iterator[MotoServer]:
    with MotoServer() as server:
        yield server


@pytest.fixture(scope="session")
def rclone() -> Iterator[Rclone]:
    with Rclone() as server:
        yield server


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """A Keystone for one module: what one puts into the catalog of services would mislead the others."""
    from tests.servers.keystone.cloud import Cloud  # its clients take long to import
    from tests.servers.keystone.server import Keystone

    with Keystone() as server:
        yield Cloud(server)


@pytest.fixture(scope="session")
def swift() -> Iterator[SwiftServer]:
    with SwiftServer() as server:
        yield server


@pytest.fixture(scope="session")
def glance(seaweedfs: SeaweedFS) -> Iterator[Glance]:
    with Glance(s3_backend(BUCKET, seaweedfs)) as server:
        yield server
