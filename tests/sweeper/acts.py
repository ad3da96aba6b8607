"""What clients do to a bucket: one thing after the other, sweeps in between.

Owns the acts, and what each of them promises at once. Must never draw from anything but the bucket's chance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from catalog.clock import new_image_id
from catalog.model import HOME_STORE
from catalog.store import keys
from catalog.store.interface import Overwrite
from tests.api.bodies import Body, send
from tests.api.support import OCTETS, ROOT
from tests.sweeper import ground, rest
from tests.sweeper.bucket import WHOLE_SECONDS, Bucket
from tests.sweeper.ground import COLD

_NOT_BEFORE = {
    204: timedelta(),
    409: timedelta(),
    410: timedelta(seconds=ground.DATA_KEPT),
    404: timedelta(seconds=ground.RECORDS_KEPT),
}
"""Answers to an undeletion, and how long ago the deletion has to be."""


class Clients(Bucket):
    """The bucket, and all that may be done to it."""

    @property
    def acts(self) -> Sequence[Callable[[], None]]:
        """All acts; what many others need is there twice."""
        return [
            self.create, self.create, self.stage, self.bring_in, self.copy, self.reject, self.rename, self.delete,
            self.undelete, self.regret, self.litter,
        ]  # fmt: skip

    def create(self) -> None:
        image_id = self.api.bare()
        self.living[image_id] = None
        if self.chance.randrange(5):
            self.upload(image_id)

    def upload(self, image_id: str) -> None:
        """Send data, slowly: it stops after the first part, if there are more."""
        data, part = self.chance.randbytes(self.chance.choice([1, 1000, self.ground.part * 3 // 2])), self.ground.part
        body = Body(data[:part], lambda: self.happen(2), data[part:])
        store = self.chance.choice([HOME_STORE, COLD])
        assert send(self.api, image_id, body, X_Image_Meta_Store=store).status_code == 204
        self.living[image_id] = data

    def stage(self) -> None:
        """Stage data, and leave it there."""
        self.staged()

    def staged(self) -> str:
        image_id = self.api.bare()
        answer = self.api.call("PUT", f"/v2/images/{image_id}/stage", data=image_id.encode(), content_type=OCTETS)
        assert answer.status_code == 204
        self.living[image_id] = None
        return image_id

    def bring_in(self) -> None:
        """Import what was staged, by a task that runs beside the clients."""
        image_id = self.staged()
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
        self.api.finish_tasks(120)
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

    def regret(self) -> None:
        """Bring an image back a while after its deletion."""
        if self.living:
            self.delete()
            self.happen(1)
            self.bring_back(list(self.dead)[-1])

    def undelete(self) -> None:
        """Bring any image back."""
        if self.dead:
            self.bring_back(self.chance.choice(list(self.dead)))

    def bring_back(self, image_id: str) -> None:
        """Nothing goes before its time; but an image that was deleted a moment ago may have to wait."""
        answer = self.api.call("POST", f"/v2/images/{image_id}/actions/undelete", ROOT)
        data, since = self.dead[image_id]
        assert self.ground.clock() - since > _NOT_BEFORE[answer.status_code] - WHOLE_SECONDS
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
