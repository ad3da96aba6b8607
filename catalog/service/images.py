"""Image records as callers use them: create, show, change, tags, activation.

Owns the rules of these calls. Must never touch image data but to remove what a change leaves to nobody.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import structlog

from catalog.errors import Clash, Forbidden, Missing, TooLarge
from catalog.model import Image, Location
from catalog.schemas.create import NewImage
from catalog.schemas.image import is_reserved
from catalog.schemas.patch import Operation
from catalog.service.addresses import Addresses
from catalog.service.blobs import lost, remove_blob
from catalog.service.core import Core
from catalog.service.expected import ANY, Expected
from catalog.service.identity import Caller
from catalog.service.locations.edits import LocationEdits
from catalog.service.patching import apply_operations
from catalog.service.policy import forbidden
from catalog.service.records import Change
from catalog.service.status import ACTIVE, DEACTIVATED, change_status
from catalog.settings import Settings

log = structlog.get_logger(__name__)


class Images:
    """The calls on image records."""

    def __init__(self, core: Core, addresses: Addresses) -> None:
        self._core, self._addresses = core, addresses
        self._records, self._stores, self._cleanup = core.records, core.stores, core.cleanup
        self._policy, self._settings, self._usage = core.policy, core.settings, core.usage
        self._clock, self._new_image_id = core.clock, core.new_image_id

    def create(self, caller: Caller, new: NewImage) -> Image:
        """Create a queued image. Raises Forbidden, TooLarge (quotas), Clash (the id was ever used)."""
        now = self._clock()
        owner = new.base.get("owner", caller.project) or None
        base = {name: value for name, value in new.base.items() if name not in ("id", "owner")}
        image_id = new.base.get("id") or self._new_image_id()
        image = Image(image_id, now, now, owner=owner, properties=new.properties, **base)
        self._allow_create(caller, image)
        if new.read_only:
            raise Forbidden(f"Attribute '{new.read_only[0]}' is read-only.")
        check_quotas(image, self._settings)
        self._usage.check_count(image.owner)
        if "id" in new.base and self._core.is_removed(image_id):
            # A node that stood still may be about to delete the old record still.
            raise Clash(f"Image ID {image_id} already exists!")
        return self._policy.protections.shown(caller, self._records.create(image))

    def _allow_create(self, caller: Caller, image: Image) -> None:
        rules = ["add_image"]
        if image.visibility == "public":
            rules.append("publicize_image")
        elif image.visibility == "community":
            rules.append("communitize_image")
        for rule in rules:
            if not self._policy.allows(rule, caller, image):
                raise forbidden(rule)
        for name in image.properties:
            if not self._policy.protections.allows("create", name, caller):
                raise Forbidden(f"Attribute '{name[:80]}' is reserved.")

    def show(self, caller: Caller, image_id: str) -> Image:
        """Give a living image that the caller may see. Raises Missing."""
        image = self._records.load(image_id).image
        self._policy.enforce("get_image", caller, image)
        return self._policy.protections.shown(caller, image)

    def history(self, caller: Caller, image_id: str) -> Image:
        """Give a living image whose history the caller may see. Raises Missing, Forbidden."""
        image = self._records.load(image_id).image
        self._policy.enforce("get_image_history", caller, image)
        return image

    def update(self, caller: Caller, image_id: str, operations: list[Operation], expected: Expected = ANY) -> Image:
        """Apply all operations or none; an empty list changes nothing, not even updated_at.

        Raises Missing, Forbidden, Outdated, Clash, TooLarge, and Invalid (locations).
        """
        edits = LocationEdits(self._core, self._addresses, caller)
        removed: list[Location] = []

        def change(image: Image) -> Image:
            self._policy.enforce("modify_image", caller, image)
            expected.check(image)
            if not operations:
                return image
            changed = apply_operations(self._policy, caller, image, operations, edits.apply)
            check_quotas(changed, self._settings, before=image)
            removed[:] = lost(image, changed)
            return changed

        image = self._records.update(image_id, change)
        for place in removed:
            self._cleanup.run(f"remove data of {image_id}", partial(remove_blob, self._stores, image_id, place))
        return self._policy.protections.shown(caller, image)

    def add_tag(self, caller: Caller, image_id: str, tag: str, expected: Expected = ANY) -> None:
        """Add a tag; one that is there already is no error. Raises Missing, Forbidden, Outdated, TooLarge."""

        def change(image: Image) -> Image:
            tags = image.tags if tag in image.tags else (*image.tags, tag)
            changed = replace(image, tags=tags)
            check_quotas(changed, self._settings, before=image)
            return changed

        self._modify(caller, image_id, change, expected)

    def remove_tag(self, caller: Caller, image_id: str, tag: str, expected: Expected = ANY) -> None:
        """Remove a tag. Raises Missing (image or tag), Forbidden, Outdated."""

        def change(image: Image) -> Image:
            if tag not in image.tags:
                raise Missing(f"Failed to find tag {tag} of image {image_id}")
            return replace(image, tags=tuple(other for other in image.tags if other != tag))

        self._modify(caller, image_id, change, expected)

    def _modify(self, caller: Caller, image_id: str, change: Change, expected: Expected) -> None:
        def allowed(image: Image) -> Image:
            self._policy.enforce("modify_image", caller, image)
            expected.check(image)
            return change(image)

        self._records.update(image_id, allowed)

    def set_active(self, caller: Caller, image_id: str, active: bool, expected: Expected = ANY) -> None:
        """Deactivate or reactivate an image; repeating is no error.

        Raises Missing, Forbidden (role, or a status that knows neither), Outdated.
        """
        rule, target = ("reactivate", ACTIVE) if active else ("deactivate", DEACTIVATED)

        def change(image: Image) -> Image:
            self._policy.enforce(rule, caller, image)
            expected.check(image)
            if image.status not in (ACTIVE, DEACTIVATED):
                raise Forbidden(f"Not allowed to {rule} image in status '{image.status}'")
            return image if image.status == target else change_status(image, target, self._clock(), rule)

        self._records.update(image_id, change)


def check_quotas(image: Image, settings: Settings, before: Image | None = None) -> None:
    """Raise TooLarge if a change (or a new image) goes over a quota; what was there before may stay."""
    old_tags = len(before.tags) if before else 0
    if 0 <= settings.image_tag_quota < len(image.tags) and len(image.tags) > old_tags:
        raise TooLarge(f"tags: the limit is {settings.image_tag_quota}, the request gives {len(image.tags)}")
    old_names = set(before.properties) if before else set()
    count = sum(not is_reserved(name) for name in image.properties)
    if 0 <= settings.image_property_quota < count and not set(image.properties) <= old_names:
        raise TooLarge(f"properties: the limit is {settings.image_property_quota}, the request gives {count}")
