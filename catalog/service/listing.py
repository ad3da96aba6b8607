"""``GET /v2/images``: one page of the images that the caller sees.

Owns the marker's rules, the body and its links. Must never read the store but for a marker that the index does not
have: the rows hold the served JSON, and a page is a join of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import quote, urlencode

import orjson

from catalog.errors import Forbidden, Invalid
from catalog.index.feed import Feed
from catalog.index.lookups import Row
from catalog.index.query import ListQuery
from catalog.index.rows import GONE
from catalog.index.table import Table
from catalog.model import Image
from catalog.schemas.list_query import parse_list_query
from catalog.service.identity import Caller
from catalog.service.policy import Policy, visible
from catalog.service.records import is_image_id
from catalog.service.representation import LocationView
from catalog.settings import Settings

Pairs = Sequence[tuple[str, str]]
Load = Callable[[str], Image | None]
"""Reads a record by id from the store, tombstones included; None if there never was one."""

_PATH = "/v2/images"


class Listing:
    """The list of images."""

    def __init__(
        self, table: Table, feed: Feed, load: Load, policy: Policy, settings: Settings, location_view: LocationView
    ) -> None:
        self._policy = policy
        self._table = table
        self._feed = feed
        self._load = load
        self._settings = settings
        self._location_view = location_view

    def page(self, caller: Caller, pairs: Pairs) -> bytes:
        """Give the JSON body for decoded query parameters. Raises Invalid or Forbidden."""
        parsed = parse_list_query(pairs, self._settings.limit_param_default, self._settings.api_limit_max)
        self._policy.require("get_images", caller)
        self._feed.catch_up()
        marker = None if parsed.marker is None else self._marker(caller, parsed.marker)
        query = replace(parsed.query, marker=marker, project=caller.project, is_admin=caller.is_admin)
        rows = self._rows(caller, query)
        shown = rows if self._policy.always_allows("get_image", caller) else self._allowed(caller, rows)
        full = len(rows) == query.limit  # counted before the rule: what it hides is on a page all the same
        following = shown[-1].id if shown and full else None
        return self._body(caller, shown, [pair for pair in pairs if pair[0] != "marker"], following)

    def _marker(self, caller: Caller, marker: str) -> Image:
        image = (self._table.find(marker) or self._load(marker)) if is_image_id(marker) else None
        if image is None or (image.status in GONE and not caller.is_admin):
            raise Invalid(f"Invalid marker: no image found with ID {marker[:36]}")
        if not visible(caller, image):
            raise Forbidden("You are not authorized to use this image as the marker.")
        return image

    def _rows(self, caller: Caller, query: ListQuery) -> Sequence[Row]:
        if not all(self._policy.protections.allows("read", name, caller) for name, _ in query.properties):
            return []  # a match would tell the value of a property that the caller may not read
        return self._table.page(query, with_record=self._rendered or self._policy.needs_record("get_image"))

    @property
    def _rendered(self) -> bool:
        """Whether a page is rendered for its caller, since the ready-made rows are not what everybody sees."""
        return self._location_view.shown or self._policy.protections.active

    def _allowed(self, caller: Caller, rows: Sequence[Row]) -> Sequence[Row]:
        if self._policy.needs_record("get_image"):
            return [row for row in rows if self._policy.allows("get_image", caller, row.image)]
        kinds = {(row.owner, row.visibility) for row in rows}  # a page has few of them, and the rules look at no more
        allowed = {kind for kind in kinds if self._policy.allows_row("get_image", caller, *kind)}
        return [row for row in rows if (row.owner, row.visibility) in allowed]

    def _served(self, row: Row, admin: bool) -> bytes:
        image = self._table.find(row.id) if self._location_view.differs(row.status, admin) else None
        return row.served if image is None else self._location_view.render(image, admin)

    def _body(self, caller: Caller, rows: Sequence[Row], pairs: Pairs, following: str | None) -> bytes:
        if self._rendered:
            shown = [self._policy.protections.shown(caller, row.image) for row in rows]
            images = [self._location_view.render(image, caller.is_admin) for image in shown]
        else:
            images = [self._served(row, caller.is_admin) for row in rows]
        body = [b'{"images":[', b",".join(images), b'],"first":', orjson.dumps(_link(pairs))]
        if following is not None:
            body += [b',"next":', orjson.dumps(_link([*pairs, ("marker", following)]))]
        return b"".join([*body, b',"schema":"/v2/schemas/images"}'])


def _link(pairs: Pairs) -> str:
    """Repeat a query with every value of a key that is given more than once."""
    return f"{_PATH}?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else _PATH
