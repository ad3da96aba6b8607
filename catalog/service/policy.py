"""Who may do what: the default rules as data, and one function that applies them.

Owns visibility by id and the choice between 404 and 403. Must never read a request. A rule needs a role and a
relation between the caller's project and the image; the role admin passes every rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.errors import Forbidden, Missing
from catalog.model import Image
from catalog.service.identity import Caller

Relation = Callable[[Caller, Image], bool]


def _anything(caller: Caller, image: Image) -> bool:
    return True


def _owns(caller: Caller, image: Image) -> bool:
    return caller.project is not None and caller.project == image.owner


def _sees(caller: Caller, image: Image) -> bool:
    return _owns(caller, image) or image.visibility in ("public", "community", "shared")


def _admin_only(caller: Caller, image: Image) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Rule:
    """What a caller needs who is not admin."""

    role: str
    relation: Relation


RULES: Mapping[str, Rule] = {
    "get_images": Rule("reader", _anything),
    "get_image": Rule("reader", _sees),
    "add_image": Rule("member", _owns),
    "modify_image": Rule("member", _owns),
    "delete_image": Rule("member", _owns),
    "upload_image": Rule("member", _owns),
    "download_image": Rule("member", _sees),
    "publicize_image": Rule("member", _admin_only),
    "communitize_image": Rule("member", _owns),
    "deactivate": Rule("member", _owns),
    "reactivate": Rule("member", _owns),
}


def visible(caller: Caller, image: Image) -> bool:
    """Tell whether the caller's project can know of the image at all, before any rule."""
    return (
        caller.is_admin
        or image.owner is None
        or image.visibility in ("public", "community")
        or _owns(caller, image)
        or (image.visibility == "shared" and image.member(caller.project) is not None)
    )


class Policy:
    """The rules of this catalog, applied to callers."""

    def allows(self, rule: str, caller: Caller, image: Image) -> bool:
        """Tell whether a rule lets the caller do something to an image that it can see."""
        needed = RULES[rule]
        return caller.is_admin or (needed.role in caller.roles and needed.relation(caller, image))

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
        if not caller.is_admin:
            raise forbidden(rule)


def forbidden(rule: str) -> Forbidden:
    """Give the error of a rule that said no."""
    return Forbidden(f"You are not authorized to complete {rule} action.")


def no_image(image_id: str) -> Missing:
    """Give the error that absent, deleted and invisible images share."""
    return Missing(f"Failed to find image {image_id}")
