"""The lists of the Image API v1.

Owns whom they show what, and the marker's rules. Must never read the store but for a marker that the index does not
have. Hidden images are listed: this API does not know that images can be hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from catalog.errors import Invalid
from catalog.index.feed import Feed
from catalog.index.rows import GONE
from catalog.index.table import Table
from catalog.model import Image
from catalog.schemas.v1_list import parse_v1_list
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.policy import visible


class V1Listing:
    """The short and the detailed list."""

    def __init__(self, core: Core, table: Table, feed: Feed) -> None:
        self._table, self._feed, self._records = table, feed, core.records
        self._policy, self._settings = core.policy, core.settings

    def page(self, caller: Caller, pairs: Sequence[tuple[str, str]]) -> list[Image]:
        """Give the images of one page for decoded query parameters. Raises Invalid, Forbidden."""
        parsed = parse_v1_list(
            pairs, self._settings.limit_param_default, self._settings.api_limit_max, caller.is_admin
        )
        self._policy.require("get_images", caller)
        if not self._readable(caller, parsed.query.properties):
            return []
        self._feed.catch_up()
        marker = None if parsed.marker is None else self._marker(caller, parsed.marker, parsed.query.deleted)
        query = replace(parsed.query, marker=marker, project=caller.project)
        images = [row.image for row in self._table.page(query, with_record=True)]
        allowed = [image for image in images if self._policy.allows("get_image", caller, image)]
        return [self._policy.protections.shown(caller, image) for image in allowed]

    def _readable(self, caller: Caller, properties: Sequence[tuple[str, str]]) -> bool:
        """Tell whether the caller may know of all these: nobody finds out a property by filtering for its value."""
        return all(self._policy.protections.allows("read", name, caller) for name, _ in properties)

    def _marker(self, caller: Caller, marker: str, deleted: bool | None) -> Image:
        stored = self._records.find(marker)
        image = stored.image if stored else None
        unwanted = image is not None and image.status in GONE and deleted is False
        if image is None or unwanted or not visible(caller, image):
            raise Invalid(f"Invalid marker: no image found with ID {marker[:36]}")
        return image
