"""What of an image can be cached, and under which name.

Owns the file names of the cache. Must never touch a disk. A name holds the upload attempt (or the hash), so that new
data of an image is never mistaken for the old.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from catalog.model import Image

_VERSION = re.compile(r"[A-Za-z0-9-]{1,64}")
_ID = re.compile(r"[0-9A-Fa-f-]{36}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One image's data as it is to lie in the cache: ``size`` in bytes, ``digest`` by ``algorithm`` in hexadecimal.

    ``checksum`` is the image's MD5, for the list.
    """

    image_id: str
    name: str
    size: int
    algorithm: str
    digest: str
    checksum: str | None

    def new_hash(self) -> Any:
        """Give a hash object that the data has to go through."""
        return hashlib.new(self.algorithm, usedforsecurity=False)


def entry_of(image: Image) -> Entry | None:
    """Give the entry of an image; None where nothing tells whether cached bytes are its own."""
    algorithm, digest = image.os_hash_algo or "", image.os_hash_value or ""
    if not digest or algorithm not in hashlib.algorithms_guaranteed:
        algorithm, digest = "md5", image.checksum or ""
    version = image.attempt or digest[:32]
    if not image.size or not digest or not _ID.fullmatch(image.id) or not _VERSION.fullmatch(version):
        return None
    name = f"{image.id.lower()}_{version}"
    return Entry(image.id, name, image.size, algorithm, digest.lower(), image.checksum)
