"""What has to be there, and nothing else, when all is quiet.

Owns the end of every run of the property. Must never ask the index: it reads the records themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from catalog.model import HOME_STORE, Image, decode
from catalog.store import keys
from catalog.store.errors import NotFound
from catalog.store.interface import Overwrite
from tests.api.support import Api
from tests.sweeper.ground import Ground
from tests.sweeper.support import DAY, sweep

FOREIGN = ("notes/readme", "golden/debian.raw", "images/readme.txt", "images/not-an-id/data-1")
"""What others keep in our place."""


def put_foreign(ground: Ground) -> None:
    """Let others keep their things beside ours."""
    for key in FOREIGN:
        ground.stores[HOME_STORE].put(key, b"not ours", Overwrite())


def read(ground: Ground, image_id: str) -> Image | None:
    """Read a record past all nodes; None where there is none."""
    try:
        return decode(ground.stores[HOME_STORE].get(keys.sidecar(image_id)).read())
    except NotFound:
        return None


def end_all(move: Callable[[float], None], sweeper: Api) -> None:
    """Let every retention pass, several times: what one rule ends another one may have to wait for."""
    for _ in range(3):
        move(5 * DAY)
        report = sweep(sweeper)
        assert not report.errors


def check_stores(ground: Ground, living: Iterable[str]) -> None:
    """Check that the stores hold what the living images name, and what is not ours, and no more."""
    wanted = {(HOME_STORE, key) for key in FOREIGN if key.startswith(keys.IMAGES)}
    for image_id in living:
        image = read(ground, image_id)
        assert image is not None, image_id
        wanted |= _named(image)
    stored = ground.stored()
    assert stored == wanted, f"left: {sorted(stored - wanted)}; missing: {sorted(wanted - stored)}"
    home = ground.stores[HOME_STORE]
    assert all(home.get(key).read() == b"not ours" for key in FOREIGN)
    assert [pending for store in ground.stores.values() for pending in store.list_uploads("")] == []
    assert {(HOME_STORE, key) for key in ground.hidden()} <= wanted
    assert not [info.key for info in home.list("index/v1/old")]


def _named(image: Image) -> set[tuple[str, str]]:
    """Give what a record names, itself included, by store."""
    found = {(HOME_STORE, keys.sidecar(image.id)), *((place.store, place.key) for place in image.locations)}
    if image.staged:
        found.add((HOME_STORE, keys.blob(image.id, image.staged["attempt"])))
    return found
