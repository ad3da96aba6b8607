"""``calotype image``: what an operator does to single images past the API.

Owns options and output. Must never go round the rules of the service: it speaks as an admin.
"""

from __future__ import annotations

import click

from catalog.cli.options import on_a_store
from catalog.cli.sweep import opened
from catalog.errors import CatalogError
from catalog.service.identity import Caller
from catalog.store.errors import StoreError

_OPERATOR = Caller("operator", None, frozenset({"admin"}), admin=True)


@click.group()
def image() -> None:
    """Look after single images."""


@image.command("undelete")
@on_a_store
@click.argument("image_id", metavar="ID")
def undelete(config: str | None, store: str | None, image_id: str) -> None:
    """Bring a deleted image back, as long as its data exists. Servers may run meanwhile."""
    with opened(config, store) as catalog:
        try:
            found = catalog.services.deletions.undelete(_OPERATOR, image_id)
        except (CatalogError, StoreError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{found.id} is {found.status} again")
