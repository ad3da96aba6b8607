"""python-glanceclient's command, unmodified; its uploads are chunked, without a length."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.clients.conftest import Command
from tests.e2e.support import Client
from tests.servers.disk_images import DiskImage


def _row(table: str, name: str) -> str:
    """Give one value of the table that the command prints."""
    rows = [line.split("|") for line in table.splitlines() if line.startswith("|")]
    return next(row[2].strip() for row in rows if row[1].strip() == name)


def test_life_of_an_image(glance: Command, catalog_url: str, qcow2: DiskImage, tmp_path: Path):
    client, data = Client(catalog_url), qcow2.path.read_bytes()
    formats = ["--disk-format", "qcow2", "--container-format", "bare"]
    made = glance("image-create", "--name", "life", *formats, "--file", str(qcow2.path), "--property", "a=b")
    image_id = _row(made, "id")
    assert (_row(made, "status"), _row(made, "checksum")) == ("active", hashlib.md5(data).hexdigest())
    assert client.show(image_id)["virtual_size"] == qcow2.virtual_size
    assert _row(glance("image-show", image_id), "a") == "b"

    changes = ["--name", "renamed", "--property", "c=d", "--remove-property", "a", "--protected", "true"]
    changed = glance("image-update", image_id, *changes, "--hidden", "True")
    assert (_row(changed, "name"), _row(changed, "c"), _row(changed, "protected")) == ("renamed", "d", "True")
    assert glance.run("image-delete", image_id).returncode != 0
    glance("image-tag-update", image_id, "tagged")
    assert client.show(image_id)["tags"] == ["tagged"]
    glance("image-tag-delete", image_id, "tagged")
    glance("image-deactivate", image_id)
    assert client.status(image_id) == "deactivated"
    glance("image-reactivate", image_id)
    glance("image-download", "--file", "copy.qcow2", image_id)
    assert (tmp_path / "copy.qcow2").read_bytes() == data
    glance("image-update", image_id, "--protected", "false")
    glance("image-delete", image_id)
    assert client.call("GET", f"/v2/images/{image_id}").status_code == 404


def test_pipes_and_a_list_of_pages(glance: Command, catalog_url: str, qcow2: DiskImage):
    data = qcow2.path.read_bytes()
    formats = ["--disk-format", "qcow2", "--container-format", "bare"]
    queued = Client(catalog_url).create("glance-0", disk_format="qcow2")
    glance("image-upload", queued, stdin=data)
    assert glance.run("image-download", queued).stdout == data
    for number in (1, 2):
        glance("image-create", "--name", f"glance-{number}", *formats, "--tag", "pages", stdin=data)
    listed = glance("image-list", "--page-size", "1", "--sort", "name:desc", "--tag", "pages")
    assert 0 < listed.index("glance-2") < listed.index("glance-1")
    assert "glance-0" not in listed
