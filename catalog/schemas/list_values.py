"""Single values in the query of a list: integers, times, quoted words.

Owns their syntax. Must never know which field they are for, but for naming it in an error.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from catalog.errors import Invalid

MAX_VALUES = 5000
"""Values of one ``in:``."""

_INTEGER = re.compile(r"\s*([+-]?)([0-9]+)\s*")
_TIME = re.compile(
    r"\d{4}(-\d\d-\d\d|\d{4})([T ]\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII | re.IGNORECASE
)
_WORD = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\"|\\(?!"))*)"(?:,|\Z)'  # a quoted word ends at a quote without a backslash
    r'|(?P<bare>(?:[^",\\]|\\"|\\(?!"))*)(?:,|\Z)'
)


def integer(text: str) -> int | None:
    """Read a whole number of any length; None if it is not one. Beyond 30 digits it only matters that it is huge."""
    match = _INTEGER.fullmatch(text)
    return int(match[1] + (match[2].lstrip("0")[:30] or "0")) if match else None


def moment(text: str) -> datetime | None:
    """Read an ISO 8601 time or date, UTC where it names no zone; None if it is not one."""
    if not _TIME.fullmatch(text):
        return None
    try:
        parsed = datetime.fromisoformat(text.upper())
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def split_values(field: str, text: str) -> tuple[str, ...]:
    r"""Split the operand of ``in:`` at commas; ``"..."`` keeps commas together, and ``\"`` is a quote."""
    values: dict[str, None] = {}
    at = 0
    while at < len(text):
        word = _WORD.match(text, at)
        if word is None:
            raise Invalid(
                f"Invalid filter value for {field}: each value in double quotes is followed by a comma or the end, "
                f'and a quote inside a value is written \\".'
            )
        found = word["quoted"] if word["quoted"] is not None else word["bare"]
        values[found.replace('\\"', '"')] = None
        at = word.end()
    if len(values) > MAX_VALUES:
        raise Invalid(f"{field}=in: takes {MAX_VALUES} values at most.")
    return tuple(values)
