"""The query of ``GET /v2/images``, from decoded parameters to a ListQuery.

Owns which parameters there are and what each value may be. Must never know the caller, the images or SQL. An
unknown parameter is an additional property; of a parameter that is given twice the last value counts, but all tags.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from catalog.errors import Invalid
from catalog.index.query import Filter, ListQuery, Operator
from catalog.schemas.list_sort import sort_of
from catalog.schemas.list_values import integer, moment, split_values

Pairs = Sequence[tuple[str, str]]

MAX_LABELS = 250
"""Tags and additional properties in one query, far from what SQL can take."""

_TIME_OPERATORS = {
    "eq": Operator.IN,
    "neq": Operator.NEQ,
    "gt": Operator.GT,
    "gte": Operator.GTE,
    "lt": Operator.LT,
    "lte": Operator.LTE,
}
_BOUNDS = {"_min": Operator.GTE, "_max": Operator.LTE}
_RANGED = ("size", "virtual_size", "min_ram", "min_disk")
_VISIBILITIES = ("public", "private", "shared", "community", "all")
_MEMBER_STATUSES = ("accepted", "pending", "rejected", "all")
_BOOLEANS = {"true": 1, "false": 0}


def _operated(field: str, value: str) -> Filter:
    """Equality, ``eq:`` or ``in:``; a value with a colon therefore needs ``eq:``."""
    operator, colon, operand = value.partition(":")
    if not colon:
        return Filter(field, Operator.IN, (value,))
    if operator == "eq":
        return Filter(field, Operator.IN, (operand,))
    if operator == "in":
        return Filter(field, Operator.IN, split_values(field, operand))
    raise Invalid(
        f"Unable to filter {field} by unknown operator '{operator[:40]}'. Valid operators are eq and in; "
        f"a value with a colon is written {field}=eq:value."
    )


def _timed(field: str, value: str) -> Filter:
    whole = moment(value)
    operator, operand = ("eq", whole) if whole else (value.partition(":")[0], moment(value.partition(":")[2]))
    if operand is None:
        raise Invalid(
            f'Bad "{field}" query filter format. Use ISO 8601 DateTime notation, as in gt:2024-01-31T12:00:00Z.'
        )
    if operator not in _TIME_OPERATORS:
        raise Invalid(
            f"Unable to filter {field} by unknown operator '{operator[:40]}'. "
            f"Valid operators are {', '.join(_TIME_OPERATORS)}."
        )
    return Filter(field, _TIME_OPERATORS[operator], (operand,))


def _bound(key: str, value: str) -> Filter:
    number = integer(value)
    if number is None:
        raise Invalid(f"Unable to filter on a range with a non-numeric value: {key} must be an integer.")
    return Filter(key[:-4], _BOUNDS[key[-4:]], (number,))


def _number(field: str, value: str) -> Filter:
    number = integer(value)
    return Filter(field, Operator.IN, () if number is None else (number,))  # what is no number equals none


def _text(field: str, value: str) -> Filter:
    return Filter(field, Operator.IN, (value,))


def _boolean(field: str, value: str) -> Filter:
    if value not in _BOOLEANS:
        raise Invalid(f"Invalid value '{value[:40]}' for '{field}' filter. Valid values are 'true' or 'false'.")
    return Filter(field, Operator.IN, (_BOOLEANS[value],))


_FILTERS: Mapping[str, Callable[[str, str], Filter]] = {
    **dict.fromkeys(("name", "id", "status", "container_format", "disk_format"), _operated),
    **dict.fromkeys(("created_at", "updated_at"), _timed),
    **dict.fromkeys((field + bound for field in _RANGED for bound in _BOUNDS), _bound),
    **dict.fromkeys(_RANGED, _number),
    **dict.fromkeys(("owner", "checksum", "os_hash_algo", "os_hash_value"), _text),
    "protected": _boolean,
}
"""Parameter -> how its value becomes a filter."""

_CONTROLS = frozenset(
    {"limit", "marker", "sort", "sort_key", "sort_dir", "tag", "visibility", "member_status", "os_hidden", "deleted"}
)
"""Parameters that are no filters on one field. ``deleted`` is accepted and ignored."""


@dataclass(frozen=True, slots=True)
class ParsedList:
    """What a request asks for; the query has neither the marker's record nor the caller yet."""

    query: ListQuery
    marker: str | None


def parse_list_query(pairs: Pairs, default_limit: int, max_limit: int) -> ParsedList:
    """Check all parameters. Raises Invalid with a text that names the wrong one."""
    _check_characters(pairs)
    last = dict(pairs)
    if "changes-since" in last:
        raise Invalid('The "changes-since" filter is no longer available on v2. Use updated_at=gt:TIME.')
    tags = tuple(dict.fromkeys(value.strip() for key, value in pairs if key == "tag"))
    others = {key: value for key, value in last.items() if key not in _CONTROLS}
    for key in others:
        if key[-4:] in _BOUNDS and key not in _FILTERS:
            raise Invalid(f"Unable to filter by {key[:80]}: ranges are known for {', '.join(_RANGED)}.")
    properties = tuple((key, value) for key, value in others.items() if key not in _FILTERS)
    if len(tags) + len(properties) > MAX_LABELS:
        raise Invalid(f"A list can be filtered by {MAX_LABELS} tags and properties at most.")
    query = ListQuery(
        filters=tuple(_FILTERS[key](key, value) for key, value in others.items() if key in _FILTERS),
        properties=properties,
        tags=tags,
        visibility=_choice(last, "visibility", _VISIBILITIES, None),
        member_status=_choice(last, "member_status", _MEMBER_STATUSES, "accepted") or "accepted",
        hidden=bool(_boolean("os_hidden", last.get("os_hidden", "false").lower()).values[0]),
        sort=sort_of(pairs),
        limit=min(_limit(last["limit"]) if "limit" in last else default_limit, max_limit),
    )
    return ParsedList(query, last.get("marker"))


def _check_characters(pairs: Pairs) -> None:
    for key, value in pairs:
        try:
            f"{key}{value}".encode()
        except UnicodeEncodeError:
            name = re.sub(r"[^ -~]", "?", key)[:80]
            raise Invalid(f"The parameter {name} is not valid UTF-8.") from None


def _choice(last: Mapping[str, str], key: str, valid: Sequence[str], default: str | None) -> str | None:
    if key in last and last[key] not in valid:
        raise Invalid(f"Invalid {key} value: {last[key][:40]}. Valid values are {', '.join(valid)}.")
    return last.get(key, default)


def _limit(value: str) -> int:
    number = integer(value)
    if number is None:
        raise Invalid("limit param must be an integer")
    if number < 0:
        raise Invalid("limit param must be positive")
    return number
