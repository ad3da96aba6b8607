"""What the descriptions of these routes share.

Owns their group, paths and the short form of lists of errors. Must never hold a route.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.api.operation import Parameter

GROUP = "Metadefs"
NAMESPACES = "/v2/metadefs/namespaces"
NAMESPACE = f"{NAMESPACES}/<namespace>"

VISIBILITY = Parameter("visibility", schema={"type": "string", "enum": ["public", "private"]}, help="Only these.")
LIMIT = Parameter("limit", schema={"type": "integer", "minimum": 0}, help="Most entries of an answer.")
MARKER = Parameter("marker", help="Name of the last entry that is known: the answer begins behind it.")
SORT_DIR = Parameter("sort_dir", schema={"type": "string", "enum": ["asc", "desc"]}, help="Direction of the order.")
RESOURCE_TYPE = Parameter("resource_type", help="Use names as they are on this resource type: with its prefix.")


def sort_key(keys: tuple[str, ...]) -> Parameter:
    """Describe the parameter that names the order."""
    return Parameter("sort_key", schema={"type": "string", "enum": list(keys)}, help="What the order goes by.")


def errors(*statuses: int) -> Mapping[int, str]:
    """Give the schema of errors for some statuses."""
    return dict.fromkeys(statuses, "error")
