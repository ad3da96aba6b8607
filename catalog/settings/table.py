"""The one table of settings: name, type, default, help.

Owns which settings exist, joined from the subjects beside it, and how raw values become settings. Must never read a
file or the environment: that is ``catalog.settings.sources``. docs/settings.md is generated from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from catalog.settings.cache import CacheSettings
from catalog.settings.deletion import DeletionSettings
from catalog.settings.further import HOME
from catalog.settings.identity import IdentitySettings
from catalog.settings.images import ImageSettings
from catalog.settings.imports import ImportSettings
from catalog.settings.limits import LimitSettings
from catalog.settings.rights import RightsSettings
from catalog.settings.s3 import S3Settings
from catalog.settings.serving import ServingSettings
from catalog.settings.stores import StoreSettings
from catalog.settings.swift import SwiftSettings
from catalog.settings.tasks import TaskSettings
from catalog.settings.transfers import TransferSettings
from catalog.settings.values import Parse
from catalog.settings.web import WebSettings


class SettingsError(Exception):
    """A setting is unknown or has a wrong value; the text names it and says what is right."""


@dataclass(frozen=True, kw_only=True)
class Settings(
    StoreSettings,
    ServingSettings,
    S3Settings,
    SwiftSettings,
    IdentitySettings,
    RightsSettings,
    LimitSettings,
    ImageSettings,
    TransferSettings,
    WebSettings,
    ImportSettings,
    TaskSettings,
    DeletionSettings,
    CacheSettings,
):
    """All settings of a catalog, subject by subject. Sizes are in bytes and times in seconds."""


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One row of the table, for documentation and the command line."""

    name: str
    default: Any
    help: str
    parse: Parse
    secret: bool = False

    @property
    def env(self) -> str:
        """The environment variable of the setting."""
        return f"CALOTYPE_{self.name.upper()}"


SETTINGS: Mapping[str, SettingInfo] = MappingProxyType(
    {
        row.name: SettingInfo(row.name, row.default, **row.metadata)
        for subject in Settings.__bases__
        for row in fields(subject)
    }
)


def build(values: Mapping[str, Any]) -> Settings:
    """Make settings from raw values. Raises SettingsError for an unknown name or a wrong value."""
    parsed: dict[str, Any] = {}
    for name, raw in values.items():
        if name not in SETTINGS:
            raise SettingsError(f"unknown setting: {name}")
        try:
            parsed[name] = SETTINGS[name].parse(raw)
        except ValueError as error:
            hidden = SETTINGS[name].secret or "@" in str(raw)  # an address may hold a password
            shown = "" if hidden else f"; not {raw!r}"
            raise SettingsError(f"setting {name}: {error}{shown}") from error
    made = Settings(**parsed)
    if made.default_backend not in (HOME, *(store.name for store in made.stores if not store.read_only)):
        raise SettingsError(
            f"setting default_backend: must be {HOME} or one of stores that takes data; not {made.default_backend!r}"
        )
    return made
