"""A node that does not wait long for its store, for tests of a silent one.

Owns its settings. Must never be what prepares a test or looks at its outcome: a slow machine is silent, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.support import Client
from tests.servers.calotype import Calotype
from tests.servers.places import Place

SMALL = {"upload_part_size": "5MB", "download_range_size": "1MB"}
HASTY = {**SMALL, "s3_connect_timeout": "1", "s3_read_timeout": "1"}
STARTS = 5


@contextmanager
def hasty(folder: Path, place: Place) -> Iterator[Client]:
    """Start a node that gives a silent store up soon, and give its client."""
    node = Calotype(folder, place.environment, **{**place.settings, **HASTY})
    for number in range(STARTS):
        try:
            node.start()
        except RuntimeError:  # a slow machine is silent, too
            if number == STARTS - 1:
                raise
        else:
            break
    try:
        yield Client(node.url)
    finally:
        node.kill()
