"""A child process that writes to a folder store until it is killed, and tells what was acknowledged.

Owns the form of self-checking objects. Must never buffer a line.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from pathlib import Path

from backends.local import LocalStore
from catalog.store.interface import Create, Overwrite, Update

KEYS = ("images/1/image.json", "images/2/image.json", "top")


def compose(count: int, size: int) -> bytes:
    """Make an object that says which one it is and proves that it is whole."""
    body = f"{count} ".encode() + bytes([count % 251]) * size
    return hashlib.sha256(body).digest() + body


def number_of(data: bytes) -> int:
    """Give the number of an object; raises AssertionError if it is torn."""
    assert hashlib.sha256(data[32:]).digest() == data[:32], f"torn object of {len(data)} bytes"
    return int(data[32:].split(b" ", 1)[0])


def main(root: str, first: int, seed: int) -> None:
    """Write ever higher numbers in all the ways there are; print ``key number`` when one is acknowledged."""
    store = LocalStore(Path(root))
    chance = random.Random(seed)
    count = first
    while True:
        count += 1
        key = chance.choice(KEYS)
        size = chance.choice([10, 5000, 70_000, 300_000])
        way = chance.choice(["overwrite", "update", "multipart", "create"])
        if way == "multipart":
            data = compose(count, size)
            middle = len(data) // 2
            upload = store.begin_upload(key)
            parts = [
                store.put_part(key, upload, 1, data[:middle], 0),
                store.put_part(key, upload, 2, data[middle:], middle),
            ]
            store.complete_upload(key, upload, parts)
        elif way == "create":
            key = f"new/{count}/data"
            store.put(key, compose(count, size), Create())
        elif way == "update":
            store.put(key, compose(count, size), Update(store.head(key).etag))
        else:
            store.put(key, compose(count, size), Overwrite())
        os.write(1, f"{key} {count}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
