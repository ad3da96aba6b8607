"""The order of a list, in both of its forms: ``sort=key:dir,...`` and ``sort_key``/``sort_dir``.

Owns their syntax and defaults. Must never know how an order is carried out.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.errors import Invalid
from catalog.index.query import SORT_KEYS, SortKey, total_order

_DIRECTIONS = {"asc": False, "desc": True}
_DEFAULT_DIRECTION = "desc"


def sort_of(pairs: Sequence[tuple[str, str]]) -> tuple[SortKey, ...]:
    """Give the complete order. Raises Invalid."""
    forms = {name: [value for key, value in pairs if key == name] for name in ("sort", "sort_key", "sort_dir")}
    if forms["sort"] and (forms["sort_key"] or forms["sort_dir"]):
        raise Invalid("Old and new sorting syntax cannot be combined: give either sort or sort_key and sort_dir.")
    if forms["sort"]:
        words = [word.partition(":") for word in forms["sort"][-1].strip().split(",")]
        keys = [_key("sort", word[0]) for word in words]
        directions = [_descending("sort", word[2] or _DEFAULT_DIRECTION) for word in words]
    else:
        keys = [_key("sort_key", value) for value in forms["sort_key"]]
        directions = [_descending("sort_dir", value) for value in forms["sort_dir"] or [_DEFAULT_DIRECTION]]
        if len(directions) not in (1, len(keys)):
            raise Invalid(
                "Number of sort dirs does not match the number of sort keys: give one sort_dir, or one each."
            )
        keys = keys or ["created_at"]
    # The added keys go the one way there is; between several ways nobody chose one for them.
    added = directions[0] if len(directions) == 1 else _DIRECTIONS[_DEFAULT_DIRECTION]
    given = directions * len(keys) if len(directions) == 1 else directions
    return total_order((SortKey(key, way) for key, way in zip(keys, given, strict=True)), added)


def _key(parameter: str, text: str) -> str:
    if text.strip() not in SORT_KEYS:
        valid = ", ".join(SORT_KEYS)
        raise Invalid(f"Invalid sort key in {parameter}: '{text[:40]}'. It must be one of the following: {valid}.")
    return text.strip()


def _descending(parameter: str, text: str) -> bool:
    if text.strip() not in _DIRECTIONS:
        raise Invalid(f"Invalid sort direction in {parameter}: '{text[:40]}'. It must be asc or desc.")
    return _DIRECTIONS[text.strip()]
