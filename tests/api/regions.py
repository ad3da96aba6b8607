"""Another region: a catalog of its own, answered by a real server, that images are imported from.

Owns the server's thread and port. Must never share a store with the catalog that imports.
"""

from __future__ import annotations

import json
import threading
from typing import Any, Self

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.api.importing import ImportApi
from tests.api.support import Api
from tests.servers.scripted import Reply

REGION = "RegionTwo"


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Print nothing: a test's output is about the test."""


class Region:
    """A catalog behind an address. ``with Region() as region: region.api.active()``."""

    def __init__(self, **settings: Any) -> None:
        self.api = Api(**settings)
        self._server = make_server("127.0.0.1", 0, self.api.app, threaded=True, request_handler=_Quiet)

    @property
    def endpoint(self) -> str:
        """Where its image service is."""
        return f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="region", daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.api.close()


def importing_from(endpoint: str, **settings: Any) -> ImportApi:
    """Make a catalog that may import from a region, and from nowhere else."""
    return ImportApi(enabled_import_methods="glance-download", glance_endpoints=f"{REGION}={endpoint}", **settings)


def method(image_id: str, **keys: Any) -> dict[str, Any]:
    """Give the method that takes an image of the region."""
    return {"name": "glance-download", "glance_region": REGION, "glance_image_id": image_id, **keys}


def changed(region: Region, **fields: Any) -> str:
    """Make an image in a region and change its record past all rules."""
    image_id = region.api.active()
    region.api.change(image_id, **fields)
    return image_id


def record(**fields: Any) -> Reply:
    """Give the answer of an image service that shows a record."""
    shown = {"status": "active", "size": 10, "disk_format": "raw", "container_format": "bare", **fields}
    return Reply(body=json.dumps(shown).encode())
