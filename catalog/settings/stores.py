"""Where everything is kept: the home store and further ones.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from catalog.settings import values
from catalog.settings.further import HOME, LEAST_WEIGHT, FurtherStore, parse_stores
from catalog.settings.row import setting
from catalog.settings.s3 import S3Settings
from catalog.settings.swift import SwiftSettings
from catalog.settings.web import WebSettings

_KINDS = (S3Settings, SwiftSettings, WebSettings)


def _stores(value: Any) -> tuple[FurtherStore, ...]:
    """Further stores, each with settings of its own kind where they differ."""
    own = {row.name: row.metadata["parse"] for subject in _KINDS for row in fields(subject)}
    return parse_stores(value, own)


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """Where images are kept."""

    store: str = setting(
        "file:./calotype-data", values.store_url,
        "Where everything is kept: `s3://bucket/prefix`, `swift://container/prefix` or `file:///folder` "
        "(`file:folder` is relative).",
    )  # fmt: skip
    create_bucket: bool = setting(
        False, values.boolean, "Create the bucket or container at start if it does not exist."
    )
    single_node: bool = setting(
        False, values.boolean,
        "This is the only node of the store: start even if its conditional writes are not safe for more than one.",
    )  # fmt: skip
    store_description: str = setting("", values.text, "What clients read of the home store, where there are several.")
    store_weight: int = setting(
        0, values.integer(LEAST_WEIGHT), "Weight of the home store: downloads try the store with the most of it first."
    )
    stores: tuple[FurtherStore, ...] = setting(
        (), _stores,
        "Further stores for image data, each with a name: `fast=s3://bucket/prefix,slow=file:///folder`, or TOML "
        "tables `[stores.NAME]` with `url`, `description`, `weight` and settings of its kind (`s3_`, ...) "
        "that differ. `https://host/folder/` is a store to read from.",
    )  # fmt: skip
    default_backend: str = setting(
        HOME, values.text, "Name of the store that takes data when a client names none; `default` is the home store."
    )
    web_store: bool = setting(
        False, values.boolean, "Have the read-only store `http`: image data may then lie at addresses of others."
    )
