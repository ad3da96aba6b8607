"""A real Glance as a process: SQLite, a folder and further stores, tokens of the form ``user:project:role,role``.

Owns its settings and its folder. It lives in a virtual environment of its own, for its dependencies are not ours.
Must never be skipped when it is missing.
"""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import requests

from tests.servers.environments import environment
from tests.servers.glance.backends import Backend
from tests.servers.server import Server

HERE = Path(__file__).parent
ADMIN = "root:p0:admin,member,reader"
FILES, BUCKET = "files", "glance"
"""Names of stores: its folder, and in most tests an S3 bucket that is called like its store."""

_SETTINGS = """
[DEFAULT]
enabled_backends = {backends}
show_multiple_locations = {shown}
show_image_direct_url = {shown}
enabled_import_methods = [glance-direct,web-download,copy-image,glance-download]
allow_additional_image_properties = true
[database]
connection = sqlite:///{folder}/glance.sqlite?timeout=60
[glance_store]
default_backend = {files}
[os_glance_staging_store]
filesystem_store_datadir = {folder}/staging
[os_glance_tasks_store]
filesystem_store_datadir = {folder}/tasks
[paste_deploy]
config_file = {paste}
[oslo_policy]
enforce_new_defaults = true
[oslo_concurrency]
lock_path = {folder}/locks
"""


class Glance(Server):
    """``shown``: whether it tells the locations."""

    start_seconds = 120.0

    def __init__(self, *further: Backend, shown: bool = True) -> None:
        super().__init__()
        for name in ("images", "staging", "tasks", "locks"):
            (self.folder / name).mkdir()
        backends = [Backend(FILES, "file", {"filesystem_store_datadir": "{folder}/images"}), *further]
        text = _SETTINGS + "".join(_section(backend) for backend in backends)
        named = ",".join(f"{backend.name}:{backend.kind}" for backend in backends)
        paste = HERE / "paste.ini"
        text = text.format(backends=named, files=FILES, shown=shown, folder=self.folder, paste=paste)
        for name, content in [("glance-api.conf", text), *(one for each in backends for one in each.files.items())]:
            (self.folder / name).write_text(content)

    @property
    def url(self) -> str:
        """The address of the service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def images(self) -> Path:
        """The folder of its file store."""
        return self.folder / "images"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which OpenStack clients find it, as its admin."""
        return {"OS_AUTH_TYPE": "admin_token", "OS_ENDPOINT": f"{self.url}/v2", "OS_TOKEN": ADMIN}

    def call(self, method: str, path: str, who: str = ADMIN, **options: Any) -> requests.Response:
        """Make one request; anything but success raises."""
        headers = {"X-Auth-Token": who, **options.pop("headers", {})}
        answer = requests.request(method, self.url + path, headers=headers, timeout=120, **options)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}\n{self.log_end()}")
        return answer

    def add(self, data: bytes | Iterator[bytes] | None, store: str = FILES, who: str = ADMIN, **fields: Any) -> str:
        """Make an image, with data in a store unless it is None; give its id."""
        body = {"disk_format": "raw", "container_format": "bare", **fields}
        image_id = str(self.call("POST", "/v2/images", who, json=body).json()["id"])
        if data is not None:
            headers = {"Content-Type": "application/octet-stream", "X-Image-Meta-Store": store}
            self.call("PUT", f"/v2/images/{image_id}/file", who, data=data, headers=headers)
        return image_id

    def show(self, image_id: str) -> dict[str, Any]:
        """Give an image as its admin sees it."""
        view: dict[str, Any] = self.call("GET", f"/v2/images/{image_id}").json()
        return view

    def tasks(self, image_id: str) -> list[str]:
        """Give the statuses of an image's tasks."""
        return [task["status"] for task in self.call("GET", f"/v2/images/{image_id}/tasks").json()["tasks"]]

    def wait_for(self, condition: Callable[[], bool], timeout: float = 60.0) -> None:
        """Wait until something is so; raises RuntimeError with the end of the log if it does not come."""
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                raise RuntimeError(f"it did not come to that; Glance printed:\n{self.log_end()}")
            time.sleep(0.05)

    def _prepare(self) -> None:
        config = f"--config-file={self.folder}/glance-api.conf"
        subprocess.run([_program("glance-manage"), config, "db_sync"], check=True, capture_output=True, timeout=300)
        with closing(sqlite3.connect(self.folder / "glance.sqlite")) as database:
            database.execute("PRAGMA journal_mode=WAL")  # its tasks write beside its requests

    def _command(self) -> list[str]:
        return [
            _program("gunicorn"), "--bind", f"127.0.0.1:{self.port}", "--threads", "8", "--timeout", "120",
            "--no-control-socket", "glance.wsgi.api:application",
        ]  # fmt: skip

    def _variables(self) -> dict[str, str]:
        return {"OS_GLANCE_CONFIG_DIR": str(self.folder), "PYTHONPATH": str(HERE)}

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/versions", timeout=10).ok
        except requests.RequestException:
            return False


def _section(backend: Backend) -> str:
    return "\n".join([f"[{backend.name}]", *(f"{name} = {value}" for name, value in backend.options.items()), ""])


def _program(name: str) -> str:
    return str(environment("glance", HERE / "requirements.txt") / "bin" / name)
