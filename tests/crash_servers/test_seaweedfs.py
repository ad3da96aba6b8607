"""Every scenario of ``tests/crash`` over SeaweedFS, with a process that ends before each of its writes.

``--endpoint`` names another S3 server in its place, with credentials of the environment; it has to keep all our rules.

All points are walked, none is left out: uploads go in two parts, and what is deleted is tagged for the bucket's rules.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.scenarios import SCENARIOS
from tests.crash.walk import MOST, crash
from tests.crash.world import LARGE as WHOLE
from tests.crash.world import World
from tests.crash_servers.bucket_world import IN_PARTS, Bucket
from tests.crash_servers.conftest import Publish
from tests.servers.named import NamedServer

SENDING = {"upload in parts", "stage", "import from the web to two stores"}
"""What sends parts; all else is the same for data that went in one request, copies inside of S3 too."""


@pytest.fixture(scope="module")
def bucket(request: pytest.FixtureRequest) -> Iterator[Bucket]:
    endpoint = request.config.getoption("endpoint")
    made = Bucket(NamedServer(endpoint) if endpoint else request.getfixturevalue("seaweedfs"))
    yield made
    made.remove()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SCENARIOS)
def test_crash_at_every_write(name: str, bucket: Bucket, publish: Publish) -> None:
    data = IN_PARTS if name in SENDING else WHOLE
    for at in range(1, MOST):
        if not crash(world(bucket, publish, data), SCENARIOS[name], at):
            assert at > 1
            return
    raise AssertionError("the walk does not end")


def test_crash_after_a_call_while_parts_are_on_the_way(bucket: Bucket, publish: Publish) -> None:
    for at in range(1, MOST):
        if not crash(world(bucket, publish, IN_PARTS), SCENARIOS["upload in parts"], at, after=True):
            return
    raise AssertionError("the walk does not end")


def world(bucket: Bucket, publish: Publish, data: bytes) -> World:
    url, settings = publish(data)
    return bucket.world(data, url, **settings)
