"""Options that several commands have.

Owns their names and help. Must never read a setting.
"""

from __future__ import annotations

from collections.abc import Callable

import click

Command = Callable[..., None]


def on_a_store(command: Command) -> Command:
    """Let a command be told which store it works on."""
    command = click.option("--store", help="Where everything is kept, if not where the settings say.")(command)
    return click.option("--config", help="TOML file with settings.")(command)
