"""Small web servers: one that images are imported from, and an identity service.

Owns a port each. Must never be told of a catalog.
"""

from __future__ import annotations

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

_LOOK = 0.02
"""Seconds between two looks whether the server is to end."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: a test's output is about the test."""


class WebSource:
    """Files of a folder over HTTP. ``with WebSource(folder) as source: source.url("name")``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    def url(self, name: str) -> str:
        """Give the address of a file."""
        return f"http://127.0.0.1:{self.port}/{name}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=[_LOOK], name="web source", daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Identity(_Quiet):
    def do_GET(self) -> None:
        """Tell the version of the API, and refuse all else."""
        if self.path.rstrip("/") == "/v3":
            link = {"rel": "self", "href": f"http://{self.headers['Host']}/v3/"}
            body = json.dumps({"version": {"id": "v3.14", "status": "stable", "links": [link]}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
        else:
            body = b""
            self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class RefusingIdentity:
    """An identity service (v3) whose callers may not look for projects: clients take their names as they are."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Identity)

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self._server.server_port}/v3"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=[_LOOK], name="identity", daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
