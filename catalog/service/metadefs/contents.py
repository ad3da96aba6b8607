"""The calls on the parts of a namespace: properties, objects, tags, associations.

Owns the order of a call's refusals: the namespace's absence, the rule, the
part's absence, protection. Must never know how a part looks to a client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from catalog.clock import Clock
from catalog.errors import Missing
from catalog.schemas.metadefs_query import TagQuery
from catalog.service.identity import Caller
from catalog.service.metadefs import parts
from catalog.service.metadefs.access import Access, refuse_protected
from catalog.service.metadefs.model import Item, Items, Namespace
from catalog.service.metadefs.records import NamespaceRecords
from catalog.service.metadefs.resource_types import ResourceTypes
from catalog.service.metadefs.rules import RULES
from catalog.service.metadefs.sorting import Order, page_of


class Contents:
    """The parts of one kind in all namespaces."""

    def __init__(self, kind: str, records: NamespaceRecords, access: Access, clock: Clock) -> None:
        self._kind = kind
        self._rules = RULES[kind]
        self._records = records
        self._access = access
        self._clock = clock

    def list(self, caller: Caller, namespace: str) -> Items:
        """Give all parts in the order of their creation. Raises Missing, Forbidden."""
        return self._seen(caller, namespace, *self._rules.list).parts(self._kind)

    def show(self, caller: Caller, namespace: str, name: str) -> Item:
        """Give one part. Raises Missing, Forbidden."""
        found = self._seen(caller, namespace, self._rules.show)
        return parts.find(self._kind, found.parts(self._kind), name)

    def add(self, caller: Caller, namespace: str, name: str, fields: Mapping[str, Any]) -> Item:
        """Add one part. Raises Missing, Forbidden, Clash (the name is taken)."""
        now = self._clock()
        item = Item(name, now, now, fields)
        self._change(caller, namespace, (self._rules.add,), lambda items: parts.added(self._kind, items, (item,)))
        return item

    def replace(self, caller: Caller, namespace: str, old_name: str, name: str, fields: Mapping[str, Any]) -> Item:
        """Replace all of a part, its name too. Raises Missing, Forbidden, Clash (another has the name)."""
        made: list[Item] = []

        def change(items: Items) -> Items:
            now = self._clock()
            changed = parts.replaced(self._kind, items, old_name, Item(name, now, now, fields))
            made[:] = [parts.find(self._kind, changed, name)]
            return changed

        self._change(caller, namespace, (self._rules.modify,), change)
        return made[0]

    def remove(self, caller: Caller, namespace: str, name: str) -> None:
        """Remove one part. Raises Missing, Forbidden (rule, protected namespace)."""
        change = self._change_of(lambda items: parts.without(self._kind, items, name))
        self._update(caller, namespace, (self._rules.remove,), self._unprotected(change))

    def remove_all(self, caller: Caller, namespace: str) -> None:
        """Remove all parts of the kind. Raises Missing, Forbidden (rule, protected namespace)."""
        change = self._unprotected(self._change_of(lambda items: ()))
        self._update(caller, namespace, self._rules.remove_all, change)

    def _seen(self, caller: Caller, name: str, *rules: str) -> Namespace:
        namespace = self._records.load(name)
        self._access.enforce(caller, namespace, *rules)
        return namespace

    def _change(self, caller: Caller, name: str, rules: tuple[str, ...], change: Callable[[Items], Items]) -> None:
        self._update(caller, name, rules, self._change_of(change))

    def _change_of(self, change: Callable[[Items], Items]) -> Callable[[Namespace], Namespace]:
        def whole(namespace: Namespace) -> Namespace:
            before = namespace.parts(self._kind)
            after = change(before)
            changed: Any = {self._kind: after}
            return namespace if after == before else replace(namespace, **changed)

        return whole

    def _unprotected(self, change: Callable[[Namespace], Namespace]) -> Callable[[Namespace], Namespace]:
        def checked(namespace: Namespace) -> Namespace:
            changed = change(namespace)  # what is not there is missing, not protected
            refuse_protected(namespace, f"its {self._kind}")
            return changed

        return checked

    def _update(
        self, caller: Caller, name: str, rules: tuple[str, ...], change: Callable[[Namespace], Namespace]
    ) -> None:
        def allowed(namespace: Namespace) -> Namespace:
            self._access.enforce(caller, namespace, *rules)
            return change(namespace)

        self._records.update(name, allowed)


class Properties(Contents):
    """The properties of namespaces."""

    def show_for(self, caller: Caller, namespace: str, name: str, resource_type: str) -> Item:
        """Give the property that has this name on a resource type: behind its prefix. Raises Missing, Forbidden."""
        found = self._seen(caller, namespace, self._rules.show, RULES["associations"].show)
        prefix = parts.find("associations", found.associations, resource_type).fields.get("prefix")
        if not prefix or not name.startswith(prefix):
            raise Missing(f"Property {name} does not begin with the prefix of resource type {resource_type}.")
        return parts.find(self._kind, found.properties, name.removeprefix(prefix))


class Tags(Contents):
    """The tags of namespaces."""

    def put(self, caller: Caller, namespace: str, names: list[str], append: bool) -> None:
        """Replace all tags by others, or add some; no names change nothing. Raises Missing, Forbidden, Clash."""

        def change(items: Items) -> Items:
            if not names:
                return items
            new = parts.new_items(self._kind, [(name, {}) for name in names], self._clock())
            return parts.added(self._kind, items, new) if append else new

        self._change(caller, namespace, ("add_metadef_tags",), change)

    def page(self, caller: Caller, namespace: str, query: TagQuery) -> Items:
        """Give one page of the tags. Raises Missing (namespace, marker), Forbidden."""
        tags = self.list(caller, namespace)
        rank = {item.name: number for number, item in enumerate(tags)}
        marker = None if query.marker is None else parts.find(self._kind, tags, query.marker)
        field = "created_at" if query.sort_key == "id" else query.sort_key
        order: Order[Item] = Order(field, query.descending, lambda item: rank[item.name])
        return tuple(page_of(tags, order, marker, query.limit).entries)


class Associations(Contents):
    """The associations of namespaces with resource types."""

    def __init__(self, records: NamespaceRecords, access: Access, clock: Clock, types: ResourceTypes) -> None:
        super().__init__("associations", records, access, clock)
        self._types = types

    def add(self, caller: Caller, namespace: str, name: str, fields: Mapping[str, Any]) -> Item:
        """Add an association; a resource type that was never named before is new from now on."""
        found = self._seen(caller, namespace, self._rules.add)
        parts.added(self._kind, found.associations, parts.new_items(self._kind, [(name, fields)], self._clock()))
        # First the type: should this stop between the two, a type without association is no harm.
        self._types.add([name])
        return super().add(caller, namespace, name, fields)
