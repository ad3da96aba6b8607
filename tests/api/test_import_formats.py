"""Formats that are changed while an import runs: no image becomes active by others than its data were judged by."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from backends.memory import MemoryStore
from backends.wrap.faulty import Fault, FaultyStore
from backends.wrap.forwarding import Call
from catalog.store.interface import ObjectStore
from tests.api.importing import COLD, ImportApi
from tests.api.support import operation
from tests.servers.web_source import WebSource


def qcow2_with_backing_file() -> bytes:
    """Give an image that reads a file of its host; as ``raw`` it may be any bytes, as ``qcow2`` it is refused."""
    name = b"/etc/passwd"
    header = struct.pack(">4sIQIIQ", b"QFI\xfb", 2, 0x200, len(name), 16, 2**30)
    return (header.ljust(0x200, b"\0") + name).ljust(2**16, b"\0")


DISGUISED = qcow2_with_backing_file()


class Changing:
    """Lets a client change formats of an importing image as soon as data are written to a store, once."""

    def __init__(self, **formats: str | None) -> None:
        self._left = [operation("replace", name, value) for name, value in formats.items()]
        self.api: ImportApi | None = None
        self.image_id = ""

    def __call__(self, store: ObjectStore) -> ObjectStore:
        return FaultyStore(store, self._plan)

    def _plan(self, call: Call, number: int) -> Fault | None:
        if call.verb == "put" and call.key.startswith(f"images/{self.image_id}/data") and self._left and self.api:
            operations, self._left = self._left, []
            assert self.api.show(self.image_id)["status"] == "importing"
            assert self.api.patch(self.image_id, operations).status_code == 200
        return None

    def done(self, api: ImportApi, image_id: str, method: Any, **body: Any) -> dict[str, Any]:
        """Import to the end and give the image's view."""
        self.api, self.image_id = api, image_id
        view = api.done(image_id, method, **body)
        assert self._left == [], "the formats were never changed"
        return view


CHANGES: list[tuple[dict[str, str], dict[str, str | None], str]] = [
    ({"disk_format": "raw", "container_format": "bare"}, {"disk_format": "qcow2"}, "disk_format"),
    ({"disk_format": "qcow2", "container_format": "ovf"}, {"container_format": "bare"}, "container_format"),
    ({"disk_format": "raw", "container_format": "bare"}, {"disk_format": None}, "disk_format"),
    ({"disk_format": "raw", "container_format": "bare"}, {"container_format": None}, "container_format"),
    ({"disk_format": "raw", "container_format": "ovf"}, {"disk_format": "qcow2", "container_format": "bare"},
     "container_format and disk_format"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "patch", "named"), CHANGES)
def test_formats_changed_while_data_are_downloaded(
    source: WebSource, before: dict[str, str], patch: dict[str, str | None], named: str
) -> None:
    (source.folder / "disguised").write_bytes(DISGUISED)
    changing = Changing(**patch)
    api = ImportApi(source, wrap=changing)
    image_id = api.bare(**before)
    view = changing.done(api, image_id, api.web("disguised"))
    assert {name: view[name] for name in patch} == patch  # what the client wished stays
    assert api.at_rest(image_id)["message"].startswith(named)
    api.close()


@pytest.mark.parametrize(("before", "patch", "named"), CHANGES)
@pytest.mark.parametrize("direct", [True, False])
def test_formats_changed_between_two_stores(
    source: WebSource, direct: bool, before: dict[str, str], patch: dict[str, str | None], named: str
) -> None:
    (source.folder / "disguised").write_bytes(DISGUISED)
    changing = Changing(**patch)
    api = ImportApi(source, cold=True, wrap_cold=changing)
    image_id = api.staged(DISGUISED, **before) if direct else api.bare(**before)
    changing.done(api, image_id, "glance-direct" if direct else api.web("disguised"), stores=["default", COLD])
    assert api.at_rest(image_id, failed=f"{COLD},default")["message"].startswith(named)
    api.close()


@pytest.mark.parametrize("all_must", [True, False])
def test_no_store_can_do_without_the_formats(source: WebSource, all_must: bool) -> None:
    changing = Changing(disk_format="qcow2")
    api = ImportApi(source, cold=True, wrap=changing)
    image_id = api.bare()
    changing.done(api, image_id, api.web(), stores=["default", COLD], all_stores_must_succeed=all_must)
    api.at_rest(image_id, failed=f"{COLD},default")
    api.close()


def test_formats_changed_while_stores_are_filled_at_once() -> None:
    changing = Changing(disk_format="qcow2")
    blobs = {"one": changing(MemoryStore(name="one")), "two": MemoryStore(name="two")}
    api = ImportApi(blobs=blobs, max_parallel_stores=2)
    image_id = api.staged(DISGUISED)
    changing.done(api, image_id, "glance-direct", stores=["default", "one", "two"])
    api.at_rest(image_id, failed="default,one,two")
    api.close()


@pytest.mark.parametrize("same", [{"disk_format": "raw"}, {"disk_format": "raw", "container_format": "bare"}])
def test_formats_that_are_set_to_what_they_are_stay_good(source: WebSource, same: dict[str, str | None]) -> None:
    changing = Changing(**same)
    api = ImportApi(source, cold=True, wrap=changing)
    image_id = api.bare()
    assert changing.done(api, image_id, api.web(), all_stores=True)["status"] == "active"
    assert api.record(image_id).judged == {}
    api.close()
