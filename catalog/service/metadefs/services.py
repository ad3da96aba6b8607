"""All calls on metadata definitions, joined.

Owns how they are built from the core. Must never hold a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.service.core import Core
from catalog.service.metadefs.access import Access
from catalog.service.metadefs.contents import Associations, Contents, Properties, Tags
from catalog.service.metadefs.namespaces import Namespaces
from catalog.service.metadefs.records import NamespaceRecords
from catalog.service.metadefs.resource_types import ResourceTypes


@dataclass(frozen=True, slots=True)
class Metadefs:
    """The calls by what they are about."""

    namespaces: Namespaces
    objects: Contents
    properties: Properties
    tags: Tags
    associations: Associations


def build_metadefs(core: Core) -> Metadefs:
    """Build the services over the store of the sidecars."""
    records = NamespaceRecords(core.home, core.clock, core.new_token, core.sleep)
    types = ResourceTypes(core.home, core.clock, core.new_token, core.sleep)
    access = Access(core.policy)
    return Metadefs(
        Namespaces(records, types, access, core.clock),
        Contents("objects", records, access, core.clock),
        Properties("properties", records, access, core.clock),
        Tags("tags", records, access, core.clock),
        Associations(records, access, core.clock, types),
    )
