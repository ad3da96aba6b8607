"""What a project uses of its quotas.

Owns the step from counts to limits, and the report to clients. Must never store anything: the index counts, so two
requests at the same moment may both get the last place.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.errors import TooLarge
from catalog.index.table import Table
from catalog.service.identity import Caller
from catalog.settings import Settings

_MIB = 2**20
_NO_LIMIT = -1
"""How the API writes that there is no limit (Keystone's unified limits)."""


class Usage:
    """The use of all projects."""

    def __init__(self, table: Table, settings: Settings) -> None:
        self._table, self._settings = table, settings

    def stored(self, owner: str) -> int:
        """Give the bytes that a project keeps, each image once for every location."""
        return self._table.owner_use(owner).stored

    def check_count(self, owner: str | None) -> None:
        """Raise TooLarge if a project may have no further image; images without owner are not limited."""
        limit = self._settings.image_count_total
        if owner is not None and limit != _NO_LIMIT and self._table.owner_count(owner) >= limit:
            raise TooLarge(f"image_count_total: the project has {limit} images already, as many as it may have")

    def check_stored(self, owner: str | None, more: int) -> None:
        """Raise TooLarge if that many further bytes go over ``user_storage_quota``."""
        quota = self._settings.user_storage_quota
        if quota and owner is not None and self.stored(owner) + more > quota:
            raise TooLarge("The image data would exceed the project's user_storage_quota")

    def report(self, caller: Caller) -> Mapping[str, Mapping[str, int]]:
        """Give use and limit of each quota of the caller's project, sizes in MiB; empty where none is set."""
        quota, count = self._settings.user_storage_quota, self._settings.image_count_total
        if not quota and count == _NO_LIMIT:
            return {}
        use = self._table.owner_use(caller.project)
        return {
            "image_size_total": {"usage": use.stored // _MIB, "limit": quota // _MIB if quota else _NO_LIMIT},
            "image_stage_total": {"usage": use.staged // _MIB, "limit": _NO_LIMIT},
            "image_count_total": {"usage": self._table.owner_count(caller.project), "limit": count},
            "image_count_uploading": {"usage": use.receiving, "limit": _NO_LIMIT},
        }
