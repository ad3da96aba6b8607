"""Three nodes over one SeaweedFS behind HAProxy: each is restarted in turn, and no call of a client fails.

``ROLLING_ROUNDS=10`` goes round more often.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.e2e.support import OCTETS, Client, random_bytes, wait_for
from tests.servers.calotype import Calotype
from tests.servers.haproxy import HAProxy
from tests.servers.places import s3_place
from tests.servers.ports import free_port
from tests.servers.seaweedfs import SeaweedFS

ROUNDS = int(os.environ.get("ROLLING_ROUNDS", "1"))
DATA = random_bytes(300_000)
RECORD = {"disk_format": "raw", "container_format": "bare"}
SETTINGS = {"drain_delay": "4", "drain_seconds": "120", "upload_part_size": "5MB", "auth": "none"}


class Cluster:
    """The nodes, their figures and the balancer."""

    def __init__(self, folder: Path, seaweedfs: SeaweedFS, stack: ExitStack) -> None:
        place = s3_place(seaweedfs, "rolling")
        self.figures = [free_port() for _ in range(3)]
        self.nodes = []
        for number, port in enumerate(self.figures):
            settings = {**place.settings, **SETTINGS, "metrics_bind": f"127.0.0.1:{port}"}
            self.nodes.append(Calotype(folder / f"node{number}", place.environment, **settings))
            stack.enter_context(self.nodes[-1])
        self.balancer = stack.enter_context(HAProxy(folder / "haproxy", [node.port for node in self.nodes]))
        self.wait_states(["UP"] * 3)

    def wait_states(self, wanted: list[str]) -> None:
        wait_for(lambda: list(self.balancer.states().values()) == wanted, f"balancer sees {wanted}")

    def restart(self, number: int) -> None:
        """Do what an upgrade of one node does, while an upload is under way there."""
        node = self.nodes[number]
        upload = HeldUpload(node.url)
        node.terminate()
        self.wait_states(["DOWN" if one == number else "UP" for one in range(3)])
        assert upload.finish(self.balancer.url) == 204
        assert node.wait(120) == 0
        node.start()
        self.wait_states(["UP"] * 3)


def _life(send: Callable[..., requests.Response], name: str, chunked: bool) -> None:
    """Lead one image from its creation to its end; every call must succeed the first time."""
    image = _checked(send("POST", "/v2/images", json={**RECORD, "name": name}), 201).json()
    path = f"/v2/images/{image['id']}"
    body = iter([DATA[:100_000], DATA[100_000:]]) if chunked else DATA
    _checked(send("PUT", f"{path}/file", data=body, headers=OCTETS), 204)
    listed = _checked(send("GET", "/v2/images", params={"name": name}), 200).json()["images"]
    assert [(one["id"], one["status"]) for one in listed] == [(image["id"], "active")]
    assert _checked(send("GET", f"{path}/file"), 200).content == DATA
    _checked(send("DELETE", path), 204)


def _checked(answer: requests.Response, status: int) -> requests.Response:
    assert answer.status_code == status, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    return answer


class Clients:
    """Clients without retries that go on until they are told to stop."""

    def __init__(self, url: str) -> None:
        self._url, self._stop = url, threading.Event()
        self.failures: list[str] = []
        self.lives = [0, 0]
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(2)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    def _run(self, number: int) -> None:
        """The first client makes a connection for every call; the second keeps its own, and sends chunks."""
        with requests.Session() as session:
            while not self._stop.wait(0.05):  # the processors are for the nodes, too
                sender = requests if number == 0 else session
                try:
                    _life(
                        lambda method, path, sender=sender, **more: sender.request(
                            method, self._url + path, timeout=120, **more
                        ),
                        f"client-{number}-{self.lives[number]}",
                        chunked=number == 1,
                    )
                except (AssertionError, requests.RequestException) as error:
                    self.failures.append(f"client {number}, life {self.lives[number]}: {error!r}")
                self.lives[number] += 1


class HeldUpload:
    """An upload that has begun and waits for its second half."""

    def __init__(self, url: str) -> None:
        self._client, self._go, self._began = Client(url, timeout=120), threading.Event(), threading.Event()
        self.image_id = self._client.create("held")
        self._status = 0
        self._thread = threading.Thread(target=self._send)
        self._thread.start()
        assert self._began.wait(120)
        self._client.wait_status(self.image_id, "saving")

    def _send(self) -> None:
        self._status = self._client.upload(self.image_id, self._body()).status_code

    def _body(self) -> Iterator[bytes]:
        yield DATA[:1000]
        self._began.set()
        assert self._go.wait(120)
        yield DATA[1000:]

    def finish(self, url: str) -> int:
        """Send the rest, and look for the image by another way; give the status of the upload."""
        self._go.set()
        self._thread.join(120)
        assert Client(url).data(self.image_id) == DATA
        return self._status


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, seaweedfs: SeaweedFS) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(tmp_path_factory.mktemp("cluster"), seaweedfs, stack)


def test_no_call_fails_while_every_node_is_restarted(cluster: Cluster):
    with Clients(cluster.balancer.url) as clients:
        wait_for(lambda: min(clients.lives) >= 1, "each client has begun")
        for number in [0, 1, 2] * ROUNDS:
            before = list(clients.lives)
            cluster.restart(number)
            wait_for(lambda before=before: all(map(int.__gt__, clients.lives, before)), "each client goes on")
    print(f"{sum(clients.lives)} images led from creation to deletion")
    assert clients.failures == []


def test_figures_are_for_the_monitoring_alone(cluster: Cluster):
    assert Client(cluster.balancer.url).call("GET", "/metrics").status_code == 404
    for port in cluster.figures:
        assert "_created" not in _figures(port)
        wait_for(lambda port=port: 'calotype_ready{part="journal"} 1.0' in _figures(port), "the journal is ready")


def _figures(port: int) -> str:
    return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=120).text


def test_every_line_of_the_logs_is_an_object_with_event_level_and_time(cluster: Cluster):
    for node in cluster.nodes:
        # Read once, up to the last whole line: the balancer goes on asking, and the log on growing.
        whole = node.stderr.read_text(encoding="utf-8").rpartition("\n")[0]
        lines = [json.loads(line) for line in whole.splitlines()]
        assert len(lines) > 20
        assert [line for line in lines if not {"event", "level", "timestamp", "logger"} <= line.keys()] == []
        requests_seen = [line for line in lines if line["event"] == "request"]
        assert {"method", "path", "status", "request_id", "milliseconds"} <= requests_seen[0].keys()
