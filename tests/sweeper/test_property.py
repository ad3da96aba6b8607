"""Arbitrary buckets, swept at arbitrary moments of what clients do: nothing that lives is touched, all else goes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from backends.wrap.forwarding import Call, ForwardingStore
from catalog.clock import new_image_id
from catalog.store import keys
from catalog.store.interface import ObjectStore, Overwrite
from tests.api.support import OCTETS, ROOT, Api
from tests.sweeper.support import DAY, sweep

FOREIGN = ("notes/readme", "golden/debian.raw", "images/readme.txt", "images/not-an-id/data-1")


class Busy(ForwardingStore):
    """Lets something else happen before calls of a client."""

    def __init__(self, inner: ObjectStore, happen: Callable[[], None]) -> None:
        super().__init__(inner)
        self._happen = happen

    def _around(self, call: Call, run: Callable[[], Any]) -> Any:
        if call.key.startswith("images/"):
            self._happen()
        return run()


class Bucket:
    """A catalog with two nodes: one that clients talk to, one that sweeps whenever it likes."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        settings = {"deleted_retention": DAY, "tombstone_retention": 3 * DAY}
        self.busy = False
        self.api = Api(wrap=lambda store: Busy(store, self.happen), **settings)
        self.sweeper = Api(memory=self.api.memory, **settings)
        self.sweeper.clock = self.sweeper_clock()
        self.living: dict[str, bytes | None] = {}
        self.dead: dict[str, bytes | None] = {}
        self.busy = True

    def sweeper_clock(self) -> Any:
        """Give the one clock to all: the nodes' and the store's."""
        self.sweeper.clock.now = self.api.clock.now
        return self.sweeper.clock

    def move(self, seconds: float) -> None:
        """Let time pass for everybody: a server that lives says so all the while."""
        self.api.clock.move(seconds)
        self.sweeper.clock.now = self.api.clock.now
        busy, self.busy = self.busy, False
        self.api.catalog.services.core.heartbeat.beat()
        self.busy = busy

    def happen(self) -> None:
        """Between any two calls of the store hours may pass and the other node may sweep."""
        if self.busy and self.chance.randrange(12) == 0:
            self.move(self.chance.choice([60, DAY / 4, 2 * DAY]))
            sweep(self.sweeper)

    def create(self) -> None:
        image_id = self.api.bare()
        self.living[image_id] = None
        if self.chance.randrange(5):
            self.upload(image_id)

    def upload(self, image_id: str) -> None:
        data = self.chance.randbytes(self.chance.choice([1, 1000, 100_000]))
        if self.api.put_file(image_id, data).status_code == 204:
            self.living[image_id] = data

    def stage(self) -> None:
        image_id = self.api.bare()
        answer = self.api.call("PUT", f"/v2/images/{image_id}/stage", data=b"staged", content_type=OCTETS)
        assert answer.status_code == 204
        self.living[image_id] = None

    def reject(self) -> None:
        """An upload that is refused after its data is stored, which leaves the image queued."""
        image_id = self.api.bare()
        assert self.api.put_file(image_id, b"x" * 10, headers={"X-Image-Meta-Size": "11"}).status_code in (204, 400)
        shown = self.api.show(image_id)
        self.living[image_id] = b"x" * 10 if shown["status"] == "active" else None

    def delete(self) -> None:
        if self.living:
            image_id = self.chance.choice(sorted(self.living))
            assert self.api.call("DELETE", f"/v2/images/{image_id}", ROOT).status_code == 204
            self.dead[image_id] = self.living.pop(image_id)

    def undelete(self) -> None:
        if self.dead:
            image_id = self.chance.choice(sorted(self.dead))
            answer = self.api.call("POST", f"/v2/images/{image_id}/actions/undelete", ROOT)
            assert answer.status_code in (204, 404, 410)
            if answer.status_code == 204:
                self.living[image_id] = self.dead.pop(image_id)

    def litter(self) -> None:
        """Leave what crashed nodes leave: data beside records and without any, unfinished uploads, old epochs."""
        memory, chance = self.api.memory, self.chance
        image_id = chance.choice([*sorted(self.living), *sorted(self.dead), new_image_id()])
        key = keys.blob(image_id, f"litter{chance.randrange(100)}")
        memory.put(key, b"litter", Overwrite())
        memory.put_part(key, memory.begin_upload(key), 1, b"part", 0)
        memory.put(f"index/v1/old{chance.randrange(3)}/journal/{chance.randrange(9):020d}", b"{}", Overwrite())

    def check(self) -> None:
        """Every image that lives reads back byte for byte."""
        self.busy = False
        for image_id, data in self.living.items():
            if data is not None:
                assert self.api.get_file(image_id, ROOT).data == data, image_id
            else:
                assert self.api.get(f"/v2/images/{image_id}", ROOT).status_code == 200
        self.busy = True


@pytest.mark.parametrize("seed", range(8))
def test_nothing_that_lives_is_touched_and_all_else_goes(seed: int) -> None:
    bucket = Bucket(seed)
    for key in FOREIGN:
        bucket.api.memory.put(key, b"not ours", Overwrite())
    acts = [bucket.create, bucket.create, bucket.stage, bucket.reject, bucket.delete, bucket.undelete, bucket.litter]
    for _ in range(30):
        bucket.chance.choice(acts)()
        if bucket.chance.randrange(4) == 0:
            bucket.happen()
        bucket.check()
    bucket.busy = False
    for _ in range(3):
        bucket.move(5 * DAY)
        report = sweep(bucket.sweeper)
        assert not report.errors
    bucket.check()
    stored = {info.key for info in bucket.api.memory.list("images/")}
    records = {keys.sidecar(image_id) for image_id in bucket.living}
    named = {place.key for image_id in bucket.living for place in bucket.api.record(image_id).locations}
    staged = {keys.blob(image_id, record.staged["attempt"]) for image_id in bucket.living
              if (record := bucket.api.record(image_id)).staged}  # fmt: skip
    assert stored == records | named | staged | {key for key in FOREIGN if key.startswith("images/")}
    assert all(bucket.api.memory.get(key).read() == b"not ours" for key in FOREIGN)
    assert list(bucket.api.memory.list_uploads("")) == []
    assert not [info.key for info in bucket.api.memory.list("index/v1/old")]
    bucket.api.close()
    bucket.sweeper.close()
