"""Limits of projects as Keystone has them (Identity API v3, "Unified Limits").

Owns which of Keystone's rows count, and how long they are believed. Must never compare a limit with a use.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from keystoneauth1.exceptions import ClientException, EndpointNotFound

from catalog.api.identity.keystone_options import limits_adapter
from catalog.clock import Monotonic
from catalog.errors import Unavailable
from catalog.service.limits import NO_LIMIT, ProjectLimits
from catalog.settings import Settings

log = structlog.get_logger(__name__)

_MIB = 2**20
_MOST = 10_000
"""Projects whose limits are kept; what was used longest ago makes room."""
_PAUSE_SECONDS = 5.0
"""How long Keystone is left alone after it was asked in vain: an upload looks at its limits several times."""
_UNREGISTERED = 0
"""A limit that Keystone does not know allows nothing, as with oslo.limit."""


class KeystoneLimits:
    """Limits that Keystone has registered for this service, and those of single projects. Safe for many threads."""

    stored_name = "image_size_total"
    reported = True

    def __init__(self, settings: Settings, monotonic: Monotonic) -> None:
        """Connect to nothing yet: Keystone may come later than the catalog. Raises SettingsError."""
        self._keystone = limits_adapter(settings)
        self._timeout = settings.keystone_http_connect_timeout
        self._service_type, self._region = settings.keystone_service_type, settings.keystone_region_name
        self._seconds, self._monotonic = settings.keystone_limits_cache_time, monotonic
        self._kept: OrderedDict[str | None, tuple[float, ProjectLimits]] = OrderedDict()
        self._lock = threading.Lock()
        self._away_until = 0.0

    def of(self, project: str | None) -> ProjectLimits:
        """Give the limits of a project, the last known ones where Keystone is asked in vain. Raises Unavailable."""
        with self._lock:
            until, known = self._kept.get(project, (0.0, None))
        if known is not None and self._monotonic() < until:
            return known
        limits = self._try(project)
        if limits is None:
            if known is None:
                raise Unavailable("The limits of the project cannot be found out now; try again later.")
            return known
        with self._lock:
            self._kept[project] = self._monotonic() + self._seconds, limits
            self._kept.move_to_end(project)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return limits

    def _try(self, project: str | None) -> ProjectLimits | None:
        """Ask Keystone, but not soon after it was asked in vain."""
        if self._monotonic() < self._away_until:
            return None
        try:
            return self._ask(project)
        except (ClientException, ValueError, LookupError) as error:
            log.error("limits of a project not found", project=project, error=type(error).__name__)
            self._away_until = self._monotonic() + _PAUSE_SECONDS
            return None

    def _ask(self, project: str | None) -> ProjectLimits:
        service, region = self._place()
        registered = self._rows("registered_limits", service_id=service)
        found = _values(registered, "default_limit", region)
        if project is not None:
            own = self._rows("limits", service_id=service, project_id=project)
            found.update(_values(own, "resource_limit", region))
        return ProjectLimits(
            images=found.get("image_count_total", _UNREGISTERED),
            receiving=found.get("image_count_uploading", _UNREGISTERED),
            stored=_bytes(found.get("image_size_total", _UNREGISTERED)),
            staged=_bytes(found.get("image_stage_total", _UNREGISTERED)),
        )

    def _place(self) -> tuple[str, str | None]:
        """Give the id of this service in Keystone's catalog, and its region where it can be known."""
        session = self._keystone.session
        for entry in session.auth.get_access(session).service_catalog.catalog:
            regions = {endpoint["region_id"] for endpoint in entry["endpoints"]}
            if entry["type"] == self._service_type and (not self._region or self._region in regions):
                return entry["id"], self._region or (regions.pop() if len(regions) == 1 else None)
        raise EndpointNotFound(f"no service {self._service_type} of the region in the catalog")

    def _rows(self, kind: str, **filters: str) -> list[Mapping[str, Any]]:
        answer = self._keystone.get(f"/{kind}", params=filters, timeout=self._timeout)
        rows: list[Mapping[str, Any]] = answer.json()[kind]
        return rows


def _values(rows: Iterable[Mapping[str, Any]], value: str, region: str | None) -> dict[str, int]:
    """Give the limits by name; one of the region counts more than one of all regions."""
    fitting = [row for row in rows if row["region_id"] in (None, region)]
    return {row["resource_name"]: row[value] for row in sorted(fitting, key=lambda row: row["region_id"] is not None)}


def _bytes(mebibytes: int) -> int:
    return mebibytes if mebibytes == NO_LIMIT else mebibytes * _MIB
