"""What an image may be and what callers see of it.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class ImageSettings:
    """What an image may be."""

    disk_formats: tuple[str, ...] = setting(
        ("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"), values.words,
        "Values that `disk_format` may take.",
    )  # fmt: skip
    container_formats: tuple[str, ...] = setting(
        ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"), values.words,
        "Values that `container_format` may take.",
    )  # fmt: skip
    require_image_format_match: bool = setting(
        True, values.boolean, "Refuse data that is not what `disk_format` says or fails the format's safety checks."
    )
    do_secure_hash: bool = setting(
        True, values.boolean, "Read the data of a location that is added to an image, to check or to find its hash."
    )
    image_schema_file: str = setting(
        "", values.text, "JSON file with additional typed properties (the format of Glance's schema-image.json)."
    )
    show_image_direct_url: bool = setting(
        False, values.boolean, "Show `direct_url`, the address of the data, to callers."
    )
    show_multiple_locations: bool = setting(False, values.boolean, "Show `locations` to callers.")
    enable_v1_api: bool = setting(True, values.boolean, "Serve the old Image API v1 below `/v1/` as well.")
