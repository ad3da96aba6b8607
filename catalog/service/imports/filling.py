"""One store filled with an image's data: downloaded, copied, or there already.

Owns the choice of the source and what is checked of the data. Must never change a record.
"""

from __future__ import annotations

import structlog

from catalog.errors import CatalogError
from catalog.model import HOME_STORE, Image
from catalog.service.core import Core
from catalog.service.imports.changes import Filled, StepFailed
from catalog.service.imports.copying import Copies, Source
from catalog.service.imports.job import Job
from catalog.service.imports.sources import Fetching, WebBody
from catalog.service.imports.staged import Staged, staged_of
from catalog.service.stores import StoreEntry
from catalog.service.tasks.work import Work
from catalog.service.upload_data import UploadData
from catalog.store import keys
from catalog.store.errors import StoreError
from catalog.transfer.hashing import Digests
from catalog.transfer.inspection import judge

log = structlog.get_logger(__name__)


class Filling:
    """Makes data whole in stores."""

    def __init__(self, core: Core, data: UploadData, fetching: Fetching) -> None:
        self._core, self._data, self._fetching = core, data, fetching
        self._copies = Copies(core, data.budget)

    def fill(self, work: Work, job: Job, image: Image, store: str) -> Filled:
        """Make the image's data whole in one store. Raises StepFailed, LeaseLost, Interrupted."""
        entry, key = self._core.stores.find(store), keys.blob(image.id, work.token)
        if entry is None or entry.read_only:
            raise StepFailed(f"There is no store {store} any more", store)
        staged = staged_of(image)
        if staged is not None:
            return self._fill_staged(work, job, image, staged, entry)
        if not image.locations:
            return self._download(work, job, image, entry, key)
        self._check_room(image, store)
        sources = self._sources(image)
        digests = self._copies.copy(work, sources, entry, key)
        return Filled(store, key, sources[0].size, image.virtual_size, digests)

    def _fill_staged(self, work: Work, job: Job, image: Image, staged: Staged, entry: StoreEntry) -> Filled:
        """Take staged data: in the home store they are where they belong, and no byte moves."""
        virtual_size, key = self._judged(job, image, staged), staged.key(image.id)
        if entry.name != HOME_STORE:
            source, key = Source(self._home(), key, staged.size, staged.sha512), keys.blob(image.id, work.token)
            self._copies.copy(work, [source], entry, key)
        return Filled(entry.name, key, staged.size, virtual_size, Digests(staged.md5, staged.sha512))

    def _check_room(self, image: Image, store: str) -> None:
        try:
            self._core.usage.check_stored(image.owner, image.size or 0)
        except CatalogError as error:
            raise StepFailed(error.message, store) from error

    def _download(self, work: Work, job: Job, image: Image, entry: StoreEntry, key: str) -> Filled:
        try:
            remote = self._fetching.open(job.uri)
            try:
                body = WebBody(remote, work, job.hashes)
                self._data.check_size(image, body.expected or 0)
                received = self._data.receive(image, key, body, entry.store)
            finally:
                remote.close()
        except CatalogError as error:
            raise StepFailed(error.message) from error
        except StoreError as error:
            log.warning("import failed", image_id=image.id, store=entry.name, reason=str(error)[:300])
            raise StepFailed(f"The store {entry.name} failed: {type(error).__name__}", entry.name) from error
        body.check(received.digests)
        return Filled(entry.name, key, received.size, received.virtual_size, received.digests)

    def _judged(self, job: Job, image: Image, staged: Staged) -> int | None:
        """Give the virtual size of staged data. Raises StepFailed if they are not what disk_format says."""
        found = {"md5": staged.md5, "sha512": staged.sha512}
        for name, value in job.hashes:
            if found.get(name) != value:
                raise StepFailed(f"The staged data do not have the declared {name}")
        if not self._data.inspects(image):
            return None
        try:
            return judge(staged.findings, image.disk_format or "")
        except CatalogError as error:
            raise StepFailed(error.message) from error

    def _sources(self, image: Image) -> list[Source]:
        """Give the places to copy from, the default store first."""
        places = self._core.stores.ordered(image.locations, [self._core.stores.default])
        found = [(self._core.stores.find(place.store), place) for place in places]
        known = image.os_hash_value if image.os_hash_algo == "sha512" else None
        return [Source(entry, place.key, image.size or 0, known) for entry, place in found if entry is not None]

    def _home(self) -> StoreEntry:
        entry = self._core.stores.find(HOME_STORE)
        if entry is None:
            raise LookupError(HOME_STORE)
        return entry
