"""Imports: methods, and what is done to imported data.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import network, values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class ImportSettings:
    """What imports do."""

    enabled_import_methods: tuple[str, ...] = setting(
        ("glance-direct", "web-download", "copy-image"),
        values.some_of("glance-direct", "web-download", "copy-image", "glance-download"),
        "Import methods that clients may use; `glance-download` has to be added.",
    )  # fmt: skip
    max_parallel_stores: int = setting(
        1, values.integer(1), "Stores that one import fills at once, after the first one; not by `copy-image`."
    )
    glance_endpoints: tuple[tuple[str, str], ...] = setting(
        (), network.endpoints,
        "Image services of other regions for `glance-download`, as `RegionTwo=https://images.two.example:9292,...` "
        "or a TOML table. They may lie inside, and get the callers' tokens.",
    )  # fmt: skip
    extra_properties: tuple[str, ...] = setting(
        ("hw_", "trait:", "os_distro", "os_secure_boot", "os_type"), values.words,
        "Beginnings of the names of properties that `glance-download` takes over.",
    )  # fmt: skip
    image_import_plugins: tuple[str, ...] = setting(
        (),
        values.some_of("no_op", "inject_image_metadata", "image_decompression", "image_conversion"),
        "What is done to every imported image, in this order.",
    )
    output_format: str = setting(
        "raw", values.one_of("raw", "qcow2", "vmdk"), "Disk format that `image_conversion` turns images into."
    )
    vmdk_allowed_types: tuple[str, ...] = setting(
        ("streamOptimized", "monolithicSparse"), values.words, "Types of VMDK images that `image_conversion` takes."
    )
    work_dir: str = setting(
        "", values.text,
        "Folder on this node's disk for `image_conversion`: it holds an image, before and after, for each "
        "running import.",
    )  # fmt: skip
    conversion_timeout: float = setting(3600.0, values.seconds, "Seconds that the conversion of one image may take.")
    inject: tuple[tuple[str, str], ...] = setting(
        (), values.pairs, "Properties that `inject_image_metadata` sets, as `name:value,name:value`."
    )
    ignore_user_roles: tuple[str, ...] = setting(
        ("admin",), values.words, "Roles whose imports `inject_image_metadata` leaves alone."
    )
