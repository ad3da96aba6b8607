"""What a project uses of its quotas.

Owns the step from counts to limits, and the report to clients. Must never store anything: the index counts, so two
requests at the same moment may both get the last place.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.errors import TooLarge
from catalog.index.table import Table
from catalog.service.identity import Caller
from catalog.service.limits import NO_LIMIT, Limits

_MIB = 2**20


class Usage:
    """The use of all projects. Images without owner are not limited; unknown limits raise Unavailable."""

    def __init__(self, table: Table, limits: Limits) -> None:
        self._table, self._limits = table, limits

    def check_count(self, owner: str | None) -> None:
        """Raise TooLarge if a project may have no further image."""
        if owner is None or (limit := self._limits.of(owner).images) == NO_LIMIT:
            return
        if self._table.owner_count(owner) >= limit:
            raise TooLarge(f"image_count_total: the project has {limit} images already, as many as it may have")

    def check_receiving(self, owner: str | None) -> None:
        """Raise TooLarge if no further image of a project may get data at this time."""
        if owner is None or (limit := self._limits.of(owner).receiving) == NO_LIMIT:
            return
        if self._table.owner_use(owner).receiving >= limit:
            raise TooLarge(f"image_count_uploading: {limit} images of the project may get data at the same time")

    def check_stored(self, owner: str | None, more: int) -> None:
        """Raise TooLarge if a project may not keep that many further bytes."""
        room = self.room(owner)
        if room is not None and more > room:
            raise TooLarge(f"The image data would exceed the project's {self._limits.stored_name}")

    def check_staged(self, owner: str | None, more: int) -> None:
        """Raise TooLarge if that many further bytes of a project may not wait for an import."""
        room = self.staging_room(owner)
        if room is not None and more > room:
            raise TooLarge("The image data would exceed the project's image_stage_total")

    def check_not_over(self, owner: str | None) -> None:
        """Raise TooLarge if a project has more bytes than it may have, kept or waiting for an import."""
        self.check_stored(owner, 0)
        self.check_staged(owner, 0)

    def room(self, owner: str | None) -> int | None:
        """Give how many further bytes a project may keep, less than 0 where it has too many; None: no limit."""
        if owner is None or (limit := self._limits.of(owner).stored) == NO_LIMIT:
            return None
        return limit - self._table.owner_use(owner).stored

    def staging_room(self, owner: str | None) -> int | None:
        """Give how many further bytes of a project may wait for an import; None: no limit."""
        if owner is None or (limit := self._limits.of(owner).staged) == NO_LIMIT:
            return None
        return limit - self._table.owner_use(owner).staged

    def report(self, caller: Caller) -> Mapping[str, Mapping[str, int]]:
        """Give use and limit of each quota of the caller's project, sizes in MiB; empty where none is set."""
        if not self._limits.reported:
            return {}
        limits, use = self._limits.of(caller.project), self._table.owner_use(caller.project)
        return {
            "image_size_total": {"usage": use.stored // _MIB, "limit": _mib(limits.stored)},
            "image_stage_total": {"usage": use.staged // _MIB, "limit": _mib(limits.staged)},
            "image_count_total": {"usage": self._table.owner_count(caller.project), "limit": limits.images},
            "image_count_uploading": {"usage": use.receiving, "limit": limits.receiving},
        }


def _mib(limit: int) -> int:
    return limit if limit == NO_LIMIT else limit // _MIB
