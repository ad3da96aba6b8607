"""The end of images and of what is left over.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class DeletionSettings:
    """When things end."""

    deleted_retention: float = setting(
        86400.0, values.seconds,
        "Seconds that the data of a deleted image are kept, so that an admin can undelete it; 0: not at all.",
    )  # fmt: skip
    tombstone_retention: float = setting(
        30 * 86400.0,
        values.seconds,
        "Seconds at least that the record of a deleted image stays, invisible to clients.",
    )
    sweep_interval: float = setting(
        900.0, values.seconds,
        "Seconds between two sweeps of all nodes together, which end what is over; 0: this node never sweeps.",
    )  # fmt: skip
    sweep_walk_interval: float = setting(
        86400.0, values.seconds, "Seconds between two sweeps that also list the stores, to find what no record names."
    )
    sweep_min_age: float = setting(
        86400.0, values.seconds, "Age in seconds below which a sweep touches nothing that no record names."
    )
