"""Where time and randomness come from; everything else takes them as arguments.

Owns the only calls of the wall clock and the random sources. Must never be imported for anything but wiring.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present time, always in UTC."""

NewId = Callable[[], str]
"""Gives a fresh identifier."""

Sleep = Callable[[float], None]

Monotonic = Callable[[], float]
"""Gives seconds that never go back."""


def utc_now() -> datetime:
    """Give the wall clock's time in UTC."""
    return datetime.now(UTC)


def new_image_id() -> str:
    """Give a random version 4 UUID in lower case."""
    return str(uuid.uuid4())


def new_token() -> str:
    """Give 16 random hexadecimal characters, for attempts and ``op`` tokens."""
    return secrets.token_hex(8)


sleep: Sleep = time.sleep
monotonic: Monotonic = time.monotonic


@dataclass(frozen=True, slots=True)
class Sources:
    """Where time and randomness come from."""

    clock: Clock = utc_now
    new_image_id: NewId = new_image_id
    new_token: NewId = new_token
    sleep: Sleep = sleep
    monotonic: Monotonic = monotonic
