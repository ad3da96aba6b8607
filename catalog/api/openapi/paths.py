"""Paths as OpenAPI writes them.

Owns the translation of a routing rule. Must never know what a path means.
"""

from __future__ import annotations

import re

_VARIABLE = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")


def template(rule: str) -> str:
    """Give ``/v2/images/{image_id}`` for ``/v2/images/<image_id>``."""
    return _VARIABLE.sub(r"{\1}", rule)


def variables(path: str) -> list[str]:
    """Name the variables of a path template in order."""
    return re.findall(r"{([^{}]+)}", path)
