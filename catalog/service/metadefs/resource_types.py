"""The resource types that namespaces were ever associated with.

Owns the one object that lists them: a type stays when its last association goes. Must never look at a namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson

from catalog.clock import Clock, NewId, Sleep
from catalog.errors import Unavailable
from catalog.service.metadefs.files import Files
from catalog.store.errors import AlreadyExists, Corrupt, PreconditionFailed
from catalog.store.interface import Create, ObjectStore, Update
from catalog.store.keys import METADEF_RESOURCE_TYPES

Types = Mapping[str, tuple[datetime, datetime]]
"""Creation and last change of each type by name, in the order of their creation."""

_RECENT_OPS = 16
_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class TypeList:
    """The list with the marks of its last writes."""

    types: Types
    revision: int = 0
    op: str = ""
    recent_ops: tuple[str, ...] = ()


class ResourceTypes:
    """Reads and extends the list of resource types."""

    def __init__(self, store: ObjectStore, clock: Clock, new_token: NewId, sleep: Sleep) -> None:
        self._clock = clock
        self._new_token = new_token
        self._sleep = sleep
        self._files: Files[TypeList] = Files(store, _encode, _decode)

    def all(self) -> Types:
        """Give all types."""
        stored = self._files.read(METADEF_RESOURCE_TYPES)
        return stored.record.types if stored else {}

    def add(self, names: Iterable[str]) -> None:
        """Make sure that these types are listed."""
        wanted = list(dict.fromkeys(names))
        if wanted:
            now = self._clock()
            self._change(lambda types: {**types, **{name: (now, now) for name in wanted if name not in types}})

    def remove_all(self) -> None:
        """Empty the list."""
        self._change(lambda types: {})

    def _change(self, change: Callable[[Types], Types]) -> None:
        for turn in range(_ROUNDS):
            stored = self._files.read(METADEF_RESOURCE_TYPES)
            before = stored.record if stored else TypeList({})
            types = change(before.types)
            if types == before.types:
                return
            recent = (*before.recent_ops, before.op)[-_RECENT_OPS:] if before.op else ()
            record = replace(
                before, types=types, revision=before.revision + 1, op=self._new_token(), recent_ops=recent
            )
            try:
                self._files.write(METADEF_RESOURCE_TYPES, record, Update(stored.etag) if stored else Create())
                return
            except (AlreadyExists, PreconditionFailed):
                self._sleep(min(0.005 * 2**turn, 0.2) * (int(self._new_token()[:4], 16) / 0xFFFF))
        raise Unavailable("The list of resource types is being changed by too many requests; try again.")


def _encode(record: TypeList) -> bytes:
    types = [[name, _text(created), _text(updated)] for name, (created, updated) in record.types.items()]
    return orjson.dumps(
        {
            "schema_version": 1,
            "revision": record.revision,
            "op": record.op,
            "recent_ops": list(record.recent_ops),
            "types": types,
        }
    )


def _decode(data: bytes) -> TypeList:
    try:
        document = orjson.loads(data)
        types = {
            name: (datetime.fromisoformat(created), datetime.fromisoformat(updated))
            for name, created, updated in document["types"]
        }
        return TypeList(types, document["revision"], document["op"], tuple(document["recent_ops"]))
    except (ValueError, TypeError, KeyError) as error:
        raise Corrupt(f"not the list of resource types: {error}") from error


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
