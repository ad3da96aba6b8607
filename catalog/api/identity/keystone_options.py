"""The settings ``keystone_*`` as keystonemiddleware and keystoneauth want them.

Owns which settings sign the catalog in. Must never read oslo.config's global options or its files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keystoneauth1 import loading
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
    values = {name: getattr(settings, _PREFIX + name) for name in (*_PLAIN, *_SIGN_IN[settings.keystone_auth_type])}
    for name in ("auth_url", *_SIGN_IN[settings.keystone_auth_type]):
        if not values[name]:
            raise SettingsError(f"setting {_PREFIX}{name}: auth keystone needs it")
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


def plain_session(settings: Settings) -> Session:
    """Give a session that asks Keystone without an identity."""
    certificate = (settings.keystone_certfile, settings.keystone_keyfile) if settings.keystone_certfile else None
    return Session(verify=False if settings.keystone_insecure else settings.keystone_cafile or True, cert=certificate)
