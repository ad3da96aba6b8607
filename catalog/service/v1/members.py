"""Members as the Image API v1 knows them: usable at once, and able to share on where they were given that.

Owns the rules of these calls. The same members are those of the v2, which shows new ones as pending. Must never
change anything else of an image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalog.errors import Forbidden, Missing, TooLarge
from catalog.index.feed import Feed
from catalog.index.query import Filter, ListQuery, Operator
from catalog.index.rows import MAX_INTEGER
from catalog.index.table import Table
from catalog.model import Image, Member
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.members import PENDING
from catalog.service.policy import forbidden, may_save, visible


class V1Members:
    """The calls on members and on what is shared with a project."""

    def __init__(self, core: Core, table: Table, feed: Feed) -> None:
        self._records, self._policy, self._clock = core.records, core.policy, core.clock
        self._quota = core.settings.image_member_quota
        self._table, self._feed = table, feed

    def list_of(self, caller: Caller, image_id: str) -> tuple[Member, ...]:
        """Give the members, all to the owner and to admins, itself to a member. Raises Missing."""
        image = self._records.load(image_id).image
        self._policy.enforce("get_image", caller, image)
        if may_save(caller, image):
            return image.members
        return tuple(member for member in image.members if member.member_id == caller.project)

    def add(self, caller: Caller, image_id: str, project: str, can_share: bool | None) -> None:
        """Add a member, or change what it may do; None leaves that as it is.

        Raises Missing, Forbidden (not the owner, nor a member that can share), TooLarge.
        """

        def change(image: Image) -> Image:
            self._check_sharer(caller, image)
            old = image.member(project)
            if old is not None:
                if can_share is None or can_share == old.can_share:
                    return image
                return self._with(image, {**_by_id(image), project: replace(old, can_share=can_share)})
            return self._with(image, {**_by_id(image), project: self._new(project, bool(can_share))})

        self._records.update(image_id, change, touch=False)

    def replace_all(self, caller: Caller, image_id: str, wanted: Mapping[str, bool]) -> None:
        """Let exactly these projects be members; those that are so already keep their status.

        Raises Missing, Forbidden, TooLarge.
        """

        def change(image: Image) -> Image:
            self._check("add_member", caller, image)
            self._check("delete_member", caller, image)
            old = _by_id(image)
            return self._with(
                image,
                {
                    project: replace(old.get(project) or self._new(project, can_share), can_share=can_share)
                    for project, can_share in wanted.items()
                },
            )

        self._records.update(image_id, change, touch=False)

    def remove(self, caller: Caller, image_id: str, project: str) -> None:
        """Take a member away. Raises Missing (image or member), Forbidden."""

        def change(image: Image) -> Image:
            self._check("delete_member", caller, image)
            if image.member(project) is None:
                raise Missing(f"{project[:80]} is not in the list of members of image {image.id}")
            return self._with(image, {key: one for key, one in _by_id(image).items() if key != project})

        self._records.update(image_id, change, touch=False)

    def shared_with(self, caller: Caller, project: str) -> list[tuple[str, bool]]:
        """Give ids of images that a project is a member of, and whether it can share them.

        A caller sees all of its own project, of other projects its own images only. Raises Forbidden.
        """
        self._policy.require("get_images", caller)
        self._feed.catch_up()
        own = () if caller.is_admin or project == caller.project else (_owned_by(caller),)
        query = ListQuery(
            filters=own, visibility="all", hidden=None, member=project, limit=MAX_INTEGER, is_admin=True
        )  # fmt: skip
        images = [row.image for row in self._table.page(query, with_record=True)]
        memberships = [(image.id, image.member(project)) for image in images if visible(caller, image)]
        return [(image_id, member.can_share) for image_id, member in memberships if member is not None]

    def _new(self, project: str, can_share: bool) -> Member:
        now = self._clock()
        return Member(project, PENDING, now, now, can_share)

    def _with(self, image: Image, members: Mapping[str, Member]) -> Image:
        if 0 <= self._quota < len(members) and len(members) > len(image.members):
            raise TooLarge(f"members: the limit is {self._quota}, the request gives {len(members)}")
        return replace(image, members=tuple(members.values()))

    def _check(self, rule: str, caller: Caller, image: Image) -> None:
        self._policy.enforce("get_image", caller, image)
        self._policy.enforce(rule, caller, image)
        if not may_save(caller, image):
            raise forbidden(rule)

    def _check_sharer(self, caller: Caller, image: Image) -> None:
        """Let those pass who may share: a member that can share still needs the role that sharing needs."""
        try:
            self._check("add_member", caller, image)
        except Forbidden:
            own = image.member(caller.project)
            as_owner = replace(image, owner=caller.project)
            if own is None or not own.can_share or not self._policy.allows("add_member", caller, as_owner):
                raise


def _by_id(image: Image) -> dict[str, Member]:
    return {member.member_id: member for member in image.members}


def _owned_by(caller: Caller) -> Filter:
    return Filter("owner", Operator.IN, () if caller.project is None else (caller.project,))
