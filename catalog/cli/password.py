"""``calotype password``: make a line of the file of passwords.

Owns the question and the cost of new hashes. Must never take a password as a word of the command line: others see it.
"""

from __future__ import annotations

import sys

import bcrypt
import click

_COST = 12
"""A quarter of a second on a usual processor."""
_MOST = 72


@click.command()
@click.argument("name")
def password(name: str) -> None:
    """Print a line for http_basic_auth_user_file; the password is asked for, or read from a pipe."""
    if ":" in name or name.startswith("#") or not name.strip():
        raise click.ClickException("a user's name is not empty, has no colon and does not begin with #")
    asks = sys.stdin.isatty()
    given = (
        click.prompt("Password", hide_input=True, err=True, confirmation_prompt=True) if asks else sys.stdin.readline()
    )
    word = given.rstrip("\r\n").encode()
    if not word or len(word) > _MOST or b"\0" in word:
        raise click.ClickException(f"a password has 1 to {_MOST} bytes, all of which bcrypt looks at")
    click.echo(f"{name}:{bcrypt.hashpw(word, bcrypt.gensalt(_COST)).decode()}")
