"""How metadata definitions look to clients.

Owns the names of the served keys and the prefix of a resource type. Must never check who may see them. What is not
set is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from catalog.service.metadefs.model import HEAD, Item, Namespace
from catalog.service.representation import api_time

PATH = "/v2/metadefs/namespaces"
_PATH_CHARACTERS = "!$&'()*+,;=:@~"
"""Characters that stand for themselves in a segment of a path (RFC 3986)."""

View = dict[str, Any]


def namespace_path(name: str) -> str:
    """Give the path of a namespace."""
    return f"{PATH}/{quote(name, safe=_PATH_CHARACTERS)}"


def head_view(namespace: Namespace) -> View:
    """Give a namespace without its parts."""
    view: View = {"namespace": namespace.name}
    view.update({name: getattr(namespace, name) for name in HEAD if getattr(namespace, name) is not None})
    return {
        **view,
        "created_at": api_time(namespace.created_at),
        "updated_at": api_time(namespace.updated_at),
        "self": namespace_path(namespace.name),
        "schema": "/v2/schemas/metadefs/namespace",
    }


def listed_view(namespace: Namespace) -> View:
    """Give a namespace as lists show it: with its associations and no other parts."""
    associations = [timed_view(item) for item in namespace.associations]
    return {**head_view(namespace), **({"resource_type_associations": associations} if associations else {})}


def full_view(namespace: Namespace, resource_type: str | None = None) -> View:
    """Give a namespace with all its parts, names as they are to be used on a resource type."""
    prefix = prefix_of(namespace, resource_type) or ""
    parts: View = {
        "objects": [_prefixed(object_view(namespace.name, item), prefix) for item in namespace.objects],
        "properties": {prefix + item.name: dict(item.fields) for item in namespace.properties},
        "tags": [{"name": item.name} for item in namespace.tags],
    }
    return {**listed_view(namespace), **{kind: shown for kind, shown in parts.items() if shown}}


def object_view(namespace: str, item: Item) -> View:
    """Give an object: lists that are not set show as empty."""
    return {
        "name": item.name,
        "required": [],
        "properties": {},
        **item.fields,
        **_times(item),
        "self": f"{namespace_path(namespace)}/objects/{quote(item.name, safe=_PATH_CHARACTERS)}",
        "schema": "/v2/schemas/metadefs/object",
    }


def new_object_view(namespace: str, item: Item) -> View:
    """Give an object that was just made: only what was sent."""
    view = object_view(namespace, item)
    return {key: value for key, value in view.items() if key in item.fields or key not in ("required", "properties")}


def property_view(item: Item) -> View:
    """Give a property by itself."""
    return {**item.fields, "name": item.name}


def timed_view(item: Item) -> View:
    """Give an association or a tag by itself."""
    return {"name": item.name, **item.fields, **_times(item)}


def prefix_of(namespace: Namespace, resource_type: str | None) -> str | None:
    """Give the prefix of a resource type's association, if there is one."""
    found = next((item for item in namespace.associations if item.name == resource_type), None)
    return found.fields.get("prefix") if found else None


def _times(item: Item) -> Mapping[str, str]:
    return {"created_at": api_time(item.created_at), "updated_at": api_time(item.updated_at)}


def _prefixed(view: View, prefix: str) -> View:
    return {
        **view,
        "required": [prefix + name for name in view["required"]],
        "properties": {prefix + name: value for name, value in view["properties"].items()},
    }
