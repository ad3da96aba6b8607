"""Fixtures for all tests: real servers, each started once in a session, when a test first asks for it.

Owns the command line option ``--endpoint``. Must never skip a test because a server is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.glance import Glance
from tests.servers.moto import MotoServer
from tests.servers.seaweedfs import SeaweedFS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--endpoint",
        help="run the conformance suite against this S3 server instead, with credentials from the environment",
    )


@pytest.fixture(scope="session")
def seaweedfs() -> Iterator[SeaweedFS]:
    with SeaweedFS() as server:
        yield server


@pytest.fixture(scope="session")
def moto_server() -> Iterator[MotoServer]:
    with MotoServer() as server:
        yield server


@pytest.fixture(scope="session")
def glance(seaweedfs: SeaweedFS) -> Iterator[Glance]:
    with Glance(seaweedfs) as server:
        yield server
