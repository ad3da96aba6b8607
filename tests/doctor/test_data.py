"""What the doctor says of the data of images."""

from __future__ import annotations

from catalog.doctor.data import judge
from catalog.doctor.findings import Severity
from catalog.store.errors import Unavailable
from catalog.store.interface import Overwrite
from catalog.verify.run import Checked, verify_all
from catalog.verify.state import State
from tests.doctor.bad_stores import Failing
from tests.verify.world import World


def verified(world: World) -> list[Checked]:
    return list(verify_all(world.reading(), State("x", False), world.api.clock, threads=2))


def test_verdicts() -> None:
    world = World()
    ids = [world.api.active(name=str(number)) for number in range(6)]
    sound = judge(verified(world))
    assert (sound.severity, sound.findings[0].seen) == (
        Severity.OK, "6 records and their 60 bytes are as they were stored",
    )  # fmt: skip
    world.home.put(f"images/{ids[0]}/data-old", b"1", Overwrite())
    world.api.clock.move(90_000)
    assert judge(verified(world)).severity is Severity.NOTE
    for image_id in ids[1:]:
        world.spoil(image_id)
    damaged = judge(verified(world))
    assert (damaged.severity, len(damaged.findings)) == (Severity.DANGER, 4)
    assert damaged.findings[0].seen == "6 records read: 5 hash, 5 md5, 1 unused"
    assert all(finding.seen.startswith("image ") for finding in damaged.findings[1:])
    world.api.close()


def test_store_that_cannot_be_listed() -> None:
    world = World()
    world.home = Failing(world.home, "list", Unavailable)
    found = judge(verify_all(world.reading(), State("x", False), world.api.clock, threads=1))
    assert (found.severity, "Unavailable" in found.findings[0].seen) == (Severity.DANGER, True)
    world.api.close()
