"""The settings ``keystone_*`` as keystonemiddleware and keystoneauth want them.

Owns which settings sign the catalog in. Must never read oslo.config's global options or its files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keystoneauth1 import loading
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session
from keystonemiddleware.auth_token import list_opts
from oslo_config.cfg import ConfigOpts

from catalog.settings import Settings, SettingsError

_GROUP = "keystone_authtoken"
_PREFIX = "keystone_"
_USER = ("username", "password", "user_domain_name", "project_name", "project_domain_name")
_SIGN_IN: Mapping[str, tuple[str, ...]] = {
    "password": _USER,
    "v3applicationcredential": ("application_credential_id", "application_credential_secret"),
}
"""How the catalog signs in -> the settings for it, all of them needed."""
_PLAIN = (
    "auth_url", "auth_type", "interface", "insecure", "http_connect_timeout", "http_request_max_retries",
    "token_cache_time", "service_type", "service_token_roles", "service_token_roles_required",
)  # fmt: skip
_WHERE_GIVEN = ("region_name", "cafile", "certfile", "keyfile")


def middleware_options(settings: Settings, cache: str) -> dict[str, Any]:
    """Give the middleware's configuration; ``cache`` names the cache in a request's environment.

    Raises SettingsError where something is missing.
    """
    values = {name: getattr(settings, _PREFIX + name) for name in _PLAIN} | _sign_in(settings)
    values.update({name: value for name in _WHERE_GIVEN if (value := getattr(settings, _PREFIX + name))})
    values["www_authenticate_uri"] = settings.keystone_www_authenticate_uri or settings.keystone_auth_url
    options = ConfigOpts()
    options([], project="calotype", default_config_files=[], default_config_dirs=[])
    for _, rows in list_opts():
        options.register_opts(rows, group=_GROUP)
    options.register_opts(loading.get_auth_plugin_conf_options(settings.keystone_auth_type), group=_GROUP)
    for name, value in {**values, "cache": cache}.items():
        options.set_override(name.replace("-", "_"), list(value) if isinstance(value, tuple) else value, group=_GROUP)
    return {"oslo_config_config": options}


def limits_adapter(settings: Settings) -> Adapter:
    """Give what asks Keystone for limits, signed in as the catalog. Raises SettingsError."""
    values = _sign_in(settings)
    if settings.keystone_limits_scope == "system":
        if settings.keystone_auth_type != "password":
            raise SettingsError("setting keystone_limits_scope: application credentials are those of a project")
        values = {name: value for name, value in values.items() if not name.startswith("project_")}
        values["system_scope"] = "all"
    session = plain_session(settings)
    session.auth = loading.get_plugin_loader(settings.keystone_auth_type).load_from_options(**values)
    return Adapter(
        session,
        service_type="identity",
        interface=settings.keystone_interface,
        region_name=settings.keystone_region_name or None,
        min_version=3,
        max_version="3.latest",
        connect_retries=settings.keystone_http_request_max_retries,
    )


def plain_session(settings: Settings) -> Session:
    """Give a session that asks Keystone without an identity."""
    certificate = (settings.keystone_certfile, settings.keystone_keyfile) if settings.keystone_certfile else None
    return Session(verify=False if settings.keystone_insecure else settings.keystone_cafile or True, cert=certificate)


def _sign_in(settings: Settings) -> dict[str, Any]:
    """Give where and as whom to sign in. Raises SettingsError where something is missing."""
    names = ("auth_url", *_SIGN_IN[settings.keystone_auth_type])
    values = {name: getattr(settings, _PREFIX + name) for name in names}
    for name, value in values.items():
        if not value:
            raise SettingsError(f"setting {_PREFIX}{name}: auth keystone needs it")
    return values
