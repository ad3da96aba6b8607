"""Projects, users and services in a Keystone, and the tokens of these users.

Owns what tests say to a Keystone as its administrator. Must never be needed to start one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import openstack
import requests
from openstack.connection import Connection

from tests.servers.keystone.server import Keystone

PASSWORD = "user-secret"


class Cloud:
    """What lies in a Keystone; users have ``PASSWORD`` and are of the domain ``Default``."""

    def __init__(self, keystone: Keystone) -> None:
        self.keystone = keystone
        self._ids: dict[str, str] = {}
        self.identity = self.connect(keystone.admin, "admin", keystone.password).identity
        self._roles = {role.name: role.id for role in self.identity.roles()}

    def connect(self, user: str, project: str, password: str = PASSWORD, **options: Any) -> Connection:
        """Give a connection of openstacksdk that finds all services in the catalog."""
        credentials = self._credentials(user, project, password)
        return openstack.connect(load_envvars=False, load_yaml_config=False, **credentials, **options)

    def variables(self, user: str, project: str, password: str = PASSWORD) -> dict[str, str]:
        """Give the environment that makes a command line client this user."""
        credentials = self._credentials(user, project, password)
        return {"OS_IDENTITY_API_VERSION": "3", **{f"OS_{key.upper()}": value for key, value in credentials.items()}}

    def _credentials(self, user: str, project: str, password: str) -> dict[str, str]:
        return {
            "auth_url": self.keystone.url, "username": user, "password": password, "project_name": project,
            "user_domain_name": "Default", "project_domain_name": "Default", "region_name": self.keystone.region,
        }  # fmt: skip

    def project(self, name: str) -> str:
        """Give the id of a project, which is made if need be."""
        if name not in self._ids:
            self._ids[name] = self.identity.create_project(name=name, domain_id="default").id
        return self._ids[name]

    def user(self, name: str, project: str, *roles: str) -> str:
        """Make a user with roles in a project, and give its id."""
        made = self.identity.create_user(name=name, password=PASSWORD, domain_id="default")
        for role in roles:
            self.identity.assign_project_role_to_user(self.project(project), made.id, self._roles[role])
        return str(made.id)

    def in_domain(self, user_id: str, role: str) -> None:
        """Give a user a role in the domain ``default``."""
        self.identity.assign_domain_role_to_user("default", user_id, self._roles[role])

    def in_system(self, user_id: str, role: str) -> None:
        """Give a user a role in the system."""
        self.identity.assign_system_role_to_user(user_id, self._roles[role], "all")

    def service(self, kind: str, url: str, region: str | None = None) -> None:
        """Put a service into the catalog."""
        region = region or self.keystone.region
        if region != self.keystone.region:
            self.identity.create_region(id=region)
        made = self.identity.create_service(name=f"{kind}-{region}", type=kind)
        for interface in ("public", "internal", "admin"):
            self.identity.create_endpoint(service_id=made.id, interface=interface, url=url, region_id=region)

    def token(
        self,
        user: str,
        project: str | None = None,
        *,
        seconds: int | None = None,
        scope: Mapping[str, Any] | None = None,
    ) -> str:
        """Sign in and give the token; ``seconds`` is how long it is good. Without project or scope it is unscoped."""
        login = {"user": {"name": user, "domain": {"id": "default"}, "password": PASSWORD}}
        auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": login}}
        if project is not None:
            scope = {"project": {"name": project, "domain": {"id": "default"}}}
        return self.sign_in({**auth, **({"scope": scope} if scope else {"scope": "unscoped"})}, seconds)

    def sign_in(self, auth: Mapping[str, Any], seconds: int | None = None) -> str:
        """Give the token for an ``auth`` object of the Identity API."""
        headers = {} if seconds is None else {"X-Test-Token-Seconds": str(seconds)}
        answer = requests.post(f"{self.keystone.url}/auth/tokens", json={"auth": auth}, headers=headers, timeout=120)
        answer.raise_for_status()
        return answer.headers["X-Subject-Token"]

    def revoke(self, token: str) -> None:
        """Make a token void."""
        headers = {"X-Auth-Token": token, "X-Subject-Token": token}
        requests.delete(f"{self.keystone.url}/auth/tokens", headers=headers, timeout=120).raise_for_status()
