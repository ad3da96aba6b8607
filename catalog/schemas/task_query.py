"""The query of ``GET /v2/tasks``.

Owns which parameters there are and what each value may be. Must never know the caller or the tasks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.errors import Invalid
from catalog.schemas.list_values import integer
from catalog.schemas.tasks import STATUSES

SORT_KEYS = ("created_at", "updated_at", "expires_at", "id", "type", "status", "owner", "image_id", "user_id",
             "request_id")  # fmt: skip
_CONTROLS = frozenset({"limit", "marker", "sort_key", "sort_dir"})
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """What a request asks for; ``filters`` are compared for equality."""

    limit: int
    marker: str | None
    sort_key: str
    descending: bool
    filters: Mapping[str, str]


def parse_task_query(pairs: Sequence[tuple[str, str]], default_limit: int, max_limit: int) -> TaskQuery:
    """Check all parameters. Raises Invalid with a text that names the wrong one."""
    given = dict(pairs)
    marker = given.get("marker")
    if marker is not None and not _UUID.fullmatch(marker):
        raise Invalid("marker must be the id of a task")
    sort_key, sort_dir = given.get("sort_key", "created_at"), given.get("sort_dir", "desc")
    if sort_key not in SORT_KEYS:
        raise Invalid(f"Invalid sort_key {sort_key[:40]!r}. Valid values are {', '.join(SORT_KEYS)}.")
    if sort_dir not in ("asc", "desc"):
        raise Invalid(f"Invalid sort_dir {sort_dir[:40]!r}. Valid values are asc, desc.")
    if given.get("status", STATUSES[0]) not in STATUSES:
        raise Invalid(f"Invalid status value: {given['status'][:40]!r}")
    if given.get("type", "import") != "import":
        raise Invalid(f"Invalid type value: {given['type'][:40]!r}")
    filters = {name: value for name, value in given.items() if name not in _CONTROLS}
    limit = min(_limit(given["limit"]) if "limit" in given else default_limit, max_limit)
    return TaskQuery(limit, marker, sort_key, sort_dir == "desc", filters)


def _limit(text: str) -> int:
    number = integer(text)
    if number is None or number < 0:
        raise Invalid("limit must be a whole number, 0 or more")
    return number
