"""Joins the services of the Image API v1.

Owns the order of building. Must never hold a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.index.feed import Feed
from catalog.index.table import Table
from catalog.service.addresses import Addresses
from catalog.service.core import Core
from catalog.service.deletion import Deletions
from catalog.service.images import Images
from catalog.service.imports.sources import Fetching
from catalog.service.tasks.service import Tasks
from catalog.service.upload import Uploads
from catalog.service.v1.copying import CopyRuns
from catalog.service.v1.images import V1Images
from catalog.service.v1.listing import V1Listing
from catalog.service.v1.members import V1Members
from catalog.service.v1.sources import Sources


@dataclass(frozen=True, slots=True)
class V1Services:
    """What the routes of v1 call."""

    images: V1Images
    listing: V1Listing
    members: V1Members


def build_v1(
    core: Core,
    images: Images,
    deletions: Deletions,
    uploads: Uploads,
    addresses: Addresses,
    tasks: Tasks,
    fetching: Fetching,
    table: Table,
    feed: Feed,
) -> V1Services:
    """Build them. Copies that were begun are ended even where v1 is switched off meanwhile."""
    tasks.kinds.register(CopyRuns(core, uploads, fetching).kind())
    sources = Sources(core, uploads, tasks, addresses)
    return V1Services(
        V1Images(core, images, deletions, sources), V1Listing(core, table, feed), V1Members(core, table, feed)
    )
