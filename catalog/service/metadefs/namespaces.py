"""The calls on namespaces: create, show, list, change, delete.

Owns the rules of these calls. Must never know how a namespace is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.clock import Clock
from catalog.schemas.metadefs_query import NamespaceQuery
from catalog.service.identity import Caller
from catalog.service.metadefs import parts
from catalog.service.metadefs.access import Access, refuse_protected
from catalog.service.metadefs.model import HEAD, Namespace
from catalog.service.metadefs.records import NamespaceRecords, no_namespace
from catalog.service.metadefs.resource_types import ResourceTypes, Types
from catalog.service.metadefs.rules import LIST_NAMESPACES, RULES, SHOW_NAMESPACE
from catalog.service.metadefs.sorting import Order, Page, page_of

_BODY_KEYS: Mapping[str, str] = {
    "associations": "resource_type_associations",
    "properties": "properties",
    "objects": "objects",
    "tags": "tags",
}
"""Kind of part -> its key in a body."""


class Namespaces:
    """The calls on namespaces."""

    def __init__(self, records: NamespaceRecords, types: ResourceTypes, access: Access, clock: Clock) -> None:
        self._records = records
        self._types = types
        self._access = access
        self._clock = clock

    def create(self, caller: Caller, body: Mapping[str, Any]) -> Namespace:
        """Create a namespace with all parts that the body has, or nothing. Raises Forbidden, Clash."""
        rules = [RULES[kind].add for kind, key in _BODY_KEYS.items() if body.get(key)]
        self._access.require(caller, "add_metadef_namespace", *rules)
        made = new_namespace(body, caller.project, self._clock)
        if self._records.find(made.name) is None:
            self._types.add(item.name for item in made.associations)
        self._records.create(made)
        return made

    def show(self, caller: Caller, name: str) -> Namespace:
        """Give a namespace with all its parts. Raises Missing, Forbidden."""
        found = self._records.load(name)
        self._access.enforce(caller, found, *SHOW_NAMESPACE)
        return found

    def page(self, caller: Caller, query: NamespaceQuery) -> Page[Namespace]:
        """Give one page of the namespaces that the caller sees. Raises Forbidden, Missing (the marker)."""
        self._access.require(caller, *LIST_NAMESPACES)
        seen = [namespace for namespace in self._records.all() if self._access.shows(caller, namespace)]
        marker = next((one for one in seen if one.name == query.marker), None)
        if query.marker is not None and marker is None:
            raise no_namespace(query.marker)
        asked = [namespace for namespace in seen if _is_asked(namespace, query)]
        order: Order[Namespace] = Order(
            _SORT_FIELDS.get(query.sort_key, query.sort_key), query.descending, lambda one: one.name
        )
        return page_of(asked, order, marker, query.limit)

    def replace(self, caller: Caller, name: str, body: Mapping[str, Any]) -> Namespace:
        """Replace all that a namespace says of itself, its name too; its parts stay.

        Raises Missing, Forbidden, Clash (another has the name).
        """
        made: list[Namespace] = []

        def change(namespace: Namespace) -> Namespace:
            self._access.enforce(caller, namespace, "modify_metadef_namespace")
            head = head_of(body, caller.project)
            changed = replace(namespace, **head, name=body["namespace"], updated_at=self._clock())
            made[:] = [changed]
            return changed

        self._records.update(name, change)
        return made[0]

    def delete(self, caller: Caller, name: str) -> None:
        """Delete a namespace with all its parts. Raises Missing, Forbidden (rule, protected)."""

        def check(namespace: Namespace) -> None:
            self._access.enforce(caller, namespace, "delete_metadef_namespace")
            refuse_protected(namespace, "it")

        self._records.delete(name, check)

    def resource_types(self, caller: Caller) -> Types:
        """Give all resource types that a namespace is or was associated with. Raises Forbidden."""
        self._access.require(caller, "list_metadef_resource_types")
        return self._types.all()


_SORT_FIELDS: Mapping[str, str] = {"namespace": "name", "id": "created_at"}


def new_namespace(body: Mapping[str, Any], owner: str | None, clock: Clock) -> Namespace:
    """Make the record of a checked body; ``owner`` counts where it names none. Raises Clash (two of a name)."""
    now = clock()
    made: dict[str, Any] = {
        kind: parts.from_bodies(kind, body.get(key, ()), now)
        for kind, key in _BODY_KEYS.items()
        if kind != "properties"
    }
    properties = parts.new_items("properties", body.get("properties", {}).items(), now)
    return Namespace(body["namespace"], "", now, now, **head_of(body, owner), **made, properties=properties)


def head_of(body: Mapping[str, Any], owner: str | None) -> dict[str, Any]:
    """Give what a checked body says of the namespace itself, with defaults for the rest."""
    defaults: dict[str, Any] = {"visibility": "private", "protected": False}
    return {name: body.get(name, defaults.get(name)) for name in HEAD} | {"owner": body.get("owner") or owner}


def _is_asked(namespace: Namespace, query: NamespaceQuery) -> bool:
    associated = query.resource_types.intersection(item.name for item in namespace.associations)
    return query.visibility in (None, namespace.visibility) and (bool(associated) or not query.resource_types)
