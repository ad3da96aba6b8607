"""A catalog over a folder, SeaweedFS or Swift, and its command line."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

import catalog
from catalog.app import EXTENSION, Catalog
from catalog.cli.main import commands
from catalog.clock import new_token
from catalog.store.interface import ObjectStore
from tests.deletion.grounds import folder_ground, ground, ground_at, seaweedfs_ground, swift_ground
from tests.servers import places

__all__ = ["folder_ground", "ground", "ground_at", "place", "seaweedfs_ground", "swift_ground"]

PLACES: dict[str, Callable[[pytest.FixtureRequest, Path], places.Place]] = {
    "folder": lambda request, folder: places.folder_place(folder / "images"),
    "seaweedfs": lambda request, folder: places.s3_place(request.getfixturevalue("seaweedfs"), f"b-{new_token()}"),
    "swift": lambda request, folder: places.swift_place(request.getfixturevalue("swift"), f"b-{new_token()}"),
}
"""An empty place for a catalog in each kind of store."""

DATA = b"0123456789" * 1000


@dataclass(frozen=True)
class Place:
    """A running catalog and how the command line reaches its store."""

    app: Flask
    environment: dict[str, str]

    @property
    def catalog(self) -> Catalog:
        found: Catalog = self.app.extensions[EXTENSION]
        return found

    @property
    def home(self) -> ObjectStore:
        return self.catalog.services.core.home

    def run(self, *words: str, **settings: Any) -> Result:
        """Run ``calotype`` with these words; settings go to its environment."""
        extra = {f"CALOTYPE_{name.upper()}": str(value) for name, value in settings.items()}
        return CliRunner().invoke(commands, words, env={**self.environment, **extra})

    def active(self) -> str:
        """Give the id of an image with data."""
        client = self.app.test_client()
        made = client.post("/v2/images", data=json.dumps({"disk_format": "raw", "container_format": "bare"}))
        image_id = str(made.json["id"])
        sent = client.put(f"/v2/images/{image_id}/file", data=DATA, content_type="application/octet-stream")
        assert sent.status_code == 204
        return image_id

    def delete(self, image_id: str) -> None:
        assert self.app.test_client().delete(f"/v2/images/{image_id}").status_code == 204

    def outlive(self) -> None:
        """Let the store's clock, which may show whole seconds, go past everything written so far."""
        if self.home.capabilities.kind in ("s3", "swift"):
            time.sleep(1.1)

    def data(self, image_id: str) -> bytes | None:
        answer = self.app.test_client().get(f"/v2/images/{image_id}/file")
        return answer.data if answer.status_code == 200 else None

    def stored(self, image_id: str) -> list[str]:
        """Name what lies in the image's folder."""
        return sorted(info.key.rpartition("/")[2][:5] for info in self.home.list(f"images/{image_id}/"))


@pytest.fixture(params=["folder", "seaweedfs", "swift"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    where = PLACES[request.param](request, tmp_path)
    for name, value in where.environment.items():
        monkeypatch.setenv(name, value)
    settings = {**where.settings, "state_dir": str(tmp_path / "state"), "log_level": "error"}
    app = catalog.create_app(**settings, sweep_interval=0)
    made = Place(app, {f"CALOTYPE_{name.upper()}": value for name, value in settings.items()})
    yield made
    made.catalog.close()
    where.store.close()
