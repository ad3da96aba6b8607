"""The node's image cache.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class CacheSettings:
    """The image cache."""

    image_cache_dir: str = setting(
        "", values.text, "Folder of this node's image cache; empty: none. All processes of a node may share it."
    )
    image_cache_max_size: int = setting(
        10 * 2**30, values.size, "Bytes that the cache keeps; what was used longest ago makes room."
    )
    image_cache_stall_time: float = setting(
        86400.0, values.seconds, "Age at which the cleaning of the cache takes an unfinished file for a dead one."
    )
