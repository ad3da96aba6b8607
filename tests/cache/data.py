"""Data of an image that is cached."""

from __future__ import annotations

import random

from catalog.store.interface import ByteRange

DATA = random.Random(3).randbytes(20_000)

WHOLE = ByteRange(0, len(DATA))
