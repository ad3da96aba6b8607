"""The fence of a home store on a real Swift: hosts race, one writes, another one takes over."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backends.swift.fenced import FencedStore
from backends.swift.timed import SwiftClaims, SwiftTimed
from catalog.store.errors import Conflict, Unavailable
from catalog.store.interface import Create, Overwrite, Update
from tests.conformance.hosts import Hosts


@pytest.fixture
def hosts(swift_client, tmp_path: Path) -> Hosts:
    return Hosts(swift_client, tmp_path)


def test_one_of_many_becomes_the_first_writer(hosts: Hosts) -> None:
    barrier = threading.Barrier(8)

    def start(number: int) -> FencedStore:
        store = hosts.host(f"host{number}")
        barrier.wait()
        store.prepare(create=False)
        return store

    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(start, range(8)))
    wrote = []
    for store in stores:
        try:
            store.put(f"key{len(wrote)}", b"x", Create())
        except Unavailable:
            continue
        wrote.append(store)
    assert len(wrote) == 1


def test_a_claim_has_one_winner(hosts: Hosts) -> None:
    claims = SwiftClaims(hosts.place)
    barrier = threading.Barrier(20)

    def claim(_: int) -> bool:
        barrier.wait()
        return claims.claim(1)

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(claim, range(20))) == 1
    assert (claims.probe(1).taken, claims.probe(2).taken, claims.hint()) == (True, False, 1)


def test_readers_read_and_write_nothing(hosts: Hosts) -> None:
    writer, reader = hosts.host("writer"), hosts.host("reader")
    writer.prepare(create=False)
    assert "another host writes (epoch 1)" in reader.prepare(create=False).notes[0]
    info = writer.put("key", b"1", Create())
    assert reader.get("key").read() == b"1"
    for attempt in (
        lambda: reader.put("key", b"2", Update(info.etag)),
        lambda: reader.put("new", b"2", Create()),
        lambda: reader.put("new", b"2", Overwrite()),
        lambda: reader.delete("key"),
        lambda: reader.begin_upload("new"),
        lambda: reader.copy("key", "new"),
    ):
        with pytest.raises(Unavailable, match="another host writes"):
            attempt()
    assert [found.key for found in reader.list()] == ["key"]


def test_processes_of_one_host_all_write(hosts: Hosts) -> None:
    first, second = hosts.host("same"), hosts.host("same")
    first.prepare(create=False)
    assert not second.prepare(create=False).notes
    info = first.put("key", b"1", Create())
    assert second.put("key", b"2", Update(info.etag)).size == 1


def test_taking_over(hosts: Hosts) -> None:
    old, new = hosts.host("old"), hosts.host("new", take_over=True)
    old.prepare(create=False)
    info = old.put("key", b"1", Create())
    assert new.prepare(create=False).notes == ("this host takes over (epoch 2) and writes in 1200 s",)
    with pytest.raises(Unavailable, match="another host has taken this store over"):
        old.put("key", b"2", Update(info.etag))
    with pytest.raises(Unavailable, match="takes the store over: it writes in"):
        new.put("key", b"3", Overwrite())
    hosts.outlive_the_pause()
    new.put("key", b"3", Overwrite())
    with pytest.raises(Unavailable):
        old.put("key", b"4", Overwrite())
    assert new.get("key").read() == b"3"
    assert "another host writes (epoch 2)" in hosts.host("old").prepare(create=False).notes[0]
    assert not new.prepare(create=False).notes


def test_a_request_that_comes_too_late_is_refused(hosts: Hosts) -> None:
    timed = SwiftTimed(hosts.place)
    now = timed.look("key").now
    with pytest.raises(Conflict, match="too late"):
        timed.put_until("key", b"late", now - 2)
    assert timed.look("key").info is None
    timed.put_until("key", b"in time", now + 600)
    with pytest.raises(Conflict, match="too late"):
        timed.delete_until("key", now - 2)
    assert hosts.place.get("key").read() == b"in time"
    timed.delete_until("key", now + 600)
    timed.delete_until("key", now + 600)
    assert timed.look("key").info is None


def test_a_reboot_takes_a_new_epoch(hosts: Hosts, tmp_path: Path) -> None:
    store = hosts.host("host")
    store.prepare(create=False)
    note = tmp_path / "host" / "writer.json"
    note.write_text(note.read_text().replace('"boot": "', '"boot": "another '))
    with pytest.raises(Unavailable, match="another host writes"):
        store.put("key", b"1", Overwrite())
    assert "takes over (epoch 2)" in store.prepare(create=False).notes[0]
    hosts.outlive_the_pause()
    store.put("key", b"1", Overwrite())


def test_a_damaged_note_is_said(hosts: Hosts, tmp_path: Path) -> None:
    store = hosts.host("host")
    store.prepare(create=False)
    (tmp_path / "host" / "writer.json").write_text("{")
    with pytest.raises(Unavailable, match=r"writer\.json is damaged"):
        store.put("key", b"1", Overwrite())
