"""Walks a folder store in the byte order of whole keys.

Owns the order and the skipping of what a listing does not need. Must never fail because something was removed
meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from backends.local.files import info_of
from catalog.store.interface import ObjectInfo


def walk(root: Path, prefix: str, start_after: str) -> Iterator[ObjectInfo]:
    """Give the objects below ``root`` whose key begins with ``prefix`` and comes after ``start_after``."""
    folder = prefix.rpartition("/")[0]
    yield from _walk(root / folder, f"{folder}/" if folder else "", prefix, start_after)


def _walk(folder: Path, base: str, prefix: str, start_after: str) -> Iterator[ObjectInfo]:
    """Walk one folder; ``base`` is the common beginning of its keys."""
    for name in _names(folder):
        key = base + name
        if name.endswith("/"):
            # All keys of this folder begin with `key`, so one comparison tells where all of them stand.
            if (key.startswith(prefix) or prefix.startswith(key)) and (
                key > start_after or start_after.startswith(key)
            ):
                yield from _walk(folder / name, key, prefix, start_after)
        elif key.startswith(prefix) and key > start_after:
            try:
                status = (folder / name).stat()
            except (FileNotFoundError, NotADirectoryError):
                continue
            yield info_of(key, status)


def _names(folder: Path) -> list[str]:
    """Give the names in a folder, folders with a slash: so sorted, their keys are in byte order."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name + ("/" if entry.is_dir() else "") for entry in entries if entry.name[0] != "."]
    except (FileNotFoundError, NotADirectoryError):
        return []
    names.sort()
    return names
