"""Texts of the document whose patterns are slow to generate from: they are made directly instead.

Owns the exchange of three patterns for formats with a strategy, and of one for a smaller one: a pattern over all of
the Basic Multilingual Plane costs the generator a second each time. Must never change what a request may be.
"""

from __future__ import annotations

import re
from typing import Any

import schemathesis
from hypothesis import strategies as st

from catalog.api.openapi.parameters import SEGMENT
from catalog.schemas.image_bodies import BASIC_PLANE, IN_POINTER

_PLANE = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
_SEGMENT = st.characters(min_codepoint=1, max_codepoint=0xFFFF, exclude_categories=["Cs"], exclude_characters="/")
_SMALL_POINTER = "([ -.0-}\u00c0-\u024f]|~[01])"


def exchange(part: Any) -> Any:
    """Give a part of the document with formats in place of slow patterns."""
    if isinstance(part, list):
        return [exchange(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: exchange(value) for key, value in part.items()}
    pattern = made.get("pattern")
    if isinstance(pattern, str) and IN_POINTER in pattern:
        made["pattern"] = pattern.replace(IN_POINTER, _SMALL_POINTER)
    elif isinstance(pattern, str) and (name := _format(pattern)):
        del made["pattern"]
        made["format"] = name
    return made


def _format(pattern: str) -> str | None:
    """Name the format for a pattern, if it is a slow one; what it excludes by name is left out by chance."""
    if pattern == BASIC_PLANE:
        return "plane"
    if pattern == SEGMENT:
        return "segment"
    return "property-name" if pattern.endswith(BASIC_PLANE[1:]) else None


def register() -> None:
    """Tell the generator how texts of the formats are made."""
    plane = st.text(_PLANE)
    names = plane.filter(lambda text: len(text) != 1 and not re.match(r"\s*(os_glance|[a-z_]+\s*$)", text))
    schemathesis.openapi.format("plane", plane)
    schemathesis.openapi.format("segment", st.text(_SEGMENT, min_size=1).filter(lambda text: text.strip(".")))
    schemathesis.openapi.format("property-name", names)
