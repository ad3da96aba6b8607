"""The command ``calotype``.

Owns the list of subcommands. Must never do their work.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from types import FrameType

import click

_COMMANDS: Mapping[str, str] = {
    "adopt": "adopt.command:adopt",
    "api-table": "api_table:api_table",
    "doctor": "doctor:doctor",
    "image": "image:image",
    "index": "index:index",
    "metadefs": "metadefs:metadefs",
    "metrics-table": "metrics_table:metrics_table",
    "password": "password:password",
    "serve": "serve:serve",
    "settings": "settings:settings",
    "store": "store:store",
    "sweep": "sweep:sweep",
    "verify": "verify:verify",
}
"""Name -> module in ``catalog.cli`` and command in it. One is loaded when it is run, or when help shows it: a server
starts sooner without the others."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"catalog.cli.{module}"), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("calotype"), prog_name="calotype")
def commands() -> None:
    """Calotype: an image catalog whose only state is a bucket."""


def main() -> None:
    """Run the command line; what is wrong with it is said in one line, as all errors at start are."""
    if os.getpid() == 1:  # in a container; the kernel drops what process 1 has no handler for
        signal.signal(signal.SIGTERM, _end)
    try:
        sys.exit(commands.main(prog_name="calotype", standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"calotype: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(1)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
