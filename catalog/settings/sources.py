"""Where settings come from: a TOML file, CALOTYPE_* variables, options of the command line, in rising order.

Owns reading and joining the sources once at start. Must never give a setting a meaning.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.settings import SETTINGS, Settings, SettingsError, build

PREFIX = "CALOTYPE_"
CONFIG = "CALOTYPE_CONFIG"

_POD = "KUBERNETES_SERVICE_HOST"
"""Every container of Kubernetes has it."""
_PORT = r"PORT_\d+_(TCP|UDP|SCTP)"
_SERVICE_LINK = re.compile(
    rf"{PREFIX}(\w+_)?(SERVICE_HOST=|SERVICE_PORT(_\w+)?=|(PORT|{_PORT})=\w+://|{_PORT}_(PROTO|PORT|ADDR)=)"
)
"""What Kubernetes sets in the containers of a namespace for a Service called ``calotype`` or ``calotype-...``
(Kubernetes, Concepts, Service, "Discovering services"): nobody's setting."""


def load(config: str | None, environ: Mapping[str, str], options: Mapping[str, Any]) -> Settings:
    """Join all sources. Raises SettingsError, naming file, variable or setting, for whatever is wrong."""
    values: dict[str, Any] = {}
    path = config or environ.get(CONFIG)
    if path:
        values.update(_from_file(Path(path)))
    values.update(_from_environ(environ))
    values.update({name: value for name, value in options.items() if value is not None})
    return build(values)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"configuration file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"configuration file {path}: {error}") from error
    for name in content:
        if name not in SETTINGS:
            raise SettingsError(f"configuration file {path}: unknown setting: {name}")
    return content


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith(PREFIX) or variable == CONFIG:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in SETTINGS:
            if _POD in environ and _SERVICE_LINK.match(f"{variable}={value}"):
                continue
            raise SettingsError(f"unknown setting: {variable}")
        values[name] = value
    return values
