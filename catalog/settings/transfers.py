"""Uploads and downloads.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class TransferSettings:
    """How data come and go."""

    failed_upload: str = setting(
        "killed",
        values.one_of("killed", "queued"),
        "Status of an image whose upload broke off: `killed`, or `queued`.",
    )
    upload_stall_time: float = setting(
        3600.0, values.seconds,
        "Seconds without a sign of life of its process after which an upload counts as broken. Slow clients do not "
        "matter.",
    )  # fmt: skip
    upload_part_size: int = setting(8 * 2**20, values.size, "Size of the first parts of an upload; later ones grow.")
    upload_parallel_parts: int = setting(6, values.integer(1), "Parts of one upload that are on the way at once.")
    transfer_memory: int = setting(
        48 * 2**20, values.size, "Memory that all transfers share beyond the one buffer that each of them has."
    )
    download_range_size: int = setting(
        16 * 2**20, values.size, "Bytes fetched by one request of a download; four times that where they are streamed."
    )
    download_read_ahead: int = setting(
        3,
        values.integer(0),
        "Range requests that a download keeps ahead of its client where one connection to the store is slow.",
    )
