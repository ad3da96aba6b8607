"""A world in one container of a real Swift, with a process that may end between any two requests.

Owns the look at the segments. Must never end a process between calls of a store alone: one call is many requests here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from backends.local.locks import KeyLocks, locked
from backends.swift.client import Answer, SwiftClient
from backends.swift.fence import Writer, boot_id
from backends.swift.fenced import FencedStore
from backends.swift.large import segments_of
from backends.swift.login import Login, SwiftOptions, make_login
from backends.swift.marks import Marks
from backends.swift.store import SwiftStore
from backends.wrap.forwarding import Call
from backends.wrap.mortal import Fate
from catalog.store import keys
from catalog.store.errors import NotFound
from catalog.store.interface import ObjectStore
from tests.conformance.moved import MovedClaims, MovedTimed
from tests.crash.world import COLD, World
from tests.servers.swift import SwiftServer
from tests.sweeper.times import PassingTime, ShiftedStore

_READS = {"GET": "get", "HEAD": "head"}


class MortalClient(SwiftClient):
    """A client of a process that ends by ``fate`` at one of its writing requests."""

    def __init__(self, login: Login, options: SwiftOptions, fate: Fate) -> None:
        super().__init__(login, options)
        self._fate = fate

    def send(self, method: str, url: str, what: str, *rest: Any, **options: Any) -> Answer:
        """Make one request."""
        call = Call(_READS.get(method, method), what)
        return self._fate.meet(call, lambda: super(MortalClient, self).send(method, url, what, *rest, **options))


class Containers(World):
    """Two stores below one prefix of a container, the home store fenced; in ``folder`` the host keeps its notes."""

    def __init__(
        self, server: SwiftServer, container: str, prefix: str, folder: Path, source: str, **settings: Any
    ) -> None:
        self._container, self._prefix, self._folder = container, prefix, folder
        folder.mkdir(parents=True)
        self._options = server.options()
        self._login = make_login(self._options, {})
        self._clients: list[SwiftClient] = []
        self._time = PassingTime()
        ours = self._open(Fate())
        super().__init__(ours["home"], ours[COLD], self._time, source, **settings)
        places = {"default": "home", COLD: COLD}
        self._places = {name: self._store(Fate(), prefix).place for name, prefix in places.items()}

    def seen_by(self, fate: Fate) -> Mapping[str, ObjectStore]:
        found = self._open(fate)
        return {"default": found["home"], COLD: found[COLD]}

    def unseen(self) -> list[str]:
        """Name the segments of no object of ours, and those that would go by themselves."""
        return [f"{place.prefix}{name}: {why}" for place in self._places.values() for name, why in _stray(place)]

    def segments(self, image_id: str) -> set[str]:
        """Name the segments that are stored of an image."""
        rows = {
            name: place.rows(place.segments, f"parts/{keys.image_folder(image_id)}")
            for name, place in self._places.items()
        }
        return {f"{name}:{row['name']}" for name, found in rows.items() for row in found}

    def lose(self, segment: str) -> None:
        """Remove one segment, as ``segments`` names it."""
        name, _, row = segment.partition(":")
        self._places[name].segment("DELETE", row)

    def marked(self) -> set[str]:
        """Name the objects and segments that expire."""
        return {found for name, place in self._places.items() for found in _marked(name, place)}

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _store(self, fate: Fate, name: str) -> SwiftStore:
        client = MortalClient(self._login, self._options, fate)
        self._clients.append(client)
        return SwiftStore(client, self._container, f"{self._prefix}/{name}")

    def _open(self, fate: Fate) -> dict[str, ObjectStore]:
        home, cold = self._store(fate, "home"), self._store(fate, COLD)
        time, folder = self._time, self._folder
        writer = Writer(MovedClaims(home, time), folder, boot_id(), partial(locked, folder / "claim", create=True))
        fenced = FencedStore(home, MovedTimed(home, time), writer, Marks(folder), KeyLocks(folder))
        return {"home": ShiftedStore(fenced, time), COLD: ShiftedStore(cold, time)}


def _stray(place: Any) -> Iterator[tuple[str, str]]:
    used = set(_segments(place))
    for row in place.rows(place.segments, ""):
        path = f"/{place.segments}/{place.prefix}{row['name']}"
        if path not in used:
            yield row["name"], "no object has it"
        elif "X-Delete-At" in place.segment("HEAD", row["name"]).headers:
            yield row["name"], "it belongs to an object, and expires"


def _marked(store: str, place: Any) -> Iterator[str]:
    for container in (place.container, place.segments):
        for row in place.rows(container, ""):
            with suppress(NotFound):  # expired, and still listed
                if "X-Delete-At" in place.at("HEAD", container, place.prefix + row["name"]).headers:
                    yield f"{store}:{row['name']}"


def _segments(place: Any) -> Sequence[str]:
    large = [row["name"] for row in place.rows(place.container, "") if "slo_etag" in row]
    return [one.path for key in large for one in segments_of(place, f"/{place.container}/{place.prefix}{key}")]
