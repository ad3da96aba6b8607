"""Large data in a container of Swift."""

from __future__ import annotations

from backends.swift.store import SwiftStore
from catalog.store.interface import Part

KEY = "images/1/data-1"

BODIES = [bytes([65 + number]) * 1000 for number in range(5)]


def begin(store: SwiftStore, key: str = KEY) -> tuple[str, list[Part]]:
    upload_id = store.begin_upload(key)
    return upload_id, [
        store.put_part(key, upload_id, number, body, (number - 1) * 1000)
        for number, body in enumerate(BODIES, start=1)
    ]
