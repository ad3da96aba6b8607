"""Every command of the operator's page, over a folder and over SeaweedFS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import catalog
from catalog.app import EXTENSION
from tests.docs.markdown import ROOT, blocks
from tests.servers.seaweedfs import SeaweedFS

PAGE = "docs/operations.md"
DATA = b"0123456789" * 500


def script(language: str, word: str) -> str:
    """Give the one block of the page that holds a word."""
    (found,) = [block for block in blocks(PAGE, language) if word in block]
    return found


def run(folder: Path, words: list[str], **environment: str) -> str:
    """Run a program with the commands of this Python first on PATH; give what it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    known = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=folder, env=known | environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shell(folder: Path, text: str, **environment: str) -> str:
    return run(folder, ["bash", "-euo", "pipefail", "-c", text], **environment)


class Shop:
    """A running catalog with some images."""

    def __init__(self, **settings: Any) -> None:
        self.app = catalog.create_app(**settings, sweep_interval=0)
        self.client = self.app.test_client()

    def active(self) -> str:
        made = self.client.post("/v2/images", data=json.dumps({"disk_format": "raw", "container_format": "bare"}))
        path = f"/v2/images/{made.json['id']}"
        sent = self.client.put(f"{path}/file", data=DATA, content_type="application/octet-stream")
        assert sent.status_code == 204
        return str(made.json["id"])

    def delete(self, image_id: str) -> None:
        assert self.client.delete(f"/v2/images/{image_id}").status_code == 204

    def data(self, image_id: str) -> bytes | None:
        answer = self.client.get(f"/v2/images/{image_id}/file")
        return answer.data if answer.status_code == 200 else None

    def ids(self) -> list[str]:
        return [image["id"] for image in self.client.get("/v2/images").json["images"]]

    def close(self) -> None:
        self.app.extensions[EXTENSION].close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(store=f"file://{tmp_path}/images")
    yield made
    made.close()


def test_commands_over_a_folder(tmp_path: Path, shop: Shop) -> None:
    here = {"CALOTYPE_STORE": "file:images"}
    kept, gone = shop.active(), shop.active()
    assert "2 images, 0 differ" in shell(tmp_path, script("sh", "index status"), **here)
    shop.delete(gone)
    shell(tmp_path, script("sh", "image undelete"), ID=gone, **here)
    assert shop.data(gone) == DATA
    shop.delete(gone)
    report = shell(tmp_path, script("sh", "sweep --json"), CALOTYPE_DELETED_RETENTION="0", **here)
    assert f"images/{gone}/" in report
    rules = shell(tmp_path, script("sh", "store check"), **here)
    assert rules == "default: needs no rules; the sweep does it all\n" * 2
    shell(tmp_path, script("sh", "tar -cf"))
    found = shell(tmp_path, script("sh", "file:$PWD/backup"), **here)
    assert "1 images, 0 differ" in found
    shop.delete(kept)
    shell(tmp_path, "calotype sweep", CALOTYPE_DELETED_RETENTION="0", **here)
    assert shop.data(kept) is None
    shop.close()
    shell(tmp_path, script("sh", "cp -a"))
    again = Shop(store=f"file://{tmp_path}/images")
    assert (again.ids(), again.data(kept)) == ([kept], DATA)
    again.close()


def test_commands_over_a_bucket(tmp_path: Path, seaweedfs: SeaweedFS, monkeypatch: pytest.MonkeyPatch) -> None:
    client = seaweedfs.client()
    for name in ("images", "images-backup"):
        client.create_bucket(Bucket=name)
    for name, value in seaweedfs.environment.items():
        monkeypatch.setenv(name, value)
    here = {**seaweedfs.environment, "CALOTYPE_STORE": "s3://images", "CALOTYPE_S3_ENDPOINT": seaweedfs.endpoint,
            "AWS_ENDPOINT_URL": seaweedfs.endpoint}  # fmt: skip
    run(tmp_path, [sys.executable, "-c", script("python", "put_bucket_versioning")], **here)
    shop = Shop(store="s3://images", s3_endpoint=seaweedfs.endpoint)
    kept, gone = shop.active(), shop.active()
    run(tmp_path, [sys.executable, "-c", script("python", "images-backup")], **here)
    copy = Shop(store="s3://images-backup", s3_endpoint=seaweedfs.endpoint)
    assert (sorted(copy.ids()), copy.data(kept)) == (sorted([kept, gone]), DATA)
    copy.close()
    shop.delete(gone)
    shell(tmp_path, "calotype sweep", CALOTYPE_DELETED_RETENTION="0", **here)
    assert [key["Key"] for key in client.list_objects_v2(Bucket="images", Prefix=f"images/{gone}/")["Contents"]] == [
        f"images/{gone}/image.json"
    ]
    run(tmp_path, [sys.executable, "-c", script("python", "list_object_versions"), gone], **here)
    shell(tmp_path, "calotype index rebuild", **here)
    assert (sorted(shop.ids()), shop.data(gone)) == (sorted([kept, gone]), DATA)
    assert "8 rules installed" in shell(tmp_path, script("sh", "store check"), **here)
    shop.close()
    client.close()
