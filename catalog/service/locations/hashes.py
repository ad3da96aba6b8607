"""Hashes that a client gives for data that it did not send.

Owns when they are taken over into a record by a PATCH. Must never compute one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from catalog.errors import Clash
from catalog.model import Image
from catalog.schemas.location import HASH_LENGTHS, ValidationData, is_hex
from catalog.service.status import QUEUED
from catalog.transfer.hashing import ALGORITHM


def with_hashes(image: Image, given: Sequence[ValidationData | None], status: str) -> Image:
    """Give the record with the hashes that came with its locations.

    An image that was queued takes them over; of any other one they must be those that it has. Raises Clash.
    """
    said = {one for one in given if one is not None}
    for one in said:
        _check_form(one)
    if not said:
        return image
    if len({(one.os_hash_algo, one.os_hash_value.lower()) for one in said}) > 1 or _contradict(said):
        raise Clash("validation_data of several locations must be the same")
    one = next(iter(said))
    checksum = next((one.checksum.lower() for one in said if one.checksum), None)
    value = one.os_hash_value.lower()
    if status == QUEUED:
        return replace(image, checksum=checksum or image.checksum, os_hash_algo=one.os_hash_algo, os_hash_value=value)
    if (image.os_hash_algo, image.os_hash_value) != (one.os_hash_algo, value) or checksum not in (
        None,
        image.checksum,
    ):
        raise Clash("validation_data can be given only while the image is queued, or as the image has it already")
    return image


def _contradict(said: set[ValidationData]) -> bool:
    return len({one.checksum.lower() for one in said if one.checksum}) > 1


def _check_form(given: ValidationData) -> None:
    if given.os_hash_algo != ALGORITHM:
        raise Clash(f"validation_data: os_hash_algo must be {ALGORITHM}")
    if not is_hex(given.os_hash_value, HASH_LENGTHS[ALGORITHM]):
        raise Clash(f"validation_data: os_hash_value must be {HASH_LENGTHS[ALGORITHM]} hexadecimal digits")
    if given.checksum is not None and not is_hex(given.checksum, HASH_LENGTHS["md5"]):
        raise Clash("validation_data: checksum must be 32 hexadecimal digits")
