"""The settings that tell who may come in, and how their connections are made.

Owns the rows for identity, TLS, proxies and the rate of requests. Must never read one: the table as a whole is
``catalog.settings.table``. Rows that begin with ``keystone_`` are those of Glance's section ``[keystone_authtoken]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from catalog.settings import network, values
from catalog.settings.row import setting

METHODS = ("none", "http_basic", "keystone", "headers")


@dataclass(frozen=True, kw_only=True)
class IdentitySettings:
    """Who may come in."""

    auth: str = setting(
        "none", values.one_of(*METHODS),
        "How callers prove who they are: `none` (everybody is admin), `http_basic` (a file of passwords), `keystone`, "
        "or `headers` (a test mode: `X-Auth-Token: user:project:role,role` is believed).",
    )  # fmt: skip
    http_basic_auth_user_file: str = setting(
        "", values.text, "Passwords for `auth` http_basic: lines `user:hash`, made by `htpasswd -B` (bcrypt alone)."
    )
    http_basic_auth_role_file: str = setting(
        "", values.text, "Where these users belong: a line `user:project:role,role` for each."
    )
    keystone_auth_url: str = setting("", network.http_url, "Address of Keystone, for `auth` keystone.")
    keystone_www_authenticate_uri: str = setting(
        "", network.http_url, "Address of Keystone that clients without a token are told; empty: `keystone_auth_url`."
    )
    keystone_auth_type: str = setting(
        "password", values.one_of("password", "v3applicationcredential"),
        "What the catalog signs in to Keystone with, to have tokens checked.",
    )  # fmt: skip
    keystone_username: str = setting("", values.text, "The catalog's own user.")
    keystone_password: str = setting("", values.text, "That user's password.", secret=True)
    keystone_user_domain_name: str = setting("Default", values.text, "Domain of that user.")
    keystone_project_name: str = setting("service", values.text, "Project that the user signs in to.")
    keystone_project_domain_name: str = setting("Default", values.text, "Domain of that project.")
    keystone_application_credential_id: str = setting("", values.text, "Application credential instead of a user.")
    keystone_application_credential_secret: str = setting("", values.text, "Its secret.", secret=True)
    keystone_region_name: str = setting("", values.text, "Region of the catalog entry of Keystone to use.")
    keystone_interface: str = setting(
        "internal", values.one_of("public", "internal", "admin"), "Interface of Keystone to use."
    )
    keystone_cafile: str = setting("", values.text, "File with the certificate authorities to trust for Keystone.")
    keystone_certfile: str = setting("", values.text, "Client certificate to show Keystone.")
    keystone_keyfile: str = setting("", values.text, "Its key.")
    keystone_insecure: bool = setting(False, values.boolean, "Take any certificate of Keystone.")
    keystone_http_connect_timeout: int = setting(10, values.integer(1), "Seconds to wait for an answer of Keystone.")
    keystone_http_request_max_retries: int = setting(
        1, values.integer(0), "Times that a connection to Keystone is tried again."
    )
    keystone_token_cache_time: int = setting(
        300, values.integer(-1),
        "Seconds that a checked token is believed without asking again, also while Keystone is down or after the "
        "token was revoked; -1: never.",
    )  # fmt: skip
    keystone_service_type: str = setting(
        "image", values.text, "Type of this service, for application credentials with access rules."
    )
    keystone_service_token_roles: tuple[str, ...] = setting(
        ("service",), values.words, "Roles of which a service token (`X-Service-Token`) must have one."
    )
    keystone_service_token_roles_required: bool = setting(
        True, values.boolean, "Refuse service tokens without such a role; else only expired users need it."
    )
    cert_file: str = setting("", values.text, "Certificate (chain) to serve https with; empty: http.")
    key_file: str = setting("", values.text, "Its key, if that is not in `cert_file`.")
    ca_file: str = setting("", values.text, "Certificate authorities of which a client must show a certificate.")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = setting(
        (), network.networks,
        "Addresses and networks of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.",
    )  # fmt: skip
    rate_limit: float = setting(
        0.0, values.number, "Requests a second that one address may send, who it is or not; 0 means no limit."
    )
    rate_limit_burst: int = setting(100, values.integer(1), "Requests that an address may send at once before that.")
