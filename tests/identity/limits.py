"""Limits of projects in a Keystone, and users who meet them.

Owns what tests say to a Keystone about limits. Must never start a server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from tests.identity.conftest import People, User

REGION = "RegionOne"
GENERAL = {"image_count_total": 4, "image_size_total": 2, "image_stage_total": 1, "image_count_uploading": 2}
FORMATS = {"disk_format": "raw", "container_format": "bare"}


class Registered:
    """The limits of the image service in a Keystone."""

    def __init__(self, people: People) -> None:
        self._identity = people.cloud.identity
        self.service = next(s.id for s in self._identity.services(type="image") if s.name == f"image-{REGION}")

    def register(self, region: str | None, **values: int) -> None:
        """Register limits for all projects."""
        where = {"service_id": self.service, **({"region_id": region} if region else {})}
        for name, value in values.items():
            self._identity.create_registered_limit(resource_name=name, default_limit=value, **where)

    def give(self, project_id: str, name: str, value: int) -> None:
        """Give one project a limit of its own, in place of the one that it had."""
        for row in list(self._identity.limits(service_id=self.service, project_id=project_id, resource_name=name)):
            self._identity.delete_limit(row.id)
        where = {"service_id": self.service, "region_id": REGION, "project_id": project_id}
        self._identity.create_limit(resource_name=name, resource_limit=value, **where)

    def change(self, name: str, value: int) -> None:
        """Change what all projects have."""
        for row in self._identity.registered_limits(service_id=self.service, resource_name=name):
            self._identity.update_registered_limit(row.id, default_limit=value)

    def clear(self) -> None:
        """Remove all limits."""
        for row in list(self._identity.limits(service_id=self.service)):
            self._identity.delete_limit(row.id)
        for row in list(self._identity.registered_limits(service_id=self.service)):
            self._identity.delete_registered_limit(row.id)


def create(who: User) -> requests.Response:
    """Ask for a new image."""
    return who.call("POST", "/v2/images", json={"name": "limited", **FORMATS})
