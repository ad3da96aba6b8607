"""The race at the start of a server, which tells whether several nodes may share its store.

Owns the verdict and how long it is remembered on this node. Must never start a node quietly on a store that loses
writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import orjson
import structlog

from catalog.clock import Clock, NewId
from catalog.doctor.probe import Probe
from catalog.doctor.racing import race_creates, race_updates, refused, unsafe
from catalog.store.errors import Denied, NotSupported
from catalog.store.inspection import Inspection, find_inspection
from catalog.store.interface import ObjectStore

log = structlog.get_logger(__name__)

REMEMBERED = timedelta(days=7)
"""How long a race that ended well is not run again, unless store, server or Calotype change."""
_ROUNDS, _WRITERS = 2, 2
"""Two writers are enough: a server that checks first and writes later lets both win nearly always, while SeaweedFS
makes the losers of larger races wait for whole seconds (two: 0.08 s for all rounds)."""
_ROUNDS_WITH_VERSIONS = 8
"""Rounds in a bucket that keeps versions, where Ceph RGW 20 lets both win most of the time only."""
_PROVEN = frozenset({"file", "memory", "swift"})
"""Kinds of store whose conditions are kept by Calotype itself, not by a server; the suites of tests prove them."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a node remembers of its race: ``identity`` is the store, ``version`` ours.

    ``versions`` is the bucket's status of versioning: switched on, it takes their conditions from some servers.
    Without its state folder a node remembers nothing.
    """

    folder: Path | None
    identity: str
    version: str

    def knows(self, server: str, versions: str, now: datetime) -> bool:
        """Tell whether a race against this server ended well not long ago."""
        if self.folder is None:
            return False
        try:
            kept = orjson.loads(self._file(self.folder).read_bytes())
            age = now - datetime.fromisoformat(kept.pop("at"))
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return False
        return bool(kept == self._subject(server, versions) and timedelta(0) <= age < REMEMBERED)

    def remember(self, server: str, versions: str, now: datetime) -> None:
        """Keep that a race ended well; without a usable folder the next start races again."""
        if self.folder is None:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file(self.folder).write_bytes(
                orjson.dumps({**self._subject(server, versions), "at": now.isoformat()})
            )
        except OSError as error:
            log.warning("store.race_not_remembered", folder=str(self.folder), error=str(error))

    def _file(self, folder: Path) -> Path:
        return folder / f"race-{sha256(self.identity.encode()).hexdigest()[:16]}.json"

    def _subject(self, server: str, versions: str) -> dict[str, str]:
        return {"store": self.identity, "server": server, "versions": versions, "calotype": self.version}


def check_conditional_writes(
    store: ObjectStore, memory: Memory, clock: Clock, new_token: NewId, *, single_node: bool
) -> None:
    """Race conditional writes against a prepared home store.

    Raises NotSupported if they are not safe, unless this is the only node; other StoreErrors if it cannot be tried.
    """
    if store.capabilities.conditional_writes and store.capabilities.kind in _PROVEN:
        return
    inspection = find_inspection(store)
    server, versions = (inspection.server(), _versions(inspection)) if inspection else ("", "")
    if memory.knows(server, versions, clock()):
        return
    reason = _reason(store, new_token, _ROUNDS_WITH_VERSIONS if versions == "Enabled" else _ROUNDS)
    if not reason:
        memory.remember(server, versions, clock())
    elif single_node:
        log.warning("store.unsafe", store=memory.identity, server=server, reason=reason, used_by="this node alone")
    else:
        raise NotSupported(
            f"the store {memory.identity} is not safe for more than one node: {reason}. `calotype doctor` tells more; "
            "set single_node if no other node will ever use it"
        )


def _versions(inspection: Inspection) -> str:
    """Give the status of versioning; without the right to know, or on a server that has none, it is like off."""
    try:
        return inspection.versioning()
    except (Denied, NotSupported):
        return ""


def _reason(store: ObjectStore, new_token: NewId, rounds: int) -> str:
    """Say why conditional writes are not safe; nothing if they are."""
    if not store.capabilities.conditional_writes:
        return f"stores of the kind {store.capabilities.kind} have no safe conditional writes"
    probe = Probe(store, new_token)
    try:
        # Updates first: they begin with a write that nobody contests, and the first one of a new bucket is slow.
        updates = race_updates(store, probe, rounds, _WRITERS)
        if wrong := unsafe(updates) or refused(updates):
            return f"racing to update an object, {wrong}"
        creates = race_creates(store, probe, rounds, _WRITERS)
        if wrong := unsafe(creates) or refused(creates):
            return f"racing for a new object, {wrong}"
    except NotSupported as error:
        return f"it takes no conditional writes ({error})"
    finally:
        if left := probe.remove():
            log.warning("store.probes_left", keys=left)
    return ""
