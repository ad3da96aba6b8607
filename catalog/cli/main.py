"""The command ``calotype``.

Owns the list of subcommands. Must never do their work.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Any

import click

from catalog.cli.serve import serve
from catalog.cli.settings import settings


class _OneLine(click.Group):
    """Says what is wrong with the command line in one line, as all errors at start are said."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run, and end the process."""
        if not options.pop("standalone_mode", True):
            return super().main(*args, standalone_mode=False, **options)
        try:
            sys.exit(super().main(*args, standalone_mode=False, **options))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.ClickException as error:
            click.echo(f"calotype: {error.format_message()}", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(1)


@click.group(cls=_OneLine, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("calotype"), prog_name="calotype")
def main() -> None:
    """Calotype: an image catalog whose only state is a bucket."""


main.add_command(serve)
main.add_command(settings)
