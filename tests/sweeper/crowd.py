"""Clients on two nodes and sweeps on two more, all at the same time; what counts is how things are afterwards.

Owns the threads, and what is known for sure of an image that many clients change at once. Must never ask how far the
threads have come: that differs from run to run.
"""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from copy import copy

from catalog.model import HOME_STORE
from catalog.service.status import ACTIVE, DELETED
from tests.api.bodies import Body, send
from tests.api.support import OCTETS, ROOT, Api
from tests.sweeper import rest
from tests.sweeper.ground import COLD, Ground
from tests.sweeper.support import DAY, begin, sweep

_NODES = 2


class Crowd:
    """A catalog that everybody uses at once.

    ``sent`` holds all data that anybody sent for an image, ``kept`` what was answered with 204; ``doomed`` are images
    that somebody asked to delete.
    """

    def __init__(self, seed: str, ground: Ground) -> None:
        self.seed, self.ground = seed, ground
        self.nodes = [ground.node() for _ in range(_NODES)]
        self.sweepers = [ground.node() for _ in range(_NODES)]
        self.sent: dict[str, set[bytes]] = {}
        self.kept: dict[str, bytes] = {}
        self.doomed: set[str] = set()
        self._turn, self._over, self._swept = threading.Lock(), threading.Event(), threading.Condition()
        self._sweeps = 0

    def close(self) -> None:
        for node in (*self.nodes, *self.sweepers):
            node.close()

    def run(self, clients: int, acts: int) -> None:
        """Let clients act so many times each, and sweep until they are done."""
        with ThreadPoolExecutor(clients + _NODES) as pool:
            sweeps = [pool.submit(self._sweep, number) for number in range(_NODES)]
            try:
                for done in [pool.submit(self._client, number, acts) for number in range(clients)]:
                    done.result()
            finally:
                self._over.set()
            for done in sweeps:
                done.result()

    def move(self, seconds: float) -> None:
        """Let time pass for everybody: all nodes live, and say so."""
        self.ground.clock.move(seconds)
        for node in self.nodes:
            node.catalog.services.core.heartbeat.beat()

    def _sweep(self, number: int) -> None:
        """Sweep again and again: no sweep begins between a leap of time and the signs of life after it."""
        chance, sweeper = random.Random(f"{self.seed}-sweep-{number}"), self.sweepers[number]
        over = False
        try:
            while not over:
                over = self._over.is_set()
                with self._turn:
                    self.move(chance.choice([60, DAY / 4, DAY / 2, 2 * DAY]))
                    at = begin(sweeper)
                assert not sweep(sweeper, at=at).errors
                self._count(1)
        finally:
            self._count(1000)  # whoever waits for sweeps waits no longer

    def _count(self, sweeps: int) -> None:
        with self._swept:
            self._sweeps += sweeps
            self._swept.notify_all()

    def _outlast_sweeps(self) -> None:
        """Wait until some sweeps have ended, so that one of them began after this call."""
        with self._swept:
            enough = self._sweeps + _NODES + 1
            self._swept.wait_for(lambda: self._sweeps >= enough)

    def _client(self, number: int, acts: int) -> None:
        chance, node = random.Random(f"{self.seed}-client-{number}"), copy(self.nodes[number % _NODES])
        node.client = node.app.test_client()
        for _ in range(acts):
            act = chance.choice([
                self._create, self._create, self._bring_in, self._copy, self._upload, self._delete, self._undelete,
            ])  # fmt: skip
            act(node, chance)

    def _create(self, node: Api, chance: random.Random) -> None:
        image_id = node.bare()
        self.sent[image_id] = set()
        self._send(node, chance, image_id)

    def _upload(self, node: Api, chance: random.Random) -> None:
        """Send data for an image that may have some, may be getting some, and may be gone."""
        if self.sent:
            self._send(node, chance, chance.choice(list(self.sent)))

    def _send(self, node: Api, chance: random.Random, image_id: str) -> None:
        """Send data; more than a part is sent slowly, and may still be on its way when several sweeps are over."""
        part = self.ground.part
        data, slow = chance.randbytes(chance.choice([1000, part * 3 // 2])), chance.randrange(2)
        self.sent[image_id].add(data)
        body = Body(data[:part], self._outlast_sweeps if slow and len(data) > part else bool, data[part:])
        answer = send(node, image_id, body, who=ROOT, X_Image_Meta_Store=chance.choice([HOME_STORE, COLD]))
        assert answer.status_code in (204, 404, 409, 410), answer.text
        assert answer.status_code in (204, 409) or image_id in self.doomed, "a living upload was ended"
        if answer.status_code == 204:
            self.kept[image_id] = data

    def _bring_in(self, node: Api, chance: random.Random) -> None:
        """Import what was staged, and do not wait for it."""
        image_id = node.bare()
        data = image_id.encode()
        self.sent[image_id] = {data}
        staged = node.call("PUT", f"/v2/images/{image_id}/stage", ROOT, data=data, content_type=OCTETS)
        assert staged.status_code in (204, 404, 409, 410), staged.text
        self._import(node, chance, image_id, "glance-direct")

    def _copy(self, node: Api, chance: random.Random) -> None:
        """Copy an image into a store, and do not wait for it."""
        if self.sent:
            self._import(node, chance, chance.choice(list(self.sent)), "copy-image")

    def _import(self, node: Api, chance: random.Random, image_id: str, method: str) -> None:
        body = {"method": {"name": method}, "stores": [chance.choice([HOME_STORE, COLD])]}
        answer = node.call("POST", f"/v2/images/{image_id}/import", ROOT, json=body)
        assert answer.status_code in (202, 400, 404, 409), answer.text

    def _delete(self, node: Api, chance: random.Random) -> None:
        if self.sent:
            image_id = chance.choice(list(self.sent))
            self.doomed.add(image_id)
            answer = node.call("DELETE", f"/v2/images/{image_id}", ROOT)
            assert answer.status_code in (204, 404, 409), answer.text

    def _undelete(self, node: Api, chance: random.Random) -> None:
        if self.doomed:
            image_id = chance.choice(list(self.doomed))
            answer = node.call("POST", f"/v2/images/{image_id}/actions/undelete", ROOT)
            assert answer.status_code in (204, 404, 409, 410), answer.text

    def check(self) -> list[str]:
        """Every active image gives what was sent for it, and nobody else's wish took one away; gives who lives."""
        living = []
        for image_id, sent in self.sent.items():
            image = rest.read(self.ground, image_id)
            if image is None or image.status == DELETED:
                assert image_id in self.doomed, image_id
                continue
            living.append(image_id)
            if image.status == ACTIVE:
                assert self.nodes[0].get_file(image_id, ROOT).data in sent, image_id
            if image_id in self.kept and image_id not in self.doomed:
                assert self.nodes[1].get_file(image_id, ROOT).data == self.kept[image_id], image_id
        return living

    def end(self) -> None:
        """All retentions pass: who lives now lives on, and all else is gone."""
        for node in self.nodes:
            node.finish_tasks(120)
        living = self.check()
        rest.end_all(self.move, self.sweepers[0])
        assert self.check() == living
        rest.check_stores(self.ground, living)
