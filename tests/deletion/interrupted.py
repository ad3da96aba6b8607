"""A body that a client sends while something else happens.

Owns the moment. Must never know what happens.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any


class Interrupted(BytesIO):
    """A body in the middle of which something happens, once."""

    def __init__(self, data: bytes, event: Callable[[], object]) -> None:
        super().__init__(data)
        self.events = [event]

    def readinto(self, buffer: Any) -> int:
        """Read on."""
        if self.tell() > len(self.getbuffer()) // 2 and self.events:
            self.events.pop()()
        return super().readinto(buffer)
