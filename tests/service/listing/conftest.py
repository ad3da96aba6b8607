"""A list service over a store in memory."""

from __future__ import annotations

import threading
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest

from backends.memory import MemoryStore
from catalog.clock import new_token
from catalog.index.journal.feed import JournalFeed
from catalog.index.table import Table
from catalog.model import HOME_STORE, Image, decode, encode
from catalog.service.identity import ADMIN, Caller
from catalog.service.listing import Listing
from catalog.service.policy import Policy
from catalog.service.representation import LocationView, render
from catalog.service.stores import StoreEntry, Stores
from catalog.settings import Settings
from catalog.store.errors import NotFound
from catalog.store.interface import Overwrite
from catalog.store.keys import sidecar

READER = frozenset({"reader"})
MEMBER = frozenset({"reader", "member"})
ALPHA, BETA = Caller("a", "alpha", MEMBER), Caller("b", "beta", MEMBER)


def one_store(store: MemoryStore) -> Stores:
    return Stores([StoreEntry(HOME_STORE, store, "memory")])


class Catalog:
    """A list service over a store in memory, and the images in it."""

    def __init__(
        self, folder: Any, view: LocationView | None = None, store: MemoryStore | None = None, **settings: Any
    ) -> None:
        self.store = store or MemoryStore()
        self.table = Table(folder / "index.sqlite", render)
        self.feed = JournalFeed(self.store, self.table, new_token, time.monotonic, threading.Lock())
        self.loads: list[str] = []
        view = view or LocationView(one_store(self.store), show_direct_url=False, show_locations=False)
        self.listing = Listing(self.table, self.feed, self.load, Policy(), Settings(**settings), view)

    def load(self, image_id: str) -> Image | None:
        self.loads.append(image_id)
        try:
            with self.store.get(sidecar(image_id)) as body:
                return decode(body.read())
        except NotFound:
            return None

    def add(self, *images: Image) -> None:
        for one in images:
            self.feed.publish(one, self.store.put(sidecar(one.id), encode(one), Overwrite()).etag)

    def page(self, text: str = "", caller: Caller = ADMIN) -> dict[str, Any]:
        return orjson.loads(self.listing.page(caller, parse_qsl(text, keep_blank_values=True)))

    def ids(self, text: str = "", caller: Caller = ADMIN) -> list[str]:
        return [one["id"] for one in self.page(text, caller)["images"]]

    def numbers(self, text: str = "", caller: Caller = ADMIN) -> set[int]:
        return {int(one.replace("-", ""), 16) for one in self.ids(text + "&limit=1000", caller)}

    def walk(self, text: str, caller: Caller = ADMIN) -> list[str]:
        found: list[str] = []
        page = self.page(text, caller)
        while True:
            found += [one["id"] for one in page["images"]]
            if "next" not in page:
                return found
            page = self.page(urlsplit(page["next"]).query, caller)


@pytest.fixture
def catalog(tmp_path):
    made = Catalog(tmp_path)
    yield made
    made.table.close()
