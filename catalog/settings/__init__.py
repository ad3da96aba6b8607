"""Settings: one table, a module for each subject of it.

``from catalog.settings import Settings`` is the import for everybody; ``catalog.settings.sources`` reads them.
"""

from catalog.settings.table import SETTINGS, SettingInfo, Settings, SettingsError, build

__all__ = ["SETTINGS", "SettingInfo", "Settings", "SettingsError", "build"]
