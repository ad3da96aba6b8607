"""One store filled with an image's data: downloaded, copied, or there already.

Owns the choice of the source and what is checked of the data. Must never change a record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import structlog

from catalog.errors import CatalogError, Unavailable
from catalog.model import HOME_STORE, Image
from catalog.service.core import Core
from catalog.service.imports.arrival import Arrivals
from catalog.service.imports.changes import Filled, StepFailed
from catalog.service.imports.copying import Copies, Source
from catalog.service.imports.job import Job
from catalog.service.imports.sources import WebBody
from catalog.service.imports.staged import Staged, staged_of
from catalog.service.imports.staged_reading import open_staged, staged_head
from catalog.service.imports.taken import NOTHING, Taken
from catalog.service.imports.transforms import Transforms
from catalog.service.stores import StoreEntry
from catalog.service.tasks.work import Work
from catalog.service.upload_data import Body, UploadData
from catalog.store import keys
from catalog.store.errors import StoreError
from catalog.transfer.hashing import ALGORITHM, Digests
from catalog.transfer.inspection import judge

log = structlog.get_logger(__name__)


class Filling:
    """Makes data whole in stores."""

    def __init__(self, core: Core, data: UploadData, arrivals: Arrivals, transforms: Transforms) -> None:
        self._core, self._data, self._arrivals, self._transforms = core, data, arrivals, transforms
        self._copies = Copies(core.settings, core.cleanup, core.sleep, data.budget)

    def fill(self, work: Work, job: Job, image: Image, store: str) -> Filled:
        """Make the image's data whole in one store. Raises StepFailed, LeaseLost, Interrupted."""
        entry, key = self._core.stores.find(store), keys.blob(image.id, work.token)
        if entry is None or entry.read_only:
            raise StepFailed(f"There is no store {store} any more", store)
        staged = staged_of(image)
        # Where a plug-in has changed the data, what was staged is not what further stores get.
        if staged is not None and image.os_hash_value in (None, staged.sha512):
            return self._fill_staged(work, job, image, staged, entry)
        if not image.locations:
            return self._download(work, job, image, entry)
        self._check_room(image, store)
        sources = self._sources(image)
        digests = self._copies.copy(work, sources, entry, key)
        return Filled(store, key, sources[0].size, image.virtual_size, digests)

    def _fill_staged(self, work: Work, job: Job, image: Image, staged: Staged, entry: StoreEntry) -> Filled:
        """Take staged data: in the home store they are where they belong, and no byte moves."""
        self._check_staged(job, staged)
        key, digests = staged.key(image.id), Digests(staged.md5, staged.sha512)
        with self._errors(image, entry), ExitStack() as stack:
            if not image.locations and self._transforms.needed(
                image, lambda: staged_head(self._core.home, staged, key)
            ):
                body = open_staged(self._core, self._data.budget, work, staged, key, stack)
                return self._store(work, image, body, entry, stack, NOTHING)
            virtual_size = judge(staged.findings, image.disk_format or "") if self._data.inspects(image) else None
        self._check_room(image, entry.name)
        if entry.name != HOME_STORE:
            source, key = Source(self._home(), key, staged.size, digests), keys.blob(image.id, work.token)
            self._copies.copy(work, [source], entry, key)
        return Filled(entry.name, key, staged.size, virtual_size, digests)

    def _check_room(self, image: Image, store: str) -> None:
        try:
            self._core.usage.check_stored(image.owner, image.size or 0)
        except Unavailable:
            raise
        except CatalogError as error:
            raise StepFailed(error.message, store) from error

    def _download(self, work: Work, job: Job, image: Image, entry: StoreEntry) -> Filled:
        with self._errors(image, entry), ExitStack() as stack:
            arrival = self._arrivals.open(work, job, image)
            stack.callback(arrival.remote.close)
            body = WebBody(arrival.remote, work, arrival.hashes, arrival.size, self._transforms.any)
            self._data.check_size(image, body.expected or 0)
            filled = self._store(work, arrival.taken.apply(image), body, entry, stack, arrival.taken)
            body.check(filled.digests)
            return filled

    def _store(
        self, work: Work, image: Image, body: Body, entry: StoreEntry, stack: ExitStack, taken: Taken
    ) -> Filled:
        """Pass data through the plug-ins into a store; ``taken`` is what came with them."""
        key = keys.blob(image.id, work.token)
        passed = self._transforms.apply(work, image, body, stack)
        self._data.check_size(image, passed.body.expected or 0)
        received = self._data.receive(passed.image, key, passed.body, entry.store)
        virtual_size = passed.virtual_size if received.virtual_size is None else received.virtual_size
        taken = replace(taken, formats={**taken.formats, **passed.formats})
        return Filled(entry.name, key, received.size, virtual_size, received.digests, taken)

    @contextmanager
    def _errors(self, image: Image, entry: StoreEntry) -> Iterator[None]:
        """Raise StepFailed where data are refused, or a store fails; what is not possible now may be so later."""
        try:
            yield
        except Unavailable:
            raise
        except CatalogError as error:
            raise StepFailed(error.message) from error
        except StoreError as error:
            log.warning("import failed", image_id=image.id, store=entry.name, reason=str(error)[:300])
            raise StepFailed(f"The store {entry.name} failed: {type(error).__name__}", entry.name) from error

    def _check_staged(self, job: Job, staged: Staged) -> None:
        found = {"md5": staged.md5, "sha512": staged.sha512}
        for name, value in job.hashes:
            if found.get(name) != value:
                raise StepFailed(f"The staged data do not have the declared {name}")

    def _sources(self, image: Image) -> list[Source]:
        """Give the places to copy from, the default store first."""
        places = self._core.stores.ordered(image.locations, [self._core.stores.default])
        found = [(self._core.stores.find(place.store), place) for place in places]
        known = digests_of(image)
        return [Source(entry, place.key, image.size or 0, known) for entry, place in found if entry is not None]

    def _home(self) -> StoreEntry:
        entry = self._core.stores.find(HOME_STORE)
        if entry is None:
            raise LookupError(HOME_STORE)
        return entry


def digests_of(image: Image) -> Digests | None:
    """Give the hashes of an image's data if both are known."""
    if image.os_hash_algo != ALGORITHM or image.os_hash_value is None or image.checksum is None:
        return None
    return Digests(image.checksum, image.os_hash_value)
