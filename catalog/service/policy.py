"""Who may do what: visibility, the rules, and the choice between 404 and 403.

Owns how a rule is asked about an image, and remembers the answers. Must never read a request, nor hold a rule: the
defaults are in ``policy_rules``, and a policy file may override them (``policy_file``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from functools import lru_cache

from catalog.errors import Forbidden, Missing
from catalog.model import Image
from catalog.service.identity import Caller
from catalog.service.policy_file import RuleSet
from catalog.service.policy_rules import SAVES
from catalog.service.protections import NO_PROTECTIONS, Protections

_REMEMBERED = 2**15
"""Decisions that are kept; one costs about as much as serving a small request."""

ROW_FIELDS = frozenset({"project_id", "owner", "tenant", "visibility", "member_id", "member"})
"""Fields of an image that a row of the index tells without its record."""


def _owns(caller: Caller, image: Image) -> bool:
    return caller.project is not None and caller.project == image.owner


def visible(caller: Caller, image: Image) -> bool:
    """Tell whether the caller's project can know of the image at all, before any rule."""
    return (
        caller.is_admin
        or image.visibility in ("public", "community")
        or _owns(caller, image)
        or (image.visibility == "shared" and (image.owner is None or image.member(caller.project) is not None))
    )


def may_save(caller: Caller, image: Image) -> bool:
    """Tell whether the caller can store a change of the image, whatever the rules say: its owner, or admin."""
    return caller.is_admin or _owns(caller, image)


def _owner(image: Image, caller: Caller) -> Hashable:
    return image.owner


def _member_id(owner: str | None, visibility: str, caller: Caller) -> Hashable:
    # Who sees a shared image of somebody else is a member of it, or admin.
    return caller.project if visibility == "shared" and owner != caller.project else None


def _member(image: Image, caller: Caller) -> Hashable:
    return _member_id(image.owner, image.visibility, caller)


_FIELDS: Mapping[str, Callable[[Image, Caller], Hashable]] = {
    **dict.fromkeys(("project_id", "owner", "tenant"), _owner),
    **dict.fromkeys(("member_id", "member"), _member),
    **dict.fromkeys(("id", "image_id"), lambda image, caller: image.id),
}
_PLAIN = frozenset(
    {
        "name", "status", "visibility", "protected", "os_hidden", "checksum", "container_format", "disk_format",
        "min_disk", "min_ram", "size", "virtual_size",
    }
)  # fmt: skip


def _value(field: str, image: Image, caller: Caller) -> Hashable:
    """Give what a rule sees of an image under a name: a field of its own, or an additional property."""
    if field in _FIELDS:
        return _FIELDS[field](image, caller)
    value: Hashable = getattr(image, field) if field in _PLAIN else image.properties.get(field)
    return value


class Policy:
    """The rules of this catalog, applied to callers."""

    def __init__(self, rules: RuleSet | None = None, protections: Protections = NO_PROTECTIONS) -> None:
        """``protections`` are the further rules for additional properties."""
        self.protections = protections
        self._rules = rules or RuleSet()
        self._decide = lru_cache(maxsize=_REMEMBERED)(self._rules.decide)
        self._always = lru_cache(maxsize=_REMEMBERED)(self._rules.always)
        self._own_admins = not self._rules.is_default("context_is_admin")

    def identify(self, caller: Caller) -> Caller:
        """Give the caller with what the rule ``context_is_admin`` says, where the policy file has one of its own."""
        if not self._own_admins:
            return caller
        return replace(caller, admin=self.allows_target("context_is_admin", caller, {}))

    def allows(self, rule: str, caller: Caller, image: Image) -> bool:
        """Tell whether a rule lets the caller do something to an image that it can see."""
        values = tuple(_value(field, image, caller) for field in self._rules.fields(rule))
        return self._decide(rule, caller, values) and (rule not in SAVES or may_save(caller, image))

    def allows_target(self, rule: str, caller: Caller, target: Mapping[str, Hashable]) -> bool:
        """Tell whether a rule lets the caller do something to a thing that is no image.

        ``target`` holds what rules can ask of it: ``project_id`` (its owner) and ``visibility``.
        """
        return self._decide(rule, caller, tuple(target.get(field) for field in self._rules.fields(rule)))

    def allows_row(self, rule: str, caller: Caller, owner: str | None, visibility: str) -> bool:
        """As ``allows``, for a rule that saves nothing and does not need the record (``needs_record``)."""
        member = _member_id(owner, visibility, caller)
        known = {"project_id": owner, "visibility": visibility, "member_id": member}
        return self.allows_target(rule, caller, known | {"owner": owner, "tenant": owner, "member": member})

    def always_allows(self, rule: str, caller: Caller) -> bool:
        """Tell whether a rule that saves nothing is known to let the caller do it to every image it can see."""
        return self._always(rule, caller)

    def needs_record(self, rule: str) -> bool:
        """Tell whether a rule looks at more of an image than a row of the index tells."""
        return not ROW_FIELDS.issuperset(self._rules.fields(rule))

    def enforce(self, rule: str, caller: Caller, image: Image) -> None:
        """Let the call pass, or raise: Missing where the caller may not even show the image, else Forbidden."""
        if not visible(caller, image):
            raise no_image(image.id)
        if self.allows(rule, caller, image):
            return
        if rule != "get_image" and self.allows("get_image", caller, image):
            raise forbidden(rule)
        raise no_image(image.id)

    def require(self, rule: str, caller: Caller) -> None:
        """Let a call pass that has no image (``tasks_api_access``, ``cache_list``, ...), or raise Forbidden."""
        own = {"project_id": caller.project, "owner": caller.project, "visibility": "private"}
        if not self.allows_target(rule, caller, own):
            raise forbidden(rule)


def forbidden(rule: str) -> Forbidden:
    """Give the error of a rule that said no."""
    return Forbidden(f"You are not authorized to complete {rule} action.")


def no_image(image_id: str) -> Missing:
    """Give the error that absent, deleted and invisible images share."""
    return Missing(f"Failed to find image {image_id}")
