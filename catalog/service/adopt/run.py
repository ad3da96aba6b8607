"""The adoption of one image after the other, each on its own, in any order and any number of times.

Owns the order of its steps, so that a run that ends anywhere is taken up by the next one: first the data is where it
will stay, then the record is created by one conditional write, or nothing of it is. Must never change a record that is
there, nor anything at the source.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from catalog.clock import Clock
from catalog.errors import CatalogError, Clash
from catalog.model import Image
from catalog.service.adopt.moving import Moving
from catalog.service.adopt.places import Found, Places, held
from catalog.service.adopt.records import differences, record_of
from catalog.service.adopt.source import Source, SourceFailed, View
from catalog.service.imports.changes import StepFailed
from catalog.service.records import Records, is_image_id
from catalog.service.status import ACTIVE, DEACTIVATED, DELETED, QUEUED
from catalog.store.errors import StoreError

log = structlog.get_logger(__name__)

ADOPTED, PRESENT, DIFFERS, SKIPPED, FAILED = "adopted", "present", "differs", "skipped", "failed"
_WITH_DATA = frozenset({ACTIVE, DEACTIVATED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one image; ``detail`` says how its data came, what differs, or why not. ``size`` in bytes."""

    image_id: str
    name: str
    result: str
    detail: str = ""
    size: int = 0


class Adoption:
    """Adopts images; with ``dry_run`` everything is looked at and nothing written."""

    def __init__(
        self, source: Source, records: Records, places: Places, moving: Moving, clock: Clock, dry_run: bool = False
    ) -> None:
        self._source, self._records, self._places, self._moving = source, records, places, moving
        self._clock, self._dry_run = clock, dry_run

    def adopt(self, view: View) -> Outcome:
        """Adopt one image; whatever goes wrong with it is told in the outcome."""
        image_id, name = str(view.get("id")), str(view.get("name") or "")
        try:
            result, detail, size = self._adopt(view)
        except (SourceFailed, StepFailed, StoreError, CatalogError) as error:
            log.warning("adopt.failed", image_id=image_id, reason=str(error)[:300])
            return Outcome(image_id, name, FAILED, str(error)[:300])
        return Outcome(image_id, name, result, detail, size)

    def _adopt(self, view: View) -> tuple[str, str, int]:
        image = self._wanted(view)
        stored = self._records.find(image.id)
        if stored is not None:
            return *_compared(image, stored.image), 0
        if image.status == QUEUED:
            return self._create(image, "no data")
        if image.status not in _WITH_DATA:
            return SKIPPED, f"its status is {image.status}: run again later", 0
        known = held(view, () if view.get("locations") else self._source.locations(image.id))
        found, reasons = self._places.find(image.id, image.size or 0, known)
        way = self._moving.way(found)
        if way is None:
            return SKIPPED, "; ".join([*reasons, "or fetch it with --download"]), 0
        return self._take(image, found, way)

    def _wanted(self, view: View) -> Image:
        if not is_image_id(str(view.get("id"))):
            raise SourceFailed("its id is not a UUID")
        members = self._source.members(view["id"]) if view.get("visibility") == "shared" else ()
        return record_of(view, members, self._clock(), "adopted from another image service")

    def _take(self, image: Image, found: list[Found], way: str) -> tuple[str, str, int]:
        if self._dry_run:
            return ADOPTED, way, image.size or 0
        return self._create(self._moving.fill(image, found), way)

    def _create(self, image: Image, way: str) -> tuple[str, str, int]:
        if not self._dry_run:
            try:
                self._records.create(image)
            except Clash:
                # Another run was faster. After any other error the record may be there: then its data must stay.
                self._moving.discard(image)
                return PRESENT, "another run adopted it meanwhile", 0
        return ADOPTED, way, image.size or 0


def _compared(there: Image, here: Image) -> tuple[str, str]:
    if here.status == DELETED:
        return SKIPPED, "it was deleted here"
    differing = differences(there, here)
    return (DIFFERS, ", ".join(differing)) if differing else (PRESENT, "")
