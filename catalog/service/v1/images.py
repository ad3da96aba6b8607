"""Image records as the Image API v1 creates, shows, updates and deletes them.

Owns the order of the checks of these calls. Must never touch data: ``sources`` does. The rules are those of the v2,
by the same names: no role reaches by the old API what it may not do by the new one.
"""

from __future__ import annotations

from catalog.errors import Clash, Forbidden, Invalid
from catalog.index.rows import GONE
from catalog.model import Image
from catalog.schemas.create import NewImage
from catalog.schemas.v1 import Metadata
from catalog.service.core import Core
from catalog.service.deletion import Deletions
from catalog.service.identity import Caller
from catalog.service.images import Images, check_quotas
from catalog.service.policy import forbidden, no_image
from catalog.service.status import ACTIVE, QUEUED
from catalog.service.v1.changes import changed
from catalog.service.v1.sources import Sent, Sources


class V1Images:
    """The calls on image records."""

    def __init__(self, core: Core, images: Images, deletions: Deletions, sources: Sources) -> None:
        self._records, self._policy, self._settings = core.records, core.policy, core.settings
        self._clock, self._images, self._deletions, self._sources = core.clock, images, deletions, sources

    def show(self, caller: Caller, image_id: str) -> Image:
        """Give an image in any status; admins see deleted ones. Raises Missing."""
        stored = self._records.find(image_id)
        if stored is None or (stored.image.status in GONE and not caller.is_admin):
            raise no_image(image_id)
        self._policy.enforce("get_image", caller, stored.image)
        return self._policy.protections.shown(caller, stored.image)

    def create(self, caller: Caller, metadata: Metadata, sent: Sent | None, request_id: str) -> Image:
        """Create an image and bring in its data (Image API v1, "Create").

        Raises Forbidden, Invalid (sources, formats, size, checksum), TooLarge, Clash (the id was ever used, or the
        size is not that of the location), Missing (location), and what an upload raises.
        """
        if (metadata.base.get("size") or 0) > self._settings.image_size_cap:
            raise Invalid(f"size: the image is larger than image_size_cap, {self._settings.image_size_cap} bytes")
        new = self._new(caller, metadata, sent)
        self._allow_create(caller, self._outline(caller, new), metadata, sent)
        self._sources.check(metadata)
        place = self._sources.place(caller, metadata)
        image = self._images.create(caller, new)
        return self._shown(caller, self._sources.apply(caller, image, metadata, sent, place, request_id))

    def _new(self, caller: Caller, metadata: Metadata, sent: Sent | None) -> NewImage:
        base = {**metadata.base, "size": metadata.base.get("size", 0)}
        if not caller.is_admin:
            base.pop("owner", None)
        if metadata.id is not None:
            base["id"] = metadata.id
        empty = metadata.base.get("size") == 0
        if empty and sent is None and metadata.location is None and metadata.copy_from is None:
            base["status"] = ACTIVE
        return NewImage(base, metadata.properties, ())

    def _outline(self, caller: Caller, new: NewImage) -> Image:
        """Give as much of the image to be as the rules look at."""
        now = self._clock()
        owner, visibility = new.base.get("owner", caller.project), new.base.get("visibility", "shared")
        return Image("", now, now, owner=owner or None, visibility=visibility, properties=new.properties)

    def _allow_create(self, caller: Caller, image: Image, metadata: Metadata, sent: Sent | None) -> None:
        rules = ["add_image"]
        if image.visibility == "public":
            rules.append("publicize_image")
        for rule in [*rules, *_rules_of_sources(metadata, sent)]:
            if not self._policy.allows(rule, caller, image):
                raise forbidden(rule)

    def update(
        self, caller: Caller, image_id: str, metadata: Metadata, purge: bool, sent: Sent | None, request_id: str
    ) -> Image:
        """Change the given fields, and bring in data of a queued image (Image API v1, "Update").

        ``purge`` removes the properties that are not given. Raises Missing, Forbidden, Clash (data for an image that
        is not queued), TooLarge, and what ``create`` raises for data.
        """
        image = self.show(caller, image_id)
        if image.status in GONE:
            raise Forbidden("Forbidden to update deleted image.")
        self._check_update(caller, image, metadata, sent)
        self._sources.check(metadata)
        place = self._sources.place(caller, metadata)

        def change(now: Image) -> Image:
            self._check_update(caller, now, metadata, sent)
            after = changed(self._policy, caller, now, metadata, purge and sent is None)
            check_quotas(after, self._settings, before=now)
            return after

        image = self._records.update(image_id, change)
        if _rules_of_sources(metadata, sent):
            image = self._sources.apply(caller, image, metadata, sent, place, request_id)
        return self._shown(caller, image)

    def _check_update(self, caller: Caller, image: Image, metadata: Metadata, sent: Sent | None) -> None:
        for rule in ["modify_image", *_rules_of_sources(metadata, sent)]:
            self._policy.enforce(rule, caller, image)
        if sent is not None and image.status != QUEUED:
            raise Clash(f"Cannot upload to an unqueued image: its status is {image.status}")
        if (metadata.location or metadata.copy_from) and image.status != QUEUED:
            raise Invalid("location: attempted to update the location of an image not in queued status.")
        if (metadata.base.get("size") or 0) > self._settings.image_size_cap:
            raise Invalid(f"size: the image is larger than image_size_cap, {self._settings.image_size_cap} bytes")

    def delete(self, caller: Caller, image_id: str) -> None:
        """Delete an image. Raises Missing, Forbidden (role, protected)."""
        self._deletions.delete(caller, image_id)

    def _shown(self, caller: Caller, image: Image) -> Image:
        return self._policy.protections.shown(caller, image)


def _rules_of_sources(metadata: Metadata, sent: Sent | None) -> list[str]:
    """Name the rules of where data comes from; none where no data come."""
    rules = ["copy_from"] if metadata.copy_from else []
    rules += ["upload_image"] if metadata.copy_from or sent is not None else []
    return rules + (["set_image_location"] if metadata.location else [])
