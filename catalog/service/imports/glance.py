"""An image of another region as a source: its record, then its data.

Owns what is believed and taken of a record that another service gives. Must never keep the caller's token, nor put it
or the address into a text: it goes to the region's image service alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from catalog.errors import Invalid, Missing, Refused
from catalog.model import Image
from catalog.schemas.image import MAX_NAME, READ_ONLY, WRITABLE, is_reserved
from catalog.service.core import Core
from catalog.service.identity import Caller
from catalog.service.images import check_quotas
from catalog.service.imports.arrival import Arrival
from catalog.service.imports.changes import StepFailed
from catalog.service.imports.job import Job
from catalog.service.imports.sources import RemoteBody
from catalog.service.imports.taken import Taken
from catalog.service.imports.vault import Vault
from catalog.service.status import ACTIVE
from catalog.service.tasks.work import Work

_MAX_RECORD = 2**20
"""Bytes of a record at most."""
_HASHES = hashlib.algorithms_guaranteed - {"shake_128", "shake_256"}
_NO_TOKEN = "Another process began this import, and the caller's token was in its memory alone; ask for it again"


class RegionFetching(Protocol):
    """Opens URLs of image services."""

    def open(self, url: str, /, *, headers: Mapping[str, str]) -> RemoteBody:
        """Open all data of an address. Raises Invalid (Refused), Missing, TransferBroken."""
        ...


class RegionImages:
    """Opens images of other regions."""

    def __init__(self, core: Core, fetching: RegionFetching, vault: Vault) -> None:
        self._core, self._fetching, self._vault = core, fetching, vault

    def open(self, work: Work, job: Job, image: Image) -> Arrival:
        """Open an image's data with what its record says of them.

        The record is read anew by each run: it decides, not what an earlier run has seen. Raises StepFailed, Invalid,
        TooLarge, TransferBroken.
        """
        token = self._vault.find(work.task.id)
        if job.needs_token and token is None:
            raise StepFailed(_NO_TOKEN)
        headers = {} if token is None else {"X-Auth-Token": token}
        url = f"{job.endpoint}/v2/images/{job.source_image}"
        record = self._record(url, headers)
        taken = self._taken(work, job, record, image)
        check_quotas(taken.apply(image), self._core.settings, before=image)
        size, hashes = _size(record), (*job.hashes, *_hashes(record))
        remote = self._open(f"{url}/file", headers)
        if None not in (size, remote.expected) and size != remote.expected:
            remote.close()
            raise StepFailed(f"The source sends {remote.expected} bytes, its record says {size}")
        return Arrival(remote, remote.expected if size is None else size, hashes, taken)

    def _open(self, url: str, headers: Mapping[str, str]) -> RemoteBody:
        try:
            return self._fetching.open(url, headers=headers)
        except Refused as error:
            raise StepFailed(f"The source refuses the caller's token or rights (it answers {error.status})") from error
        except Missing as error:
            raise StepFailed("The source does not have the image, or hides it from the caller") from error

    def _record(self, url: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
        """Read the record of an active image."""
        remote, data = self._open(url, headers), bytearray()
        try:
            while len(data) <= _MAX_RECORD and (block := remote.read(2**16)):
                data += block
        finally:
            remote.close()
        try:
            record = orjson.loads(data) if len(data) <= _MAX_RECORD else None
        except orjson.JSONDecodeError:
            record = None
        if not isinstance(record, dict) or not isinstance(record.get("status"), str):
            raise Invalid("The source does not answer as an image service does")
        if record["status"] != ACTIVE:
            raise StepFailed(f"The image at the source has status {record['status'][:40]}; it must be {ACTIVE}")
        return record

    def _taken(self, work: Work, job: Job, record: Mapping[str, Any], image: Image) -> Taken:
        """Choose what is taken over: both formats, and properties that the operator and the protections allow."""
        settings, protections = self._core.settings, self._core.policy.protections
        allowed = {"disk_format": settings.disk_formats, "container_format": settings.container_formats}
        for name, known in allowed.items():
            if record.get(name) not in known:
                raise StepFailed(f"The image at the source has a {name} that is not taken here")
        caller = Caller(work.task.user_id, work.task.owner, frozenset(job.roles))
        properties = {
            name: value
            for name, value in record.items()
            if name.startswith(settings.extra_properties)
            and _may_be_property(name, value)
            and protections.allows("update" if name in image.properties else "create", name, caller)
        }
        return Taken({name: record[name] for name in allowed}, properties)


def _may_be_property(name: str, value: object) -> bool:
    own = name in WRITABLE or name in READ_ONLY or is_reserved(name)
    return isinstance(value, str) and not own and 0 < len(name) <= MAX_NAME and _is_plain(name + value)


def _is_plain(text: str) -> bool:
    return all(ord(character) <= 0xFFFF for character in text)


def _size(record: Mapping[str, Any]) -> int | None:
    size = record.get("size")
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 0):
        raise Invalid("The source does not answer as an image service does")
    return size


def _hashes(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give the hashes that a record claims; an algorithm that is not known here cannot be checked, and is an error."""
    found = [("md5", record["checksum"])] if record.get("checksum") else []
    algorithm, value = record.get("os_hash_algo"), record.get("os_hash_value")
    if algorithm and value:
        if algorithm not in _HASHES:
            raise StepFailed(f"The image at the source has a hash that cannot be checked: {str(algorithm)[:40]}")
        found.append((algorithm, value))
    if not all(isinstance(value, str) for _, value in found):
        raise Invalid("The source does not answer as an image service does")
    return found
