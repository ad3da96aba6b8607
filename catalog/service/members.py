"""Members: the projects that a shared image is shared with.

Owns the rules of these calls. Members lie in the image's sidecar; a change of them is no change of the image, whose
``updated_at`` stays. Must never change anything else of an image.
"""

from __future__ import annotations

from dataclasses import replace

from catalog.errors import Clash, Forbidden, Missing, TooLarge
from catalog.model import Image, Member
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.policy import may_save
from catalog.service.records import Change

PENDING = "pending"
SHARED = "shared"


class Members:
    """The calls on members (Image API v2, "Sharing")."""

    def __init__(self, core: Core) -> None:
        self._records, self._policy, self._clock = core.records, core.policy, core.clock
        self._quota = core.settings.image_member_quota

    def add(self, caller: Caller, image_id: str, project: str) -> Member:
        """Offer the image to a project. Raises Missing, Forbidden, Clash (it is a member already), TooLarge."""

        def change(image: Image) -> Image:
            self._check("add_member", caller, image)
            if 0 <= self._quota < len(image.members) + 1:
                raise TooLarge(f"members: the limit is {self._quota}, the request gives {len(image.members) + 1}")
            if image.member(project) is not None:
                raise Clash(f"Duplicate member {project[:80]} of image {image.id}")
            now = self._clock()
            return replace(image, members=(*image.members, Member(project, PENDING, now, now)))

        return self._found(caller, self._change(image_id, change), project)

    def list(self, caller: Caller, image_id: str) -> tuple[Member, ...]:
        """Give the members that the caller may see. Raises Missing, Forbidden."""
        image = self._records.load(image_id).image
        self._check("get_members", caller, image)
        return _seen(caller, image)

    def show(self, caller: Caller, image_id: str, project: str) -> Member:
        """Give one member. Raises Missing for whatever reason there is."""
        image = self._records.load(image_id).image
        try:
            self._check("get_member", caller, image)
        except Forbidden as error:
            raise _no_member(image.id, project) from error
        return self._found(caller, image, project)

    def set_status(self, caller: Caller, image_id: str, project: str, status: str) -> Member:
        """Accept or reject the offer, or leave it open again. Raises Missing, Forbidden."""

        def change(image: Image) -> Image:
            self._check("modify_member", caller, image)
            old = self._found(caller, image, project)
            new = replace(old, status=status, updated_at=self._clock())
            return replace(image, members=tuple(new if member is old else member for member in image.members))

        return self._found(caller, self._change(image_id, change), project)

    def remove(self, caller: Caller, image_id: str, project: str) -> None:
        """Withdraw the offer. Raises Missing, Forbidden."""

        def change(image: Image) -> Image:
            self._check("delete_member", caller, image)
            old = self._found(caller, image, project)
            return replace(image, members=tuple(member for member in image.members if member is not old))

        self._change(image_id, change)

    def _change(self, image_id: str, change: Change) -> Image:
        return self._records.update(image_id, change, touch=False)

    def _check(self, rule: str, caller: Caller, image: Image) -> None:
        self._policy.enforce("get_image", caller, image)
        self._policy.enforce(rule, caller, image)
        if image.visibility != SHARED:
            raise Forbidden("Only shared images have members.")

    def _found(self, caller: Caller, image: Image, project: str) -> Member:
        member = image.member(project)
        if member is None or member not in _seen(caller, image):
            raise _no_member(image.id, project)
        return member


def _seen(caller: Caller, image: Image) -> tuple[Member, ...]:
    """Give the members that a caller knows of: all of its own image, else itself alone."""
    if may_save(caller, image):
        return image.members
    return tuple(member for member in image.members if member.member_id == caller.project)


def _no_member(image_id: str, project: str) -> Missing:
    return Missing(f"{project[:80]} is not in the list of members of image {image_id}")
