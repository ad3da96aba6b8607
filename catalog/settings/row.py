"""How a setting is written down: one field of a dataclass with its parser and its help.

Owns that form. Must never know a setting.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

from catalog.settings.values import Parse


def setting(default: Any, parse: Parse, help_text: str, secret: bool = False) -> Any:
    """Give the field of a setting; a ``secret`` one is never shown."""
    return field(default=default, repr=not secret, metadata={"parse": parse, "help": help_text, "secret": secret})
