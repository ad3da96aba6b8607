"""A real Glance with images of every kind, and Calotype's settings beside it. Each is made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.glance.adopting import Adopt, adopting
from tests.servers.glance import BUCKET, FILES, Glance
from tests.servers.seaweedfs import SeaweedFS

OWNER = "olga:p7:member,reader"
DATA = {"plain": b"p" * 70_000, "deep": b"d" * 90_000, "both": b"b" * 50_000}


@pytest.fixture(scope="module")
def images(glance: Glance) -> dict[str, str]:
    """Images by name: in the file store, in the S3 store, in both, without data, hidden, shared, deactivated."""
    made = {
        "plain": glance.add(
            DATA["plain"], who=OWNER, name="plain", os_distro="debian", tags=["b", "a"], min_ram=64, protected=True
        ),
        "deep": glance.add(DATA["deep"], BUCKET, name="deep", visibility="public", os_hidden=True),
        "both": glance.add(DATA["both"], who=OWNER, name="both", visibility="community"),
        "empty": glance.add(None, who=OWNER, name="empty", visibility="private"),
        "zero": glance.add(b"", name="zero"),
        "off": glance.add(b"o" * 10, name="off"),
    }
    copy = {"method": {"name": "copy-image"}, "stores": [BUCKET]}
    glance.call("POST", f"/v2/images/{made['both']}/import", json=copy)
    glance.wait_for(lambda: glance.tasks(made["both"]) == ["success"])
    glance.call("POST", f"/v2/images/{made['plain']}/members", OWNER, json={"member": "p8"})
    glance.call("PUT", f"/v2/images/{made['plain']}/members/p8", "m:p8:member,reader", json={"status": "accepted"})
    glance.call("POST", f"/v2/images/{made['off']}/actions/deactivate")
    return made


@pytest.fixture
def config(tmp_path: Path, glance: Glance, seaweedfs: SeaweedFS) -> Path:
    """Settings of a catalog in a folder that sees both stores of Glance."""
    path = tmp_path / "settings.toml"
    path.write_text(
        f'store = "file://{tmp_path}/home"\ns3_endpoint = "{seaweedfs.endpoint}"\ns3_path_style = true\n'
        f'[stores.{FILES}]\nurl = "file://{glance.images}"\n[stores.vault]\nurl = "s3://{BUCKET}"\n'
        f'[stores.ours]\nurl = "s3://readiness/{tmp_path.name}"\n'
    )
    return path


@pytest.fixture
def adopt(glance: Glance, images: dict[str, str], config: Path, seaweedfs: SeaweedFS, tmp_path: Path) -> Adopt:
    """Run the command and give its report."""
    return adopting(config, {**seaweedfs.environment, **glance.environment, "HOME": str(tmp_path)})
