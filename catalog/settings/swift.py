"""The way to Swift.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import network, values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class SwiftSettings:
    """The way to Swift."""

    swift_auth_url: str = setting("", network.http_url, "Address to log in to Swift at; empty: `OS_AUTH_URL`.")
    swift_auth_version: str = setting(
        "", values.one_of("", "1", "3"), "`1` (tempauth) or `3` (Keystone); empty: as the address says."
    )
    swift_user: str = setting("", values.text, "User of Swift (`account:user` with version 1); empty: `OS_USERNAME`.")
    swift_key: str = setting(
        "", values.secret, "Password of that user; empty: `OS_PASSWORD`, or `ST_KEY`.", secret=True
    )
    swift_project: str = setting("", values.text, "Project of that user; empty: `OS_PROJECT_NAME`.")
    swift_user_domain: str = setting("", values.text, "Domain of that user; empty: `OS_USER_DOMAIN_NAME`.")
    swift_project_domain: str = setting("", values.text, "Domain of the project; empty: `OS_PROJECT_DOMAIN_NAME`.")
    swift_credential_id: str = setting(
        "", values.text, "Application credential in place of user and project; empty: `OS_APPLICATION_CREDENTIAL_ID`."
    )
    swift_credential_secret: str = setting(
        "", values.secret, "Its secret; empty: `OS_APPLICATION_CREDENTIAL_SECRET`.", secret=True
    )
    swift_region: str = setting("", values.text, "Region of the object store; empty: `OS_REGION_NAME`.")
    swift_interface: str = setting(
        "", values.one_of("", "public", "internal", "admin"), "Which address of the service catalog is used."
    )
    swift_ca_bundle: str = setting("", values.text, "File with the certificate authorities to trust for Swift.")
    swift_temp_url_key: str = setting(
        "", values.secret, "Key of temporary URLs; empty: the account's, else one made for the container.", secret=True
    )
    swift_take_over: bool = setting(
        False,
        values.boolean,
        "Become the writing host of a home store in Swift at start, whoever is it (docs/swift.md).",
    )
    swift_connect_timeout: float = setting(5.0, values.seconds, "Seconds to wait for a connection to Swift.")
    swift_read_timeout: float = setting(60.0, values.seconds, "Seconds to wait for an answer of Swift.")
    swift_max_connections: int = setting(64, values.integer(1), "Connections to Swift at most.")
