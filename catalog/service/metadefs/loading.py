"""Definition files: one JSON object with a whole namespace, as Glance ships them in ``etc/metadefs``.

Owns how a file becomes a namespace, how it meets one that exists, and the way back. Must never touch a file itself.
Files are the operator's: no policy is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

import orjson

from catalog.clock import Clock
from catalog.errors import Clash, Invalid
from catalog.schemas.metadefs_bodies import NAMESPACE
from catalog.service.metadefs.model import HEAD, PARTS, Items, Namespace
from catalog.service.metadefs.namespaces import new_namespace
from catalog.service.metadefs.records import NamespaceRecords
from catalog.service.metadefs.resource_types import ResourceTypes

OWNER = "admin"
"""Owner of a namespace whose file names none, as with ``glance-manage``."""


class Existing(StrEnum):
    """What happens to a namespace that exists when a file of it is loaded."""

    SKIP = "skip"
    """It stays as it is."""
    MERGE = "merge"
    """Parts that it lacks are added."""
    PREFER_NEW = "prefer_new"
    """Parts are added or replaced, and so is what it says of itself."""
    OVERWRITE = "overwrite"
    """Nothing of it stays."""


class Outcome(StrEnum):
    """What loading a file did, as people are told."""

    CREATED = "created"
    SKIPPED = "skipped"
    MERGED = "merged"
    OVERWRITTEN = "overwritten"


def parse_file(data: bytes) -> Mapping[str, Any]:
    """Read a definition file. Raises Invalid, naming the field."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"is not valid JSON: {error}") from error
    if isinstance(document, dict):
        # Files that were saved from an answer of the API hold what only the service writes, exported ones nulls.
        document = {key: value for key, value in _without_nulls(document).items() if key not in NAMESPACE.read_only}
    return NAMESPACE.parse(document)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


class Loader:
    """Puts namespaces of files into the store and takes them out."""

    def __init__(self, records: NamespaceRecords, types: ResourceTypes, clock: Clock) -> None:
        self._records = records
        self._types = types
        self._clock = clock

    def load(self, body: Mapping[str, Any], existing: Existing) -> Outcome:
        """Store the namespace of a checked file. Raises Clash if the file names a part twice."""
        new = new_namespace(body, OWNER, self._clock)
        found = self._records.find(new.name)
        if found is None or existing is not Existing.SKIP:
            self._types.add(item.name for item in new.associations)
        if found is None:
            try:
                self._records.create(new)
                return Outcome.CREATED
            except Clash:
                pass  # somebody was faster: then it exists
        outcome, join = _JOINS[existing]
        self._records.update(new.name, lambda old: join(old, new))
        return outcome

    def all(self) -> list[Namespace]:
        """Give all namespaces by name."""
        return sorted(self._records.all(), key=lambda namespace: namespace.name)

    def unload(self, name: str) -> None:
        """Delete a namespace, protected or not. Raises Missing."""
        self._records.delete(name, lambda namespace: None)

    def unload_types(self) -> None:
        """Forget all resource types that are still listed."""
        self._types.remove_all()


def _skip(old: Namespace, new: Namespace) -> Namespace:
    return old


def _merge(old: Namespace, new: Namespace) -> Namespace:
    return _with_parts(old, lambda kind: _joined(old.parts(kind), new.parts(kind)))


def _prefer_new(old: Namespace, new: Namespace) -> Namespace:
    head: dict[str, Any] = {name: getattr(new, name) for name in HEAD}
    renewed = replace(old, **head, updated_at=new.updated_at)
    return _with_parts(renewed, lambda kind: _joined(old.parts(kind), new.parts(kind), renew=True))


def _overwrite(old: Namespace, new: Namespace) -> Namespace:
    head: dict[str, Any] = {name: getattr(new, name) for name in HEAD}
    times: dict[str, Any] = {"created_at": new.created_at, "updated_at": new.updated_at}
    return _with_parts(replace(old, **head, **times), new.parts)


def _with_parts(namespace: Namespace, parts: Callable[[str], Items]) -> Namespace:
    changed: dict[str, Any] = {kind: parts(kind) for kind in PARTS}
    joined = replace(namespace, **changed)
    return namespace if joined == namespace else joined


def _joined(old: Items, new: Items, renew: bool = False) -> Items:
    """Give the old parts with the new ones of other names; with ``renew`` new ones replace those of their name."""
    by_name = {item.name: item for item in new}
    names = {item.name for item in old}
    kept = [
        replace(by_name[item.name], created_at=item.created_at) if renew and item.name in by_name else item
        for item in old
    ]
    return (*kept, *(item for item in new if item.name not in names))


_JOINS: Mapping[Existing, tuple[Outcome, Callable[[Namespace, Namespace], Namespace]]] = {
    Existing.SKIP: (Outcome.SKIPPED, _skip),
    Existing.MERGE: (Outcome.MERGED, _merge),
    Existing.PREFER_NEW: (Outcome.MERGED, _prefer_new),
    Existing.OVERWRITE: (Outcome.OVERWRITTEN, _overwrite),
}


def file_of(namespace: Namespace) -> dict[str, Any]:
    """Give the definition file of a namespace."""
    head = {name: getattr(namespace, name) for name in HEAD if getattr(namespace, name) is not None}
    associations, objects = (
        [{"name": item.name, **item.fields} for item in items] for items in (namespace.associations, namespace.objects)
    )
    return {
        "namespace": namespace.name,
        **head,
        "resource_type_associations": associations,
        "properties": {item.name: item.fields for item in namespace.properties},
        "objects": objects,
        "tags": [{"name": item.name} for item in namespace.tags],
    }
