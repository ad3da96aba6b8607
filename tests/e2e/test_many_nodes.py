"""Several nodes over one store: a list that begins after a write was answered shows it, on whichever node.

``make soak`` runs it with more nodes and for five minutes: the environment says how many and how long.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.support import Client
from tests.servers.calotype import Calotype
from tests.servers.places import Place, folder_place, s3_place
from tests.servers.seaweedfs import SeaweedFS

PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
NODES, WRITERS, LISTERS, SECONDS = map(int, os.environ.get("MANY_NODES", "3,4,4,8").split(","))
REPORT_SECONDS, ENOUGH = 10.0, 60


class Oracle:
    """What was acknowledged: image id -> its newest name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: dict[str, int] = {}
        self.writes = self.lists = 0
        self.failed = False

    def acknowledge(self, image_id: str, version: int) -> None:
        with self._lock:
            self._names[image_id] = version
            self.writes += 1

    def due(self) -> dict[str, int]:
        with self._lock:
            return dict(self._names)

    def goes_on(self, end: float) -> bool:
        """Tell whether time is left, or too little was done to prove anything."""
        return not self.failed and (time.monotonic() < end or min(self.writes, self.lists) < ENOUGH)


def _write(urls: list[str], oracle: Oracle, writer: int, end: float) -> None:
    chance, clients = random.Random(writer), [Client(url) for url in urls]
    own: list[str] = []
    while oracle.goes_on(end):
        client = chance.choice(clients)
        if len(own) < 20:
            own.append(client.create("0", visibility="public", owner=f"w{writer}"))
            oracle.acknowledge(own[-1], 0)
        else:
            image_id, version = chance.choice(own), oracle.writes
            operations = json.dumps([{"op": "replace", "path": "/name", "value": str(version)}])
            answer = client.call("PATCH", f"/v2/images/{image_id}", data=operations, headers=PATCH)
            assert answer.status_code == 200, answer.text
            oracle.acknowledge(image_id, version)


def _list(urls: list[str], oracle: Oracle, lister: int, end: float) -> None:
    chance, clients = random.Random(lister), [Client(url) for url in urls]
    while oracle.goes_on(end):
        due = oracle.due()
        answer = chance.choice(clients).call("GET", "/v2/images?limit=1000")
        assert answer.status_code == 200, answer.text
        shown = {image["id"]: int(image["name"]) for image in answer.json()["images"]}
        stale = {image_id: version for image_id, version in due.items() if shown.get(image_id, -1) < version}
        assert not stale, f"lister {lister} misses {stale}"
        oracle.lists += 1


@pytest.fixture(params=["folder", "seaweedfs"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """One store for all nodes."""
    if request.param == "folder":
        return folder_place(tmp_path / "images")
    seaweedfs: SeaweedFS = request.getfixturevalue("seaweedfs")
    return s3_place(seaweedfs, "many-nodes")


@pytest.mark.parametrize("shared_file", [False, True], ids=["a file each", "one local file"])
def test_lists_are_current_on_every_node(place: Place, tmp_path: Path, shared_file: bool):
    oracle, end = Oracle(), 0.0
    with ExitStack() as stack:
        urls = []
        for number in range(NODES):
            state = tmp_path / ("state" if shared_file else f"state{number}")
            settings = {**place.settings, "state_dir": str(state)}
            node = Calotype(tmp_path / f"node{number}", environment=place.environment, **settings)
            urls.append(stack.enter_context(node).url)
        end = time.monotonic() + SECONDS
        with ThreadPoolExecutor(WRITERS + LISTERS) as pool:
            work = [pool.submit(_write, urls, oracle, number, end) for number in range(WRITERS)]
            work += [pool.submit(_list, urls, oracle, number, end) for number in range(LISTERS)]
            while wait(work, REPORT_SECONDS, FIRST_EXCEPTION).not_done:
                if any(done.done() and done.exception() for done in work):
                    oracle.failed = True
                    break
                print(f"{oracle.writes} writes, {oracle.lists} lists, none missed one", flush=True)
            for done in work:
                done.result()
    assert min(oracle.writes, oracle.lists) >= ENOUGH
