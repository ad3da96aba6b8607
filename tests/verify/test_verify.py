"""What a verification finds: every kind of problem once, and nothing in a sound catalog, also while it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from backends.wrap.faulty import Fault, FaultyStore, plan_of
from catalog.model import Location
from catalog.store import keys
from catalog.store.errors import Unavailable
from catalog.store.interface import Overwrite
from catalog.verify.problems import DAMAGE, DAMAGED, DOUBTS, SOUND, Kind, exit_code
from catalog.verify.state import State
from tests.api.support import TEN
from tests.verify.world import World

DAY = 86_401


def shorter(world: World, image_id: str) -> None:
    world.home.put(world.blob(image_id), b"0123", Overwrite())


def no_record(world: World, image_id: str) -> None:
    world.home.delete(keys.sidecar(image_id))
    world.api.clock.move(DAY)


def unused(world: World, image_id: str) -> None:
    world.home.put(keys.blob(image_id, "other"), b"123", Overwrite())
    world.api.clock.move(DAY)


def unused_elsewhere(world: World, image_id: str) -> None:
    world.second.put(keys.blob(image_id, "other"), b"123", Overwrite())
    world.api.clock.move(10 * 365 * DAY)  # the second store has the time of day


def other_record(world: World, image_id: str) -> None:
    other = world.api.bare()
    with world.home.get(keys.sidecar(other)) as body:
        world.home.put(keys.sidecar(image_id), body.read(), Overwrite())


def unreadable(world: World, image_id: str) -> None:
    faults = {("get", number): Fault(before=Unavailable) for number in range(1, 10)}
    world.home = FaultyStore(world.api.memory, plan_of(faults), world.blob(image_id))


def cut(world: World, image_id: str) -> None:
    world.home = FaultyStore(world.api.memory, plan_of({("get", 1): Fault(cut=4)}), world.blob(image_id))


BAD: dict[str, tuple[Callable[[World, str], None], list[Kind], str]] = {
    "other bytes": (World.spoil, [Kind.MD5, Kind.HASH], "md5 is e388c1c5df49"),
    "MD5 of the record": (lambda w, i: w.forge(i, checksum="0" * 32), [Kind.MD5], "in the record 0000"),
    "SHA-512 of the record": (lambda w, i: w.forge(i, os_hash_value="1"), [Kind.HASH], "in the record 1"),
    "shorter": (shorter, [Kind.SIZE], "4 bytes are stored, 10 are in the record"),
    "missing": (lambda w, i: w.home.delete(w.blob(i)), [Kind.MISSING], "not there"),
    "no location": (lambda w, i: w.forge(i, locations=()), [Kind.NO_DATA], "active without data"),
    "unknown store": (lambda w, i: w.forge(i, locations=(Location("gone", "k"),)), [Kind.STORE], "'gone'"),
    "no sidecar": (lambda w, i: w.home.put(keys.sidecar(i), b"{", Overwrite()) and None, [Kind.SIDECAR], "not an im"),
    "other's sidecar": (other_record, [Kind.SIDECAR], "the record of image"),
    "no record": (no_record, [Kind.NO_RECORD], "10 bytes of an image without a record"),
    "unused": (unused, [Kind.UNUSED], "3 bytes that the record does not name"),
    "unused elsewhere": (unused_elsewhere, [Kind.UNUSED], "3 bytes"),
    "unreadable": (unreadable, [Kind.UNREAD], "Unavailable"),
    "cut": (cut, [Kind.UNREAD], "could not be read"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_problem(world: World, case: str) -> None:
    spoil, kinds, words = BAD[case]
    sound, spoilt = world.api.active(name="sound"), world.api.active(name="spoilt")
    assert world.problems() == []
    spoil(world, spoilt)
    found = world.problems()
    assert [problem.kind for problem in found] == kinds
    first = found[0]
    assert words in first.what
    assert first.image_id == spoilt != sound
    if kinds[0] not in (Kind.SIDECAR, Kind.NO_RECORD):
        assert (first.name, first.owner) == ("spoilt", "p1")
    damaged = kinds[0] not in (Kind.NO_RECORD, Kind.UNUSED, Kind.UNREAD)
    assert first.is_damage is damaged
    assert first.document()["damage"] is damaged
    assert exit_code(Counter(str(kind) for kind in kinds)) == (DAMAGED if damaged else DOUBTS)


def test_every_kind_was_seen() -> None:
    assert {kind for _, kinds, _ in BAD.values() for kind in kinds} == set(Kind)
    assert set(Kind) > DAMAGE
    assert exit_code({Kind.MD5: 0}) == SOUND


def test_sound_catalog_in_all_its_states(world: World) -> None:
    world.api.bare()
    world.api.active(b"")
    assert world.api.put_file(world.api.bare(), TEN, headers={"X-Image-Meta-Store": "second"}).status_code == 204
    off = world.api.active()
    assert world.api.call("POST", f"/v2/images/{off}/actions/deactivate").status_code == 204
    gone = world.api.active()
    assert world.api.call("DELETE", f"/v2/images/{gone}").status_code == 204
    world.forge(world.api.bare(), status="saving", attempt="goes-on")
    world.api.clock.move(10 * 365 * DAY)
    state = State("x", False)
    assert world.problems(state) == []
    assert world.read == 20


def test_what_is_young_may_be_in_work(world: World) -> None:
    image_id = world.api.active()
    for blob in (keys.blob(image_id, "copying"), keys.blob("0" * 8 + image_id[8:], "first")):
        world.home.put(blob, b"123", Overwrite())
    assert world.problems() == []


def test_image_that_is_deleted_meanwhile_is_no_problem(world: World) -> None:
    image_id = world.api.active()

    def delete() -> None:
        assert world.api.call("DELETE", f"/v2/images/{image_id}").status_code == 204

    plan = plan_of({("get", 1): Fault(pause=delete)})
    world.home = FaultyStore(world.api.memory, plan, world.blob(image_id))
    assert world.problems() == []


def test_data_of_others_are_read_with_a_flag_only(world: World) -> None:
    adopted, remote = world.api.active(name="adopted"), world.api.active(name="remote")
    world.home.put("adopted/disk", b"0123", Overwrite())
    world.web.put("https-disk", b"9876543210", Overwrite())
    world.forge(adopted, locations=(Location("default", "adopted/disk"),))
    world.forge(remote, locations=(Location("http", "https-disk"),))
    assert world.problems() == []
    found = {(problem.name, problem.kind) for problem in world.problems(foreign=True)}
    assert found == {("adopted", Kind.SIZE), ("remote", Kind.MD5), ("remote", Kind.HASH)}


def test_record_without_hashes_is_compared_by_size(world: World) -> None:
    image_id = world.api.active()
    world.forge(image_id, checksum=None, os_hash_algo=None, os_hash_value=None)
    assert world.problems() == []
    shorter(world, image_id)
    assert [problem.kind for problem in world.problems()] == [Kind.SIZE]


def test_image_whose_id_is_in_upper_case(world: World) -> None:
    made = world.api.new(id="ABCDEF00-0000-4000-8000-000000000000", disk_format="raw", container_format="bare")
    assert world.api.put_file(made["id"]).status_code == 204
    assert (world.problems(), world.read) == ([], 10)
