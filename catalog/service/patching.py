"""What one PATCH operation does to an image record.

Owns the table of effects (Image API v2, "Update image"; both media types). Must never store anything, so that a
failing operation leaves the image as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from catalog.errors import Clash, Forbidden
from catalog.model import Image
from catalog.schemas.image import WRITABLE
from catalog.schemas.patch import Operation
from catalog.service.identity import Caller
from catalog.service.policy import Policy, forbidden
from catalog.service.protections import Protections
from catalog.service.status import IMPORTING, QUEUED

_VISIBILITY_RULES: Mapping[str, str] = {"public": "publicize_image", "community": "communitize_image"}


EditLocations = Callable[[Image, Operation], Image]
"""Gives the record after one operation on its locations."""


def apply_operations(
    policy: Policy, caller: Caller, image: Image, operations: list[Operation], edit_locations: EditLocations
) -> Image:
    """Give the record after all operations. Raises Forbidden or Clash for the first that is not allowed."""
    changed = replace(image)
    for operation in operations:
        if operation.name == "locations":
            changed = edit_locations(changed, operation)
        else:
            changed = _apply(policy, caller, changed, operation)
    return changed


def _apply(policy: Policy, caller: Caller, image: Image, operation: Operation) -> Image:
    if operation.name in WRITABLE:
        return _apply_base(policy, caller, image, operation)
    return replace(image, properties=_apply_property(policy.protections, caller, image.properties, operation))


def _apply_base(policy: Policy, caller: Caller, image: Image, operation: Operation) -> Image:
    name, value = operation.name, operation.value
    if operation.op == "remove":
        raise Forbidden(f"Property {name} may not be removed.")
    if operation.op == "add" and not operation.overwrites:
        raise Clash(f"Property {name} already present.")
    check = _CHECKS.get(name)
    if check is not None:
        value = check(policy, caller, image, name, value)
    return replace(image, **{name: value})


def _check_owner(policy: Policy, caller: Caller, image: Image, name: str, value: Any) -> Any:
    if not caller.is_admin:
        raise Forbidden("You are not permitted to modify 'owner' on this image.")
    return value or None


def _check_visibility(policy: Policy, caller: Caller, image: Image, name: str, value: Any) -> Any:
    rule = _VISIBILITY_RULES.get(value)
    if rule is not None and not policy.allows(rule, caller, image):
        raise forbidden(rule)
    return value


def _check_format(policy: Policy, caller: Caller, image: Image, name: str, value: Any) -> Any:
    if image.status not in (QUEUED, IMPORTING):
        raise Forbidden(f"Attribute {name} can be replaced only for a queued image.")
    return value


_CHECKS: Mapping[str, Callable[[Policy, Caller, Image, str, Any], Any]] = {
    "owner": _check_owner,
    "visibility": _check_visibility,
    "disk_format": _check_format,
    "container_format": _check_format,
}


_ACTIONS: Mapping[tuple[str, bool], str] = {
    ("add", False): "create", ("add", True): "update", ("replace", True): "update", ("remove", True): "delete",
}  # fmt: skip
"""Operation, and whether the caller sees the property -> what the property's protection has to allow."""


def _apply_property(
    protections: Protections, caller: Caller, properties: Mapping[str, str], operation: Operation
) -> Mapping[str, str]:
    present = operation.name in properties and protections.allows("read", operation.name, caller)
    shown = operation.name[:80]
    if operation.op == "add" and present and not operation.overwrites:
        raise Clash(f"Property {shown} already present.")
    if operation.op != "add" and not present:
        raise Clash(f"Property {shown} does not exist.")
    if not protections.allows(_ACTIONS[operation.op, present], operation.name, caller):
        raise Forbidden(f"Property {shown} is protected.")
    kept = {name: value for name, value in properties.items() if name != operation.name}
    return kept if operation.op == "remove" else {**kept, operation.name: operation.value}
