"""Arbitrary acts of clients on one node, and sweeps of another one between any two requests of the first.

Owns the acts and what they must leave. All chance comes from the seed, and nothing else decides what happens next.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from backends.wrap.forwarding import Call, ForwardingStore
from catalog.clock import new_image_id
from catalog.model import HOME_STORE
from catalog.store import keys
from catalog.store.interface import ObjectStore, Overwrite
from tests.api.bodies import Body, send
from tests.api.support import OCTETS, ROOT
from tests.sweeper import ground, rest
from tests.sweeper.ground import COLD, Ground
from tests.sweeper.support import DAY, sweep

_NOT_BEFORE = {
    204: timedelta(),
    409: timedelta(),
    410: timedelta(seconds=ground.DATA_KEPT),
    404: timedelta(seconds=ground.RECORDS_KEPT),
}
"""Answers to an undeletion, and how long ago the deletion has to be."""
_WHOLE_SECONDS = timedelta(seconds=2)
"""What two times of stores that show whole seconds may be off."""


class Busy(ForwardingStore):
    """Lets something else happen before calls of a client, but for parts, which are sent side by side."""

    def __init__(self, inner: ObjectStore, happen: Callable[[], None]) -> None:
        super().__init__(inner)
        self._happen = happen

    def _around(self, call: Call, run: Callable[[], Any]) -> Any:
        if call.verb != "put_part":
            self._happen()
        return run()


class Bucket:
    """A catalog with two nodes: one that clients talk to, one that sweeps whenever it likes.

    ``living`` holds the data of images by id, None where they have none to read; ``dead`` the same, and since when.
    ``young`` are objects that no record names, and when they were written.
    """

    def __init__(self, seed: str, ground: Ground) -> None:
        self.chance, self.ground = random.Random(seed), ground
        self.busy = False
        self.api = ground.node(lambda store: Busy(store, self.happen))
        self.sweeper = ground.node()
        self.living: dict[str, bytes | None] = {}
        self.dead: dict[str, tuple[bytes | None, datetime]] = {}
        self.young: dict[str, datetime] = {}
        self.acts = [
            self.create, self.create, self.stage, self.bring_in, self.copy, self.reject, self.rename, self.delete,
            self.undelete, self.litter,
        ]  # fmt: skip

    def close(self) -> None:
        self.api.close()
        self.sweeper.close()

    def run(self, acts: int) -> None:
        """Let clients act so many times, and check after each quarter."""
        for done in range(1, acts + 1):
            self.busy = True
            self.chance.choice(self.acts)()
            self.happen()
            self.busy = False
            if done % (acts // 4) == 0:
                self.check()

    def move(self, seconds: float) -> None:
        """Let time pass for everybody: a server that lives says so all the while."""
        self.ground.clock.move(seconds)
        self.api.catalog.services.core.heartbeat.beat()

    def happen(self, one_in: int = 12) -> None:
        """Between any two calls of the store days may pass and the other node may sweep."""
        if self.busy and self.chance.randrange(one_in) == 0:
            self.busy = False
            self.move(self.chance.choice([60, DAY / 4, 2 * DAY]))
            assert not sweep(self.sweeper).errors
            self.check_young()
            self.busy = True

    def create(self) -> None:
        image_id = self.api.bare()
        self.living[image_id] = None
        if self.chance.randrange(5):
            self.upload(image_id)

    def upload(self, image_id: str) -> None:
        """Send data, slowly: it stops after the first part, if there are more."""
        data, part = self.chance.randbytes(self.chance.choice([1, 1000, self.ground.part * 3 // 2])), self.ground.part
        body = Body(data[:part], lambda: self.happen(one_in=2), data[part:])
        store = self.chance.choice([HOME_STORE, COLD])
        assert send(self.api, image_id, body, X_Image_Meta_Store=store).status_code == 204
        self.living[image_id] = data

    def stage(self) -> str:
        image_id = self.api.bare()
        answer = self.api.call("PUT", f"/v2/images/{image_id}/stage", data=image_id.encode(), content_type=OCTETS)
        assert answer.status_code == 204
        self.living[image_id] = None
        return image_id

    def bring_in(self) -> None:
        """Import what was staged, by a task that runs beside the clients."""
        image_id = self.stage()
        stores = self.chance.choice([[HOME_STORE], [COLD], [HOME_STORE, COLD]])
        assert self.start_import(image_id, "glance-direct", stores) == 202
        self.living[image_id] = image_id.encode()

    def copy(self) -> None:
        """Copy the data of an image into a store, by a task; one that has it already refuses."""
        if images := [image_id for image_id, data in self.living.items() if data]:
            stores = [self.chance.choice([HOME_STORE, COLD])]
            assert self.start_import(self.chance.choice(images), "copy-image", stores) in (202, 400, 409)

    def start_import(self, image_id: str, method: str, stores: list[str]) -> int:
        """Start an import, and wait for its end; gives the status of the answer."""
        body = {"method": {"name": method}, "stores": stores}
        answer = self.api.call("POST", f"/v2/images/{image_id}/import", ROOT, json=body)
        self.api.finish_tasks()
        return answer.status_code

    def reject(self) -> None:
        """An upload that is refused after its data is stored, which leaves the image queued."""
        image_id = self.api.bare()
        assert self.api.put_file(image_id, b"x" * 10, headers={"X-Image-Meta-Size": "11"}).status_code in (204, 400)
        shown = self.api.show(image_id)
        self.living[image_id] = b"x" * 10 if shown["status"] == "active" else None

    def rename(self) -> None:
        """Change a record while it may be swept."""
        if self.living:
            change = [{"op": "replace", "path": "/name", "value": str(self.chance.random())}]
            assert self.api.patch(self.chance.choice(list(self.living)), json.dumps(change), ROOT).status_code == 200

    def delete(self) -> None:
        if self.living:
            image_id, now = self.chance.choice(list(self.living)), self.ground.clock()
            assert self.api.call("DELETE", f"/v2/images/{image_id}", ROOT).status_code == 204
            self.dead[image_id] = (self.living.pop(image_id), now)

    def undelete(self) -> None:
        """Bring an image back: nothing goes before its time. One that was deleted a moment ago may have to wait."""
        if self.dead:
            image_id = self.chance.choice(list(self.dead))
            answer = self.api.call("POST", f"/v2/images/{image_id}/actions/undelete", ROOT)
            data, since = self.dead[image_id]
            assert self.ground.clock() - since > _NOT_BEFORE[answer.status_code] - _WHOLE_SECONDS
            if answer.status_code == 204:
                self.living[image_id] = data
                del self.dead[image_id]

    def litter(self) -> None:
        """Leave what crashed nodes leave: data beside records and without any, unfinished uploads, old epochs."""
        home, chance = self.ground.stores[HOME_STORE], self.chance
        image_id = chance.choice([*self.living, *self.dead, new_image_id()])
        key = keys.blob(image_id, f"litter{chance.randrange(100)}")
        home.put(key, b"litter", Overwrite())
        self.young[key] = self.ground.clock()
        home.put_part(key, home.begin_upload(key), 1, b"part", 0)
        home.put(f"index/v1/old{chance.randrange(3)}/journal/{chance.randrange(9):020d}", b"{}", Overwrite())
        if rest.read(self.ground, image_id):  # without a record, data in a further store may be another catalog's
            self.ground.stores[COLD].put(key, b"litter", Overwrite())

    def check(self) -> None:
        """Every image that lives reads back byte for byte."""
        for image_id, data in self.living.items():
            if data is not None:
                assert self.api.get_file(image_id, ROOT).data == data, image_id
            else:
                assert self.api.get(f"/v2/images/{image_id}", ROOT).status_code == 200

    def check_young(self) -> None:
        """What nobody names may belong to something that has just begun: it stays until it is old enough."""
        old = self.ground.clock() - timedelta(seconds=DAY) + _WHOLE_SECONDS
        self.young = {key: since for key, since in self.young.items() if since > old}
        for key in self.young:
            assert self.ground.stores[HOME_STORE].head(key).size == len(b"litter"), key

    def end(self) -> None:
        """All retentions pass: what lives is there, and all else is gone."""
        rest.end_all(self.move, self.sweeper)
        self.check()
        rest.check_stores(self.ground, self.living)
