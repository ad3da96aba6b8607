"""Image records for benchmarks.

Owns what a realistic record is. Must never know where they go.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha512

from catalog.model import HOME_STORE, Image, Location, StatusChange
from catalog.store import keys

_OWNERS = 1000
"""Projects; the first one has a tenth of all images, the last one very few."""
_VISIBILITIES, _PER_HUNDRED = ("public", "private", "shared", "community"), (5, 80, 10, 5)
_BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
_SYSTEMS = (("debian", "12"), ("ubuntu", "24.04"), ("rocky", "9.5"), ("fedora", "42"), ("windows", "2022"))


def images(first: int, count: int) -> Iterator[Image]:
    """Make so many images, always the same for the same numbers."""
    for number in range(first, first + count):
        yield _image(number, random.Random(number))


def _image(number: int, chance: random.Random) -> Image:
    """Make an active image as an upload leaves it."""
    image_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    distro, release = chance.choice(_SYSTEMS)
    made = _BEGIN + timedelta(seconds=30 * number, microseconds=chance.randrange(10**6))
    seed = image_id.encode()
    attempt = md5(seed, usedforsecurity=False).hexdigest()
    steps = (("queued", "created"), ("saving", "upload began"), ("active", "upload complete"))
    return Image(
        id=image_id,
        created_at=made,
        updated_at=made + timedelta(seconds=40),
        name=f"{distro}-{release}-{number:07}",
        status="active",
        visibility=chance.choices(_VISIBILITIES, _PER_HUNDRED)[0],
        owner=f"{int(_OWNERS * chance.random() ** 3):032x}",
        container_format="bare",
        disk_format=chance.choice(("qcow2", "raw")),
        min_disk=10,
        min_ram=1024,
        size=chance.randrange(2**28, 2**33),
        virtual_size=10 * 2**30,
        checksum=attempt,
        os_hash_algo="sha512",
        os_hash_value=sha512(seed).hexdigest(),
        tags=(distro, chance.choice(("stable", "testing")), f"team-{chance.randrange(200)}"),
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
        "pipeline_id": str(chance.randrange(10**6)),
    }
