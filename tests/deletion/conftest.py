"""A catalog over a folder or over SeaweedFS, and its command line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
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
from tests.servers.seaweedfs import SeaweedFS

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
        """Let the store's clock, which shows whole seconds on S3, go past everything written so far."""
        if self.home.capabilities.kind == "s3":
            time.sleep(1.1)

    def data(self, image_id: str) -> bytes | None:
        answer = self.app.test_client().get(f"/v2/images/{image_id}/file")
        return answer.data if answer.status_code == 200 else None

    def stored(self, image_id: str) -> list[str]:
        """Name what lies in the image's folder."""
        return sorted(info.key.rpartition("/")[2][:5] for info in self.home.list(f"images/{image_id}/"))


@pytest.fixture(params=["folder", "seaweedfs"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    environment = {"CALOTYPE_STORE": f"file://{tmp_path}/images", "CALOTYPE_LOG_LEVEL": "error"}
    if request.param == "seaweedfs":
        server: SeaweedFS = request.getfixturevalue("seaweedfs")
        client, bucket = server.client(), f"catalog-{new_token()}"
        client.create_bucket(Bucket=bucket)
        client.close()
        environment |= {"CALOTYPE_STORE": f"s3://{bucket}/some/prefix", "CALOTYPE_S3_ENDPOINT": server.endpoint}
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
    settings = {name.removeprefix("CALOTYPE_").lower(): value for name, value in environment.items()}
    app = catalog.create_app(**settings, sweep_interval=0)
    made = Place(app, environment)
    yield made
    made.catalog.close()
