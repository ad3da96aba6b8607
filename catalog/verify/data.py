"""Reads the data of one location and compares it with the record.

Owns the hashes. Must never keep more than a block of an image in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any

from catalog.model import Image, Location
from catalog.service.stores import StoreEntry, Stores
from catalog.store.errors import Corrupt, NotFound, StoreError
from catalog.verify.problems import Kind, Problem
from catalog.verify.rate import Rate

Taken = Callable[[int], None]
"""Hears of bytes that were read."""


class Ended(Exception):
    """The verification was given up in the middle of an image."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How data are read: ``foreign`` tells whether data that Calotype did not store are read too."""

    stores: Stores
    rate: Rate
    foreign: bool
    taken: Taken
    ended: Event


def check_data(reading: Reading, image: Image) -> Iterator[Problem]:
    """Compare all locations of an image with its record; those that may not be read are passed over."""
    for place in image.locations:
        entry = reading.stores.find(place.store)
        if entry is None:
            yield _problem(Kind.STORE, image, place, f"there is no store {place.store!r} in the settings")
        elif reading.foreign or reading.stores.is_own(image.id, place):
            yield from _check_place(reading, entry, image, place)


def _check_place(reading: Reading, entry: StoreEntry, image: Image, place: Location) -> Iterator[Problem]:
    try:
        size, hashes = _read(reading, entry, image, place)
    except NotFound:
        yield _problem(Kind.MISSING, image, place, "the data are not there")
    except Corrupt as error:
        yield _problem(Kind.SIZE, image, place, f"the data cannot be read: {error}")
    except StoreError as error:
        yield _problem(Kind.UNREAD, image, place, f"the data could not be read: {type(error).__name__}: {error}")
    else:
        yield from _compare(image, place, size, hashes)


def _read(reading: Reading, entry: StoreEntry, image: Image, place: Location) -> tuple[int, dict[str, str]]:
    """Give size and hashes of the data; a size that is wrong already saves the reading."""
    hashes: dict[str, Any] = {"md5": hashlib.md5(usedforsecurity=False)} if image.checksum else {}
    algorithm = image.os_hash_algo
    if algorithm and image.os_hash_value and algorithm in hashlib.algorithms_available:
        hashes[algorithm] = hashlib.new(algorithm)
    with entry.store.get(place.key) as body:
        if image.size is not None and body.info.size != image.size and not entry.read_only:
            return body.info.size, {}
        size = 0
        for block in body:
            if reading.ended.is_set():
                raise Ended
            reading.rate.take(len(block))
            size += len(block)
            for one in hashes.values():
                one.update(block)
            reading.taken(len(block))
    return size, {name: one.hexdigest() for name, one in hashes.items()}


def _compare(image: Image, place: Location, size: int, hashes: dict[str, str]) -> Iterator[Problem]:
    if image.size is not None and size != image.size:
        yield _problem(Kind.SIZE, image, place, f"{size} bytes are stored, {image.size} are in the record")
        return
    wanted = {"md5": image.checksum, image.os_hash_algo or "": image.os_hash_value}
    for name, found in hashes.items():
        if found != wanted[name]:
            kind = Kind.MD5 if name == "md5" else Kind.HASH
            yield _problem(kind, image, place, f"{name} is {found}, in the record {wanted[name]}")


def _problem(kind: Kind, image: Image, place: Location, what: str) -> Problem:
    return Problem(kind, image.id, what, image.name, image.owner, f"{place.store}:{place.key}")
