"""Queries of the lists of metadata definitions.

Owns which parameters there are and what each may be. Must never know the caller. Parameters that are not named here
are ignored; of one that is given twice the last value counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.errors import Invalid
from catalog.schemas.list_values import integer
from catalog.schemas.metadefs import VISIBILITIES

Pairs = Sequence[tuple[str, str]]

NAMESPACE_SORT_KEYS = (
    "created_at", "namespace", "updated_at", "display_name", "description", "visibility", "protected", "owner", "id",
)  # fmt: skip
"""``id`` is the reference's own number of a namespace: the order of creation."""
TAG_SORT_KEYS = ("created_at", "name", "updated_at", "id")

_PART_VISIBILITIES = (*VISIBILITIES, "shared")
_DIRECTIONS = {"asc": False, "desc": True}


@dataclass(frozen=True, slots=True)
class NamespaceQuery:
    """What ``GET /v2/metadefs/namespaces`` asks for; without ``resource_types`` those of any are meant."""

    limit: int
    marker: str | None
    sort_key: str
    descending: bool
    visibility: str | None
    resource_types: frozenset[str]


@dataclass(frozen=True, slots=True)
class TagQuery:
    """What ``GET .../tags`` asks for; no limit means all."""

    limit: int | None
    marker: str | None
    sort_key: str
    descending: bool


def parse_namespace_query(pairs: Pairs, default_limit: int, max_limit: int) -> NamespaceQuery:
    """Check the parameters of a list of namespaces. Raises Invalid."""
    last = dict(pairs)
    _choice(last, "visibility", VISIBILITIES)
    limit = _limit(last)
    return NamespaceQuery(
        limit=min(default_limit if limit is None else limit, max_limit),
        marker=last.get("marker") or None,
        sort_key=_choice(last, "sort_key", NAMESPACE_SORT_KEYS) or "created_at",
        descending=_DIRECTIONS[_choice(last, "sort_dir", tuple(_DIRECTIONS)) or "desc"],
        visibility=last.get("visibility"),
        resource_types=frozenset(filter(None, last.get("resource_types", "").split(","))),
    )


def parse_tag_query(pairs: Pairs) -> TagQuery:
    """Check the parameters of a list of tags. Raises Invalid."""
    last = dict(pairs)
    _choice(last, "visibility", _PART_VISIBILITIES)
    return TagQuery(
        limit=_limit(last),
        marker=last.get("marker") or None,
        sort_key=_choice(last, "sort_key", TAG_SORT_KEYS) or "created_at",
        descending=_DIRECTIONS[_choice(last, "sort_dir", tuple(_DIRECTIONS)) or "desc"],
    )


def check_object_query(pairs: Pairs) -> None:
    """Check the parameters of a list of objects, which is always given whole. Raises Invalid."""
    last = dict(pairs)
    _choice(last, "visibility", _PART_VISIBILITIES)
    _choice(last, "sort_dir", tuple(_DIRECTIONS))
    if _limit(last) == 0:
        raise Invalid("limit param must be positive")


def _choice(last: dict[str, str], key: str, valid: Sequence[str]) -> str | None:
    if key in last and last[key] not in valid:
        raise Invalid(f"Invalid {key} value: {last[key][:40]}. Valid values are {', '.join(valid)}.")
    return last.get(key)


def _limit(last: dict[str, str]) -> int | None:
    if "limit" not in last:
        return None
    number = integer(last["limit"])
    if number is None:
        raise Invalid("limit param must be an integer")
    if number < 0:
        raise Invalid("limit param must be positive")
    return number
