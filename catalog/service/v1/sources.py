"""Where the data of an image comes from in the Image API v1: the request's body, a location, or a copy.

Owns what each source needs and what becomes of the image. Must never read a header. An upload that fails leaves the
image killed, whatever went wrong: so the old API promised.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from catalog.errors import CatalogError, Clash, Gone, Invalid, Missing, Outdated
from catalog.model import Image, Location
from catalog.schemas.v1 import Metadata
from catalog.service.addresses import LOCAL_SCHEMES, TRUSTED, Addresses
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.status import ACTIVE, KILLED, QUEUED, change_status, lacks_formats
from catalog.service.tasks.service import Tasks
from catalog.service.upload import Terms, Uploads
from catalog.service.upload_data import Body
from catalog.service.v1.announced import Announced
from catalog.service.v1.copying import COPY_FROM, copy_state
from catalog.store.errors import Denied, NotFound, NotSupported, StoreError
from catalog.store.errors import Unavailable as StoreUnavailable


@dataclass(frozen=True, slots=True)
class Sent:
    """The body of a request; ``is_data`` tells whether its media type is that of image data."""

    body: Body
    is_data: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A location that can be read; ``size`` in bytes, 0 where it is not known."""

    location: Location
    size: int


class Sources:
    """Brings data to queued images."""

    def __init__(self, core: Core, uploads: Uploads, tasks: Tasks, addresses: Addresses) -> None:
        self._records, self._stores, self._cleanup, self._clock = core.records, core.stores, core.cleanup, core.clock
        self._policy, self._uploads, self._tasks, self._addresses = core.policy, uploads, tasks, addresses
        self._usage = core.usage

    def check(self, metadata: Metadata) -> None:
        """Raise Invalid for a store that is not there, or an address that nothing may be copied from."""
        self._store(metadata)
        if metadata.copy_from:
            if not self._addresses.is_web(metadata.copy_from):
                raise Invalid("copy_from: data are copied from http and https addresses alone.")
            self._addresses.check_source(metadata.copy_from)

    def place(self, caller: Caller, metadata: Metadata) -> Place | None:
        """Look at the location that a request names.

        Raises Invalid, Forbidden (an object of our stores), Missing (it cannot be read), StoreError.
        """
        address = metadata.location
        if address is None:
            return None
        if address.partition(":")[0].lower() in LOCAL_SCHEMES:
            raise Invalid("location: addresses of this scheme are not taken.")
        trusted = self._policy.allows_target(TRUSTED, caller, {})
        location = self._addresses.place(address, {}, trusted)
        entry = self._stores.find(location.store)
        try:
            return Place(location, entry.store.head(location.key).size if entry else 0)
        except NotSupported:
            return Place(location, 0)  # the source does not tell; the client may have
        except (NotFound, Denied, StoreUnavailable) as error:
            if isinstance(error, StoreUnavailable) and not (entry and entry.read_only):
                raise
            raise Missing("location: the address cannot be read.") from error

    def apply(
        self, caller: Caller, image: Image, metadata: Metadata, sent: Sent | None, place: Place | None, request_id: str
    ) -> Image:
        """Bring in the data, if any was named, and give the record as it is then; a copy is only begun.

        Raises Invalid (several sources, formats, size, checksum), Clash (status, size of the location), TooLarge
        (quota), Outdated (deleted meanwhile), and what an upload raises. Where nothing was begun the image stays
        queued.
        """
        given = [source for source in (sent, place, metadata.copy_from) if source is not None]
        if len(given) > 1:
            raise Invalid("It's invalid to provide multiple image sources.")
        if given and (missing := lacks_formats(image, ACTIVE)):
            raise Invalid(f"{missing} must be set before data.")
        if sent is not None:
            return self._upload(caller, image, sent, self._store(metadata))
        if place is not None:
            return self._register(image, place)
        if metadata.copy_from is not None:
            state = copy_state(metadata.copy_from, self._store(metadata), image)
            self._tasks.start(
                COPY_FROM, image.id, {"copy_from": metadata.copy_from}, caller, request_id, image.owner, state
            )
        return image

    def _store(self, metadata: Metadata) -> str | None:
        """Name the store that data is to go to; old clients name it by its kind, too."""
        if metadata.store is None:
            return None
        for entry in self._stores:
            if metadata.store in (entry.name, entry.kind):
                return entry.name
        raise Invalid(f"store: there is no store {metadata.store[:80]!r}.")

    def _upload(self, caller: Caller, image: Image, sent: Sent, store: str | None) -> Image:
        if not sent.is_data:
            self._kill(image.id, "Content-Type was not application/octet-stream")
            raise Invalid("Content-Type must be application/octet-stream")
        body = Announced(sent.body, image.size, image.checksum)
        try:
            self._uploads.upload(caller, image.id, body, store, Terms(lambda error: KILLED))
        except Clash:
            raise  # somebody else uploads
        except (CatalogError, StoreError) as error:
            self._kill(image.id, type(error).__name__)
            if isinstance(error, Gone) and self._is_gone(image.id):
                raise Outdated(f"Image {image.id} was deleted during the upload.") from error
            raise
        return self._records.load(image.id).image

    def _is_gone(self, image_id: str) -> bool:
        try:
            self._records.load(image_id)
        except Missing:
            return True
        return False

    def _kill(self, image_id: str, why: str) -> None:
        """Let an image that the upload did not even begin with be killed, now or later."""

        def change(now: Image) -> Image:
            return change_status(now, KILLED, self._clock(), why) if now.status == QUEUED else now

        def work() -> None:
            with suppress(Missing):
                self._records.update(image_id, change)

        self._cleanup.run(f"kill {image_id}", work)

    def _register(self, image: Image, place: Place) -> Image:
        given = image.size or 0
        if given and place.size and given != place.size:
            raise Clash(f"size: the image at the location has {place.size} bytes, not {given}.")

        def change(now: Image) -> Image:
            if now.status != QUEUED:
                raise Clash(f"Image status is {now.status}: a location can be given to a queued image only")
            size = given or place.size
            self._usage.check_stored(now.owner, size)
            filled = replace(now, locations=(place.location,), size=size)
            return change_status(filled, ACTIVE, self._clock(), "location registered")

        return self._records.update(image.id, change)
