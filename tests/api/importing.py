"""What tests of imports say to a catalog.

Owns a catalog with a second store in memory and a web server to import from. Must never assert anything beyond what
every test rests on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from backends.memory import MemoryStore
from catalog.store.interface import ObjectStore
from tests.api.support import ALICE, OCTETS, ROOT, TEN, Api
from tests.servers.web_source import WebSource

COLD = "cold"
LISTS = ("os_glance_importing_to_stores", "os_glance_failed_import")
LOCK = "os_glance_import_task"


class ImportApi(Api):
    """A catalog, with or without a second store, that may import from ``source``."""

    def __init__(
        self,
        source: WebSource | None = None,
        cold: bool = False,
        wrap_cold: Callable[[ObjectStore], ObjectStore] = lambda store: store,
        **settings: Any,
    ) -> None:
        self.cold = MemoryStore()
        if cold:
            settings = {"blobs": {COLD: wrap_cold(self.cold)}, **settings}
        if source is not None:
            settings = {"allowed_hosts": "127.0.0.1", "allowed_ports": str(source.port), **settings}
        self.source = source
        super().__init__(**settings)

    def stage(self, image_id: str, data: bytes = TEN, who: str = ALICE, **options: Any) -> TestResponse:
        options = {"content_type": OCTETS, "data": data, **options}
        return self.call("PUT", f"/v2/images/{image_id}/stage", who, **options)

    def staged(self, data: bytes = TEN, **fields: Any) -> str:
        """Give the id of an image with staged data."""
        image_id = self.bare(**fields)
        answer = self.stage(image_id, data)
        assert answer.status_code == 204, answer.text
        return image_id

    def start(
        self, image_id: str, method: Any, who: str = ALICE, header: str | None = None, **body: Any
    ) -> TestResponse:
        """Ask for an import; a method given as a text is its name."""
        named = {"name": method} if isinstance(method, str) else method
        headers = {} if header is None else {"X-Image-Meta-Store": header}
        return self.call("POST", f"/v2/images/{image_id}/import", who, json={"method": named, **body}, headers=headers)

    def done(self, image_id: str, method: Any, who: str = ALICE, **body: Any) -> dict[str, Any]:
        """Import to the end and give the image's view."""
        answer = self.start(image_id, method, who, **body)
        assert answer.status_code == 202, answer.text
        assert answer.data == b""
        self.wait()
        return self.show(image_id)

    def wait(self) -> None:
        """Wait until no task runs here."""
        assert self.catalog.services.tasks.runner.wait_idle(120)

    def task(self, image_id: str) -> dict[str, Any]:
        """Give the last task of an image."""
        answer = self.get(f"/v2/images/{image_id}/tasks", ROOT)
        assert answer.status_code == 200, answer.text
        return dict(answer.json["tasks"][-1])

    def web(self, name: str = "disk", **keys: str) -> dict[str, Any]:
        """Give the method that downloads a file of the source."""
        assert self.source is not None
        return {"name": "web-download", "uri": self.source.url(name), **keys}

    def stored(self, image_id: str) -> list[str]:
        """Name all that is stored of an image beside its record, in every store."""
        folder = f"images/{image_id}/"
        there = [f"cold:{info.key}" for info in self.cold.list(folder)]
        return self.blobs(image_id) + there + [f"cold:{pending.key}" for pending in self.cold.list_uploads(folder)]

    def at_rest(self, image_id: str, failed: str = "") -> dict[str, Any]:
        """Check that a failed import has left nothing, and give the task."""
        view = self.show(image_id)
        assert view["status"] == "queued"
        assert [view[name] for name in LISTS] == ["", failed]
        assert LOCK not in view
        empty = ("size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value")
        assert {name: view[name] for name in empty} == dict.fromkeys(empty)
        assert self.stored(image_id) == []
        task = self.task(image_id)
        assert task["status"] == "failure"
        assert self.record(image_id).history[-1].why
        return task

    def places(self, image_id: str) -> list[str]:
        """Name the stores that hold an image, in the order of its locations."""
        return [place.store for place in self.record(image_id).locations]

    def check(self, image_id: str, view: dict[str, Any], stores: list[str], data: bytes = TEN) -> None:
        """Check that an import has brought everything, into these stores and no others."""
        assert view["status"] == "active"
        assert (view["size"], view["checksum"]) == (len(data), md5(data))
        assert (view["os_hash_algo"], view["os_hash_value"]) == ("sha512", hashlib.sha512(data).hexdigest())
        assert [view[name] for name in LISTS] == ["", ""]
        assert LOCK not in view
        assert self.places(image_id) == stores
        assert len(self.stored(image_id)) == len(stores)
        for store in stores:
            prefer = f"?prefer={store}" if stores != ["default"] else ""
            assert self.get(f"/v2/images/{image_id}/file{prefer}").data == data
        task = self.task(image_id)
        assert (task["status"], task["result"]) == ("success", {"image_id": image_id})
        assert task["message"] == f"Copied {len(data) // 2**20} MiB"


def files(folder: Path) -> Path:
    """Put the files to import into a folder."""
    folder.mkdir()
    (folder / "disk").write_bytes(TEN)
    (folder / "large").write_bytes(bytes(range(256)) * 4096)
    return folder


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()
