"""``calotype settings``: the table of settings, for people and for docs/settings.md.

Owns how the table looks. Must never read a value.
"""

from __future__ import annotations

from typing import Any

import click

from catalog.settings import SETTINGS, SettingInfo

_HEAD = """\
# Settings

Each setting can come from a TOML file (`calotype serve --config FILE`, or the variable `CALOTYPE_CONFIG`), from an
environment variable, or from an option of `calotype serve`; the later one wins. An unknown or wrong setting stops the
start with a message that names it; the variables that Kubernetes sets for a Service are none. Sizes take `KB`, `MB`,
`GB` and `TB` (powers of 1024), times are seconds.

This page is printed by `calotype settings`.

| Setting | Variable | Option | Default | Meaning |
|---|---|---|---|---|
"""


def markdown() -> str:
    """Give the page of all settings."""
    rows = [
        f"| `{row.name}` | `{row.env}` | {_option(row)} | {_shown(row.default)} | {row.help} |"
        for row in SETTINGS.values()
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _option(row: SettingInfo) -> str:
    return "(none: others could read it)" if row.secret else f"`{option_name(row.name)}`"


def option_name(name: str) -> str:
    """Give the command line's spelling of a setting."""
    return "--" + name.replace("_", "-")


def _shown(value: Any) -> str:
    if value is None:
        return "`auto`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple) and value:
        return f"`{','.join(map(str, value))}`"
    return f"`{value}`" if value not in ("", ()) else "(empty)"


@click.command()
def settings() -> None:
    """Print the table of all settings (Markdown)."""
    click.echo(markdown(), nl=False)
