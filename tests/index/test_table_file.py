"""The index file survives whatever happens to it."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import pytest

from catalog.index.ledger import Posted
from catalog.index.query import Filter, Operator
from catalog.index.table import Table
from catalog.model import Image
from catalog.service.representation import render
from tests.index.pages import ADMIN, ids
from tests.index.samples import apply, etags, image, image_id, put

# The file


def test_a_file_is_used_again(tmp_path):
    for expected_etags in ({}, {image_id(1): ("e", 1)}):
        index = Table(tmp_path / "index.sqlite", render, "store")
        assert etags(index) == expected_etags
        apply(index, (image(1), "e"))
        index.close()


def other_render(one: Image) -> bytes:
    return render(one)[:-1] + b',"new_key":1}'


@pytest.mark.parametrize(("identity", "renderer"), [("other", render), ("store", other_render)])
def test_a_file_of_another_store_or_rendering_is_built_anew(tmp_path, identity, renderer):
    first = Table(tmp_path / "index.sqlite", render, "store")
    apply(first, (image(1), "e"))
    first.close()
    second = Table(tmp_path / "index.sqlite", renderer, identity)
    assert etags(second) == {}
    second.close()


@pytest.mark.parametrize("damage", ["garbage", "empty", "cut", "scribbled", "no stamp", "garbage and log"])
def test_a_damaged_file_is_built_anew(tmp_path, damage):
    path = tmp_path / "index.sqlite"
    index = Table(path, render, "store")
    put(index, *[image(number) for number in range(300)])
    index.close()
    whole = path.read_bytes()
    contents = {
        "garbage": b"not a database" * 1000,
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "scribbled": whole[:8192] + b"\xff" * (len(whole) - 8192),
        "no stamp": whole,
        "garbage and log": os.urandom(20_000),
    }
    path.write_bytes(contents[damage])
    if damage == "no stamp":
        connection = sqlite3.connect(path)
        connection.execute("DROP TABLE stamp")
        connection.close()
    if damage == "garbage and log":
        (tmp_path / "index.sqlite-wal").write_bytes(os.urandom(5000))
    again = Table(path, render, "store")
    assert etags(again) == {}
    put(again, image(1))
    assert ids(again) == [image_id(1)]
    again.close()


def test_writers_and_readers_at_once(index):
    failures: list[BaseException] = []

    def write(start: int) -> None:
        try:
            for revision in range(1, 6):
                for number in range(start, start + 10):
                    apply(index, (image(number, revision=revision, name=f"r{revision}"), f"e{revision}"))
                    # What is applied is seen at once.
                    named = replace(ADMIN, filters=(Filter("id", Operator.IN, (image_id(number),)),))
                    assert f'"r{revision}"'.encode() in index.page(named)[0].served
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=write, args=(start,)) for start in range(0, 200, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.count() == 200
    assert {etag for etag, _ in etags(index).values()} == {"e5"}


def outbox_of_three(index: Table) -> list[Posted]:
    """Fill the outbox so that its tickets do not begin at 1, and some are in doubt."""
    for number in range(6):
        index.post(b"%d" % number)
        if number == 3:
            index.doubt_posted()
    index.advance(index.position, (), [1, 2, 3])
    posted = index.posted(-1)
    assert [(item.ticket, item.doubted) for item in posted] == [(4, True), (5, False), (6, False)]
    return posted


def test_a_new_file_keeps_the_outbox_as_it_was(index):
    posted = outbox_of_three(index)
    index.begin_anew()
    assert index.posted(-1) == posted
    assert index.post(b"next") > posted[-1].ticket


def test_a_copy_that_takes_the_place_of_the_file_keeps_the_outbox_as_it_was(index, tmp_path):
    copy = tmp_path / "copy.sqlite"
    index.copy_to(copy)
    posted = outbox_of_three(index)
    assert index.take_over(copy)
    assert index.posted(-1) == posted
    assert index.post(b"next") > posted[-1].ticket


def test_a_copy_that_cannot_take_the_outbox_does_not_take_the_place_of_the_file(index, tmp_path):
    copy = tmp_path / "copy.sqlite"
    index.copy_to(copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'damaged'); END")
    posted = outbox_of_three(index)
    put(index, image(1))
    assert not index.take_over(copy)
    assert index.posted(-1) == posted
    assert ids(index) == [image_id(1)]


def test_a_new_file_holds_nothing_of_an_old_one_of_its_name(index, tmp_path):
    """Processes of a container have the same number again and again."""
    left = Table(tmp_path / f"index-{os.getpid()}-1.sqlite", render)
    left.post(b"of another process")
    put(left, image(1))
    left.close()
    index.begin_anew()
    assert (index.posted(-1), etags(index)) == ([], {})


def test_a_closed_table_says_so(tmp_path):
    index = Table(tmp_path / "index.sqlite", render)
    index.close()
    with pytest.raises(RuntimeError):
        index.page(ADMIN)
