"""The command ``calotype``.

Owns the list of subcommands. Must never do their work.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

import click

from catalog.cli.adopt.command import adopt
from catalog.cli.api_table import api_table
from catalog.cli.doctor import doctor
from catalog.cli.image import image
from catalog.cli.index import index
from catalog.cli.metadefs import metadefs
from catalog.cli.metrics_table import metrics_table
from catalog.cli.password import password
from catalog.cli.serve import serve
from catalog.cli.settings import settings
from catalog.cli.store import store
from catalog.cli.sweep import sweep
from catalog.cli.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("calotype"), prog_name="calotype")
def commands() -> None:
    """Calotype: an image catalog whose only state is a bucket."""


commands.add_command(serve)
commands.add_command(doctor)
commands.add_command(index)
commands.add_command(settings)
commands.add_command(api_table)
commands.add_command(metadefs)
commands.add_command(verify)
commands.add_command(metrics_table)
commands.add_command(password)
commands.add_command(store)
commands.add_command(adopt)
commands.add_command(sweep)
commands.add_command(store)
commands.add_command(image)


def main() -> None:
    """Run the command line; what is wrong with it is said in one line, as all errors at start are."""
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
