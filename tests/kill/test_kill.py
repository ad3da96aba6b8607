"""kill -9 by chance: servers over SeaweedFS die at a random write or at a random moment, again and again.

Data go in one request, or in parts of 5 MiB, the least that S3 takes.

``CALOTYPE_TEST_KILLS`` gives the number of rounds and ``CALOTYPE_TEST_KILL_SEED`` the seed of the first one; a round
that failed is played again by its seed with one round. ``make kill`` runs 300 with a line for each.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from backends.s3 import S3Store
from catalog.model import Image
from catalog.store.interface import ObjectStore
from tests.crash.settled import check_at_rest, check_explained, check_usable, images
from tests.crash.world import COLD, World, present
from tests.crash_servers.bucket_world import IN_PARTS
from tests.fetch.certificates import Authority
from tests.kill.client import Client, Promised, ServerGone
from tests.kill.servers import Servers
from tests.servers.seaweedfs import SeaweedFS
from tests.servers.web_source import WebSource

ROUNDS = int(os.environ.get("CALOTYPE_TEST_KILLS", "5"))
SEED = int(os.environ.get("CALOTYPE_TEST_KILL_SEED", "1"))
BUCKET = "kills"
SMALL, LARGE = b"0123456789", IN_PARTS
STEPS, LAST_WRITE = 12, 60


@dataclass(frozen=True)
class Site:
    """What all rounds share."""

    servers: Servers
    seaweedfs: SeaweedFS
    source: WebSource
    folder: Path
    bundle: str

    def settings(self, prefix: str) -> dict[str, str]:
        """Give the settings of a server whose stores begin with a prefix of their own."""
        return {
            "store": f"s3://{BUCKET}/{prefix}/home", "stores": f"cold=s3://{BUCKET}/{prefix}/cold",
            "s3_endpoint": self.seaweedfs.endpoint, "bind": "127.0.0.1:0", "upload_part_size": "64KB",
            "state_dir": str(self.folder / prefix), "sweep_interval": "0.2", **self.common,
        }  # fmt: skip

    @property
    def common(self) -> dict[str, str]:
        ports = str(self.source.port)
        return {"allowed_hosts": "127.0.0.1", "allowed_ports": ports, "web_ca_bundle": self.bundle}


@pytest.fixture(scope="module")
def site(seaweedfs: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("kill")
    (folder / "disk").write_bytes(LARGE)
    with suppress(seaweedfs.client().exceptions.BucketAlreadyOwnedByYou):
        seaweedfs.client().create_bucket(Bucket=BUCKET)
    servers = Servers(seaweedfs.environment, folder / "servers.log")
    with WebSource(folder) as source, servers:
        yield Site(servers, seaweedfs, source, folder, str(Authority(folder).bundle))


@pytest.mark.timeout(60 + 30 * ROUNDS)
def test_nothing_is_lost_and_nothing_is_left(site: Site) -> None:
    steps = 0
    for seed in range(SEED, SEED + ROUNDS):
        try:
            done, told = play(site, seed)
        except BaseException:
            print(f"\nfailed: CALOTYPE_TEST_KILLS=1 CALOTYPE_TEST_KILL_SEED={seed}", file=sys.stderr)
            raise
        if ROUNDS > 20:
            print(f"round {seed - SEED + 1}/{ROUNDS}: {told}", file=sys.stderr, flush=True)
        steps += done
    assert steps >= ROUNDS, "the servers hardly did anything"


def play(site: Site, seed: int) -> tuple[int, str]:
    """Play one round; gives how many steps were begun, and what happened in a line."""
    random, prefix = Random(seed), f"r{seed}"
    at, after = random.randint(1, LAST_WRITE), random.random() < 0.5
    by_time = random.random() < 0.4
    server = site.servers.fork(site.settings(prefix), 0 if by_time else at, after)
    client = Client(server.url, random, site.source.url("disk"), SMALL, LARGE)
    timer = threading.Timer(random.uniform(0.2, 2.5), server.kill)
    try:
        if by_time:
            client.wait()
            timer.start()
        client.go_on(STEPS)
        gone = False
    except ServerGone:
        gone = True
    finally:
        timer.cancel()
        site.servers.bury()
    check(site, prefix, client.images)
    how = "by time" if by_time else f"at write {at}{' after it' if after else ''}"
    done = sum(len(image.history) for image in client.images.values())
    return done, f"killed {how}{'' if gone else ' or when all was done'}, {len(client.images)} images, {done} steps"


def check(site: Site, prefix: str, promised: dict[str, Promised]) -> None:
    """Let a fresh node tidy up, and look."""
    home, cold = (_store(site, f"{prefix}/{name}") for name in ("home", COLD))
    world = World(home, cold, present(), **site.common)
    fresh = world.node()
    try:
        fresh.recover()
        left = {image.id: image for image in images(world)}
        check_at_rest(world)
        for image_id, promise in promised.items():
            check_promise(world, left.get(image_id), promise)
        fresh.retire()
        check_explained(world)
        for image in images(world):
            if image.status != "deleted" or image.locations:
                check_usable(fresh, image, LARGE)
        fresh.retire()
        check_explained(world)
    finally:
        fresh.close()
        home.close()
        cold.close()


def _store(site: Site, prefix: str) -> ObjectStore:
    return S3Store(site.seaweedfs.client(), BUCKET, prefix)


def check_promise(world: World, image: Image | None, promise: Promised) -> None:
    """What was acknowledged is there; what got no answer may be."""
    if promise.open == "create" and image is None:
        return
    assert image is not None, promise
    if promise.open not in ("delete", "undelete"):
        assert (image.status == "deleted") == promise.deleted, (promise, image.history)
    if image.status == "deleted":
        return
    if promise.whole and promise.open != "undelete":
        assert image.status == "active", (promise, image.history)
        place = image.locations[0]
        assert world.stores[place.store].get(place.key).read() == promise.data
    assert promise.tags <= set(image.tags)
    assert promise.members <= {member.member_id for member in image.members}
