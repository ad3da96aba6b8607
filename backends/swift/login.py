"""How a process proves to Swift who it is: v1 (tempauth) or Keystone v3, by settings or by the usual variables.

Owns the choice of the plugin and the life of the token. Must never put a key or a token into a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from keystoneauth1 import exceptions as sdk
from keystoneauth1.identity import V3ApplicationCredential, V3Password
from keystoneauth1.session import Session
from swiftclient.authv1 import PasswordPlugin

from catalog.store.errors import Denied, Unavailable


@dataclass(frozen=True, slots=True)
class SwiftOptions:
    """How to reach Swift; times in seconds. What is empty comes from the variables of ``VARIABLES``.

    ``connect_timeout`` also limits the sending of each 256 KiB of a body.
    """

    auth_url: str = ""
    auth_version: str = ""
    user: str = ""
    key: str = field(default="", repr=False)
    project: str = ""
    user_domain: str = ""
    project_domain: str = ""
    credential_id: str = ""
    credential_secret: str = field(default="", repr=False)
    region: str = ""
    interface: str = ""
    ca_bundle: str = ""
    temp_url_key: str = field(default="", repr=False)
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    max_connections: int = 64


VARIABLES: Mapping[str, tuple[str, ...]] = {
    "auth_url": ("OS_AUTH_URL", "ST_AUTH"),
    "auth_version": ("ST_AUTH_VERSION", "OS_IDENTITY_API_VERSION"),
    "user": ("OS_USERNAME", "ST_USER"),
    "key": ("OS_PASSWORD", "ST_KEY"),
    "project": ("OS_PROJECT_NAME",),
    "user_domain": ("OS_USER_DOMAIN_NAME",),
    "project_domain": ("OS_PROJECT_DOMAIN_NAME",),
    "credential_id": ("OS_APPLICATION_CREDENTIAL_ID",),
    "credential_secret": ("OS_APPLICATION_CREDENTIAL_SECRET",),
    "region": ("OS_REGION_NAME",),
    "interface": ("OS_INTERFACE",),
    "ca_bundle": ("OS_CACERT",),
}


@dataclass(frozen=True, slots=True)
class Login:
    """Where Swift is and with which token; both are asked for when they are needed, and again when they end."""

    token: Callable[[], str]
    storage_url: Callable[[], str]
    forget: Callable[[], object]
    """Drop a token that Swift refused."""
    ca_bundle: str = ""
    """File with the certificate authorities to trust."""


def make_login(options: SwiftOptions, environ: Mapping[str, str]) -> Login:
    """Choose the way to log in; no request is made. Raises Denied if something that it needs is missing."""
    values = {name: getattr(options, name) or _first(environ, names) for name, names in VARIABLES.items()}
    if not values["auth_url"]:
        raise Denied("Swift: no address to log in at (set swift_auth_url, or OS_AUTH_URL)")
    plugin = _plugin(values)
    timeout = options.connect_timeout + options.read_timeout
    session = Session(plugin, verify=values["ca_bundle"] or True, timeout=timeout, connect_retries=0)
    where = {"service_type": "object-store", "interface": values["interface"] or "public"}
    if values["region"]:
        where["region_name"] = values["region"]

    def token() -> str:
        with _login_errors(values["auth_url"]):
            return str(session.get_token())

    def storage_url() -> str:
        with _login_errors(values["auth_url"]):
            url = session.get_endpoint(**where)
        if not url:
            raise Denied(f"Swift: {values['auth_url']} names no object store for these credentials")
        return str(url).rstrip("/")

    return Login(token, storage_url, session.invalidate, values["ca_bundle"])


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def _plugin(values: Mapping[str, str]) -> Any:
    if values["credential_id"]:
        return V3ApplicationCredential(
            values["auth_url"],
            application_credential_id=values["credential_id"],
            application_credential_secret=values["credential_secret"],
        )
    for name in ("user", "key"):
        if not values[name]:
            raise Denied(f"Swift: no {name} to log in with (set swift_{name}, or {VARIABLES[name][0]})")
    if _is_v1(values):
        return PasswordPlugin(values["auth_url"], values["user"], values["key"])
    return V3Password(
        values["auth_url"],
        username=values["user"],
        password=values["key"],
        project_name=values["project"] or None,
        user_domain_name=values["user_domain"] or "Default",
        project_domain_name=values["project_domain"] or "Default",
    )


def _is_v1(values: Mapping[str, str]) -> bool:
    """Tell the version: as said, else by the address, which in v1 ends so."""
    if values["auth_version"]:
        return values["auth_version"].startswith("1")
    return values["auth_url"].rstrip("/").endswith(("/v1.0", "/v1"))


@contextmanager
def _login_errors(auth_url: str) -> Iterator[None]:
    """Raise store errors in place of those of the SDK; none of them quotes what was sent."""
    try:
        yield
    except (sdk.ConnectionError, sdk.HttpServerError, sdk.RequestTimeout, sdk.TooManyRequests) as error:
        raise Unavailable(f"Swift: {auth_url} gives no token now ({type(error).__name__})") from error
    except sdk.ClientException as error:
        raise Denied(f"Swift: {auth_url} refuses to log us in ({type(error).__name__})") from error
