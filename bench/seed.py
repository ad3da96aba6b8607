"""Fills a bucket with image records, straight past the catalog.

Owns what a realistic record is. Must never be timed: it is only the way to a full catalog.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha512
from http.client import HTTPConnection

from bench.stage import BUCKET, PREFIX
from catalog.model import HOME_STORE, Image, Location, StatusChange, encode
from catalog.store import keys
from tests.servers.seaweedfs import SeaweedFS

_THREADS = 16
_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_SYSTEMS = (("debian", "12"), ("ubuntu", "24.04"), ("rocky", "9.5"), ("fedora", "42"), ("windows", "2022"))


def fill(weed: SeaweedFS, count: int) -> list[Image]:
    """Store so many records and give them."""
    chance = random.Random(count)
    images = [_image(number, chance) for number in range(count)]
    client = weed.client()

    def put(some: Sequence[Image]) -> None:
        """Use signed URLs: making requests with the SDK would take several times as long."""
        connection = HTTPConnection("127.0.0.1", weed.port, timeout=60)
        for image in some:
            where = {"Bucket": BUCKET, "Key": PREFIX + keys.sidecar(image.id)}
            url = client.generate_presigned_url("put_object", where, 3600)
            connection.request("PUT", url.removeprefix(weed.endpoint), encode(image))
            answer = connection.getresponse()
            if answer.read() or answer.status != 200:
                raise RuntimeError(f"seed: {answer.status}")
        connection.close()

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(put, [images[first::_THREADS] for first in range(_THREADS)]))
    client.close()
    return images


def _image(number: int, chance: random.Random) -> Image:
    """Make an active image as an upload leaves it."""
    image_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    distro, release = chance.choice(_SYSTEMS)
    made = _BEGIN + timedelta(minutes=17 * number, microseconds=chance.randrange(10**6))
    seed = image_id.encode()
    attempt = md5(seed, usedforsecurity=False).hexdigest()
    steps = (("queued", "created"), ("saving", "upload began"), ("active", "upload complete"))
    return Image(
        id=image_id,
        created_at=made,
        updated_at=made + timedelta(seconds=40),
        name=f"{distro}-{release}-{number:05}",
        status="active",
        visibility=chance.choice(("public", "private", "shared", "community")),
        owner=f"{chance.randrange(40):032x}",
        container_format="bare",
        disk_format=chance.choice(("qcow2", "raw")),
        min_disk=10,
        min_ram=1024,
        size=chance.randrange(2**28, 2**33),
        virtual_size=10 * 2**30,
        checksum=attempt,
        os_hash_algo="sha512",
        os_hash_value=sha512(seed).hexdigest(),
        tags=(distro, chance.choice(("stable", "testing"))),
        properties=_properties(distro, release, chance),
        locations=(Location(HOME_STORE, keys.blob(image_id, attempt)),),
        attempt=attempt,
        history=tuple(StatusChange(status, made, why) for status, why in steps),
        revision=3,
        op=attempt,
    )


def _properties(distro: str, release: str, chance: random.Random) -> dict[str, str]:
    return {
        "architecture": chance.choice(("x86_64", "aarch64")),
        "build_date": f"2025-{chance.randrange(1, 13):02}-01",
        "hw_disk_bus": "virtio",
        "hw_firmware_type": "uefi",
        "hw_machine_type": "q35",
        "hw_rng_model": "virtio",
        "hw_vif_multiqueue_enabled": "true",
        "os_admin_user": distro,
        "os_distro": distro,
        "os_version": release,
    }
