"""The folder: its bound, cleaning, dead files, and several processes at once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalog.cache.disk import Pruned
from catalog.store.interface import ByteRange
from tests.cache.conftest import START, Node, make_image

DATA = random.Random(3).randbytes(20_000)


def _fill(node: Node, *numbers: int) -> None:
    for number in numbers:
        node.download(make_image(number, DATA), DATA)


def _numbers(node: Node) -> list[int]:
    return [int(row.image_id[:8], 16) for row in node.cache.disk.ledger.rows()]


def test_what_was_used_longest_ago_makes_room(node: Node) -> None:
    _fill(node, 1, 2, 3, 4, 5)
    assert _numbers(node) == [1, 2, 3, 4, 5]
    _fill(node, 1)  # a use, not a filling
    _fill(node, 6)
    assert _numbers(node) == [3, 4, 5, 1, 6]
    large = random.Random(5).randbytes(70_000)
    node.download(make_image(7, large), large)
    assert _numbers(node) == [6, 7]
    assert len(node.files()) == 2


def test_prune_keeps_a_smaller_bound(node: Node, folder: Path) -> None:
    _fill(node, 1, 2, 3)
    assert node.cache.disk.prune() == Pruned(0, 0)
    smaller = Node(folder, max_size=45_000)
    assert smaller.cache.disk.prune() == Pruned(1, 20_000)
    assert _numbers(node) == [2, 3]
    assert len(node.files()) == 2


def test_remove(node: Node) -> None:
    _fill(node, 1, 2, 3)
    assert node.cache.disk.remove(make_image(2, DATA).id) == 1
    assert node.cache.disk.remove(make_image(2, DATA).id) == 0
    assert _numbers(node) == [1, 3]
    assert node.cache.disk.remove() == 2
    assert node.files() == []


def test_clean_removes_what_is_of_no_use(node: Node, folder: Path) -> None:
    _fill(node, 1, 2, 3, 4)
    images, incomplete = folder / "images", folder / "incomplete"
    (images / "nobody").write_bytes(b"x")
    (incomplete / "dead").write_bytes(b"x")
    (images / f"{make_image(1, DATA).id}_a1").unlink()
    (images / f"{make_image(2, DATA).id}_a2").write_bytes(b"short")
    node.cache.disk.clean(lambda row: row.image_id != make_image(3, DATA).id)
    assert _numbers(node) == [4]
    assert node.files() == [f"{make_image(4, DATA).id}_a4"]


@pytest.mark.parametrize(("age", "left"), [(10, 1), (3700, 0)])
def test_clean_takes_away_what_is_stalled(node: Node, age: float, left: int) -> None:
    """Another thread holds the file: only its age tells that it will not end."""
    image = make_image(1, DATA)
    opened = node.cache.through(image, ByteRange(0, len(DATA)), node.store.reading(DATA))
    assert opened is not None
    blocks = iter(opened)
    next(blocks)
    (path,) = (node.folder / "incomplete").iterdir()
    while path.stat().st_size < 1000:  # its thread writes the first block, with the time of this machine
        time.sleep(0.001)
    written = START.timestamp() - age
    os.utime(path, (written, written))
    node.cache.disk.clean(lambda row: True)
    assert len(node.files()) == left
    for _ in blocks:
        pass
    opened.close()
    node.cache.settle(20)
    assert node.has(image) == bool(left)
    assert len(node.files()) == left


def test_a_file_of_a_dead_process_is_written_anew(node: Node, folder: Path) -> None:
    image = make_image(1, DATA)
    (folder / "incomplete" / f"{image.id}_a1").write_bytes(b"y" * 30_000)
    assert node.download(image, DATA) == DATA
    assert node.has(image)
    node.store.reads.clear()
    assert node.download(image, DATA) == DATA
    assert node.store.reads == []


def test_a_lost_ledger_is_no_loss_of_truth(node: Node, folder: Path) -> None:
    _fill(node, 1)
    for path in folder.glob("cache.db*"):
        path.unlink()
    again = Node(folder)
    assert again.download(make_image(1, DATA), DATA) == DATA
    assert again.store.reads == []
    again.cache.disk.clean(lambda row: True)
    assert again.files() == []


def test_the_queue(node: Node) -> None:
    ledger = node.cache.disk.ledger
    _fill(node, 1)
    for number in (3, 2, 1, 3):
        node.cache.queue(make_image(number, DATA).id)
    first, second = make_image(3, DATA).id, make_image(2, DATA).id
    assert ledger.queued() == [first, second]
    assert ledger.failed(first, 2)
    assert ledger.queued() == [second, first]
    assert not ledger.failed(first, 2)
    assert ledger.queued() == [second]
    _fill(node, 2)
    assert ledger.queued() == []
    node.cache.queue(first)
    assert (ledger.dequeue(first), ledger.dequeue(first), ledger.dequeue()) == (1, 0, 0)


_PROCESS = """
import random, sys
from pathlib import Path
from tests.cache.conftest import Node, make_image
folder, seed = Path(sys.argv[1]), int(sys.argv[2])
datas = [random.Random(number).randbytes(3000 + number) for number in range(8)]
node, chance = Node(folder, max_size=12_000, stall_time=1e12), random.Random(seed)
for turn in range(150):
    number = chance.randrange(8)
    image = make_image(number, datas[number])
    act = chance.randrange(20)
    if act == 0:
        node.cache.forget(image.id)
    elif act == 1:
        node.cache.disk.clean(lambda row: True)
    elif act == 2:
        node.cache.disk.prune()
    else:
        assert node.download(image, datas[number], size=500) == datas[number]
print(len(node.store.reads))
"""


def test_several_processes_share_a_folder(folder: Path) -> None:
    """Every byte that is served is right, the bound holds, and files and ledger agree in the end."""
    command = [sys.executable, "-c", _PROCESS, str(folder)]
    running = [
        subprocess.Popen([*command, str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for seed in range(3)
    ]
    ended = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], ended[0][1].decode()[-2000:]
    assert all(int(out.split()[-1]) < 120 for out, _ in ended)
    node = Node(folder, max_size=12_000)
    rows = node.cache.disk.ledger.rows()
    assert sum(row.size for row in rows) <= 12_000
    assert sorted(row.name for row in rows) == node.files()
