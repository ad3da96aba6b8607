"""The query of the lists of the Image API v1.

Owns which parameters there are and what each value may be; unknown ones are ignored. Must never know SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from catalog.errors import Invalid
from catalog.index.query import Filter, ListQuery, Operator
from catalog.schemas.list_query import MAX_LABELS, ParsedList
from catalog.schemas.list_sort import sort_of
from catalog.schemas.list_values import integer, moment

PROPERTY = "property-"
_BOOLEANS: Mapping[str, bool | None] = {"true": True, "1": True, "false": False, "0": False, "none": None}
_TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})


def _equal(field: str, value: str) -> list[Filter]:
    return [Filter(field, Operator.IN, (value,))]


def _number(field: str, value: str) -> int:
    number = integer(value)
    if number is None or number < 0:
        raise Invalid(f"Bad value passed to filter {field}: '{value[:40]}' is no integer of 0 or more.")
    return number


def _exact_number(field: str, value: str) -> list[Filter]:
    return [Filter(field, Operator.IN, (_number(field, value),))]


def _loose_number(field: str, value: str) -> list[Filter]:
    number = integer(value)
    return [Filter(field, Operator.IN, () if number is None else (number,))]


def _size_min(field: str, value: str) -> list[Filter]:
    least = _number(field, value)
    return [Filter("size", Operator.GTE, (least,))] if least else []  # an image without data has size 0 here


def _size_max(field: str, value: str) -> list[Filter]:
    return [Filter("size", Operator.LTE, (_number(field, value),))]


def _protected(field: str, value: str) -> list[Filter]:
    wanted = _boolean(field, value)
    return [] if wanted is None else [Filter(field, Operator.IN, (int(wanted),))]


def _changes_since(field: str, value: str) -> list[Filter]:
    since = moment(value)
    if since is None:
        raise Invalid(f"Unrecognized changes-since value '{value[:40]}': use ISO 8601, as in 2024-01-31T12:00:00.")
    return [Filter("updated_at", Operator.LATER, (since,))]


_FILTERS: Mapping[str, Callable[[str, str], list[Filter]]] = {
    **dict.fromkeys(("name", "status", "container_format", "disk_format"), _equal),
    "min_ram": _exact_number,
    "min_disk": _loose_number,
    "size_min": _size_min,
    "size_max": _size_max,
    "protected": _protected,
    "changes-since": _changes_since,
}
"""Parameter -> how its value becomes conditions."""


def parse_v1_list(pairs: Sequence[tuple[str, str]], default_limit: int, max_limit: int, is_admin: bool) -> ParsedList:
    """Check all parameters. Raises Invalid with a text that names the wrong one."""
    last = dict(pairs)
    filters = [item for key, value in last.items() if key in _FILTERS for item in _FILTERS[key](key, value)]
    properties = tuple((key[len(PROPERTY) :], value) for key, value in last.items() if key.startswith(PROPERTY))
    if len(properties) > MAX_LABELS:
        raise Invalid(f"A list can be filtered by {MAX_LABELS} properties at most.")
    deleted = _deleted(last, is_admin)
    if deleted is False:
        filters.append(Filter("status", Operator.NEQ, ("killed",)))
    public = _boolean("is_public", last["is_public"]) if "is_public" in last else True
    as_user = public is True or not is_admin
    if not as_user and public is False:
        filters.append(Filter("visibility", Operator.NEQ, ("public",)))
    query = ListQuery(
        filters=tuple(filters),
        properties=properties,
        visibility=None if as_user else "all",
        member_status="all",
        hidden=None,
        deleted=deleted,
        sort=sort_of([pair for pair in last.items() if pair[0] in ("sort_key", "sort_dir")]),
        limit=min(_limit(last), max_limit) if "limit" in last else min(default_limit, max_limit),
        is_admin=not as_user,
    )
    return ParsedList(query, _marker(last))


def _deleted(last: Mapping[str, str], is_admin: bool) -> bool | None:
    """Tell whether deleted images are wanted: None for these and the others."""
    if is_admin and "deleted" in last:
        return last["deleted"].strip().lower() in _TRUE
    return None if "changes-since" in last else False


def _boolean(field: str, value: str) -> bool | None:
    if value.lower() not in _BOOLEANS:
        raise Invalid(f"Bad value passed to filter {field}: '{value[:40]}' is not true, false, 1, 0 or none.")
    return _BOOLEANS[value.lower()]


def _limit(last: Mapping[str, str]) -> int:
    number = integer(last["limit"])
    if number is None or number < 0:
        raise Invalid("limit param must be an integer of 0 or more")
    return number


def _marker(last: Mapping[str, str]) -> str | None:
    marker = last.get("marker")
    if not marker:
        return None
    try:
        UUID(marker)
    except ValueError:
        raise Invalid("Invalid marker format: it must be the id of an image.") from None
    return marker
