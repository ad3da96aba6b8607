"""What a PATCH does to the locations of an image (Image API v2, "Update image", locations; the old way).

Owns the table of these effects and the order of their checks. Must never store a record or remove data, so that a
failing operation leaves all as it was. Addresses are asked at most once in a request, however often the change of the
record is tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from catalog.errors import Clash, Forbidden, Invalid, TooLarge
from catalog.model import Image, Location
from catalog.schemas.location import NewLocation
from catalog.schemas.patch import Operation
from catalog.service.addresses import LOCAL_SCHEMES, STORE_KEY, TRUSTED, Addresses
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.imports.changes import without_places
from catalog.service.locations.hashes import with_hashes
from catalog.service.status import ACTIVE, QUEUED, change_status, lacks_formats

LAST = "-"
"""The position behind the last location, or (remove) the last one."""


class LocationEdits:
    """The changes of locations in one request of one caller."""

    def __init__(self, core: Core, addresses: Addresses, caller: Caller) -> None:
        self._core, self._addresses, self._caller = core, addresses, caller
        self._known: dict[tuple[str, object], tuple[Location, int]] = {}

    def apply(self, image: Image, operation: Operation) -> Image:
        """Give the record after one operation. Raises Forbidden, Invalid, Clash, TooLarge, StoreError."""
        rule, statuses = _NEEDED[operation.op]
        self._core.policy.enforce(rule, self._caller, image)
        if not self._core.settings.show_multiple_locations:
            raise Forbidden("It's not allowed to change locations if locations are invisible.")
        if image.status not in statuses:
            raise Clash(f"Image status is {image.status}: its locations cannot be changed")
        if image.status == QUEUED:
            image = without_places(image)  # the check of what it may have there has failed
        return _EFFECTS[operation.op](self, image, operation)

    def add(self, image: Image, operation: Operation) -> Image:
        """Put one location at a position; a queued image becomes active by it."""
        wanted: NewLocation = operation.value
        position = _position(operation.position)
        return self._put(image, [wanted], len(image.locations) if position is None else position)

    def replace(self, image: Image, operation: Operation) -> Image:
        """Fill the empty list, or change the metadata of the locations that are there."""
        wanted: Sequence[NewLocation] = operation.value
        if not wanted:
            raise Forbidden("Cannot set locations to empty list.")
        if not image.locations:
            return self._put(image, wanted, 0)
        stores = self._core.stores
        present = [stores.url(place) for place in image.locations]
        if Counter(present) != Counter(one.url for one in wanted):
            raise Invalid("Original locations is not empty: replace can change their metadata only.")
        free = list(image.locations)
        changed = []
        for one in wanted:
            place = next(place for place in free if stores.url(place) == one.url)
            free.remove(place)
            kept = {name: value for name, value in one.metadata.items() if name != STORE_KEY}
            changed.append(replace(place, metadata=kept))
        _check_distinct(changed)
        return with_hashes(replace(image, locations=tuple(changed)), [one.validation for one in wanted], image.status)

    def remove(self, image: Image, operation: Operation) -> Image:
        """Take one location away, but never the last one."""
        count = len(image.locations)
        if count == 1:
            raise Forbidden("Cannot remove last location in the image.")
        position = _position(operation.position)
        index = count - 1 if position is None else position
        if not 0 <= index < count:
            raise Invalid(f"Invalid position for removing a location: {str(operation.position)[:80]!r}")
        return replace(image, locations=image.locations[:index] + image.locations[index + 1 :])

    def _put(self, image: Image, wanted: Sequence[NewLocation], position: int) -> Image:
        if missing := lacks_formats(image, ACTIVE):
            raise Invalid(f"Properties disk_format and container_format must be set before data; {missing} is not")
        limit = self._core.settings.image_location_quota
        if 0 <= limit < len(image.locations) + len(wanted):
            raise TooLarge(f"locations: the limit is {limit}, the request gives {len(image.locations) + len(wanted)}")
        trusted = self._core.policy.allows(TRUSTED, self._caller, image)
        found = [self._resolve(one, trusted) for one in wanted]
        places = [*image.locations[:position], *(place for place, _ in found), *image.locations[position:]]
        _check_distinct(places)
        size = found[0][1] if image.status == QUEUED or image.size is None else image.size  # queued: merely announced
        self._core.usage.check_stored(image.owner, size * len(found))
        filled = with_hashes(
            replace(image, locations=tuple(places), size=size), [one.validation for one in wanted], image.status
        )
        return (
            change_status(filled, ACTIVE, self._core.clock(), "location added") if image.status == QUEUED else filled
        )

    def _resolve(self, wanted: NewLocation, trusted: bool) -> tuple[Location, int]:
        key = (wanted.url, wanted.metadata.get(STORE_KEY))
        if key not in self._known:
            if wanted.url.partition(":")[0].lower() in LOCAL_SCHEMES:
                raise Invalid("An address of that scheme cannot be a location")
            place = self._addresses.place(wanted.url, wanted.metadata, trusted)
            self._known[key] = place, self._addresses.size(place)
        place, size = self._known[key]
        kept = {name: value for name, value in wanted.metadata.items() if name != STORE_KEY}
        return replace(place, metadata=kept), size


_NEEDED: Mapping[str, tuple[str, frozenset[str]]] = {
    "add": ("set_image_location", frozenset({ACTIVE, QUEUED})),
    "replace": ("set_image_location", frozenset({ACTIVE, QUEUED})),
    "remove": ("delete_image_location", frozenset({ACTIVE})),
}
"""Operation -> the rule that allows it, and the statuses in which it is possible."""
_EFFECTS: Mapping[str, Callable[[LocationEdits, Image, Operation], Image]] = {
    "add": LocationEdits.add,
    "replace": LocationEdits.replace,
    "remove": LocationEdits.remove,
}


def _position(text: str | None) -> int | None:
    """Read a position; None stands for the end. Raises Invalid."""
    if text == LAST:
        return None
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(f"Invalid position for a location: {str(text)[:80]!r}")
    return int(text)


def _check_distinct(places: Sequence[Location]) -> None:
    for number, place in enumerate(places):
        if place in places[:number]:
            raise Invalid("The image has that location already, with the same metadata")
