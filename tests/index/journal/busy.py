"""Use of the catalog."""

from __future__ import annotations

from tests.index.journal.conftest import Bucket, Node
from tests.index.samples import image


def busy(bucket: Bucket, node: Node, first: int, count: int = 12) -> None:
    """Write so much that a snapshot is due, and cut it."""
    for number in range(first, first + count):
        node.write(image(number))
    node.feed.upkeep()
