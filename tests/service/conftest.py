"""Properties are tried without a clock, and leave no files behind."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("calotype", deadline=None, database=None)
settings.load_profile("calotype")
