"""Makes the way to prove an identity that the settings ask for, and what knows the limits of projects.

Owns the list of ways. Must never read a request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalog.api.identity.basic import BasicIdentity
from catalog.api.identity.believed import Believed, Everybody
from catalog.api.identity.interface import Identity
from catalog.clock import Monotonic
from catalog.service.limits import Limits, SettingsLimits
from catalog.settings import Settings, SettingsError

_NO_KEYSTONE = (
    "setting auth: keystone needs the package keystonemiddleware; install it with: pip install 'calotype[keystone]'"
)


def open_identity(settings: Settings, monotonic: Monotonic) -> Identity:
    """Give the way of the setting ``auth``. Raises SettingsError."""
    return _WAYS[settings.auth](settings, monotonic)


def open_limits(settings: Settings, monotonic: Monotonic) -> Limits:
    """Give what knows the limits of projects. Raises SettingsError."""
    if not settings.use_keystone_limits:
        return SettingsLimits(settings)
    if settings.auth != "keystone":
        raise SettingsError("setting use_keystone_limits: it needs auth keystone")
    from catalog.api.identity.keystone_limits import KeystoneLimits  # open_identity has said what is not installed

    return KeystoneLimits(settings, monotonic)


def _keystone(settings: Settings, monotonic: Monotonic) -> Identity:
    try:
        from catalog.api.identity.keystone import KeystoneIdentity
    except ModuleNotFoundError as error:
        raise SettingsError(_NO_KEYSTONE) from error
    return KeystoneIdentity(settings, monotonic)


_WAYS: Mapping[str, Callable[[Settings, Monotonic], Identity]] = {
    "none": lambda settings, monotonic: Everybody(),
    "headers": lambda settings, monotonic: Believed(),
    "http_basic": BasicIdentity,
    "keystone": _keystone,
}
