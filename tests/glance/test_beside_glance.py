"""A real Glance and Calotype side by side: the same answers to the same calls, and images fetched from one another."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.support import wait_for
from tests.glance.calls import CALLS
from tests.servers.calotype import Calotype
from tests.servers.glance import ADMIN, BUCKET, FILES, Glance
from tests.servers.seaweedfs import SeaweedFS

METHODS = "glance-direct,web-download,copy-image,glance-download"
KINDS = {"PATCH": "application/openstack-images-v2.1-json-patch", "data": "application/octet-stream"}
WORDS = frozenset({"description", "message"})
"""Texts for people: ours say more."""
HEADERS = ("Location", "OpenStack-image-import-methods", "Content-MD5", "Content-Range")


@pytest.fixture(scope="module")
def catalog(glance: Glance, seaweedfs: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calotype]:
    """Calotype with stores of the same names; the home store keeps records alone."""
    folder: Path = tmp_path_factory.mktemp("beside")
    stores = f"{FILES}=file://{folder}/files,{BUCKET}=file://{folder}/bucket"
    with Calotype(
        folder / "node", seaweedfs.environment, auth="headers", store=f"file://{folder}/home", stores=stores,
        default_backend=FILES, show_multiple_locations="true", show_image_direct_url="true", enable_v1_api="false",
        enabled_import_methods=METHODS, glance_endpoints=f"Two={glance.url}",
    ) as running:  # fmt: skip
        yield running


def ask(url: str, ids: dict[str, str], method: str, path: str, who: str, body: Any) -> dict[str, Any]:
    """Make one call and give what of the answer has to be the same."""
    headers = {"X-Auth-Token": who, "Accept": "application/json"}
    kind = "data" if isinstance(body, bytes) else method
    headers["Content-Type"] = KINDS.get(kind, "application/json")
    data = body if isinstance(body, bytes) else None if body is None else named(json.dumps(body), ids)
    answer = requests.request(
        method, url + named(path, ids), headers=headers, data=data, timeout=120, allow_redirects=False
    )
    found = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
    text = answer.text
    if text.startswith(("{", "[")):
        text = json.dumps(plain(json.loads(text), set(ids.values())), sort_keys=True)
    shown: dict[str, Any] = {"status": answer.status_code, "headers": found, "body": text}
    for name, image_id in [*ids.items(), ("URL", url)]:
        shown = json.loads(json.dumps(shown).replace(image_id, name))
    return shown


def named(text: str, ids: dict[str, str]) -> str:
    """Put the ids of images in the place of their letters."""
    return re.sub(r"(?<=/)[AB](?=/|$)|(?<=:)[AB]$|(?<=\")[AB](?=\")", lambda match: ids[match[0]], text)


def plain(value: Any, ids: set[str]) -> Any:
    """Give JSON without what differs by nature: times, paths, words, order of sets, images of other tests."""
    if isinstance(value, dict):
        kept = {name: plain(item, ids) for name, item in value.items() if name not in WORDS}
        return {name: sorted(item) if name in ("required", "tags") else item for name, item in kept.items()}
    if isinstance(value, list):
        return [plain(one, ids) for one in value if not foreign(one, ids)]
    if isinstance(value, str):
        value = re.sub(r"^file:///.*", "FILE", value)
        return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?", "TIME", value)
    return value


def foreign(value: Any, ids: set[str]) -> bool:
    """Tell whether a value is an image of another test."""
    return isinstance(value, dict) and isinstance(value.get("os_hidden"), bool) and value["id"] not in ids


def test_the_same_answers(glance: Glance, catalog: Calotype) -> None:
    """Status, headers and JSON of the whole table; what differs is written down here, with the reason."""
    ids = {name: str(uuid.uuid4()) for name in "AB"}
    differing = {}
    for number, call in enumerate(CALLS):
        theirs, ours = ask(glance.url, ids, *call), ask(catalog.url, ids, *call)
        if theirs != ours:
            differing[f"{number} {call[0]} {call[1]}"] = (theirs, ours)
    assert differing == {}


@pytest.mark.parametrize("store", [FILES, BUCKET])
def test_glance_download(glance: Glance, catalog: Calotype, store: str) -> None:
    data = uuid.uuid4().bytes * 500_000
    there = glance.add(data, store, name="there", hw_disk_bus="scsi", os_distro="debian", other="x")

    def call(method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(method, catalog.url + path, headers={"X-Auth-Token": ADMIN}, timeout=120, **options)

    method = {"name": "glance-download", "glance_region": "Two", "glance_image_id": there}
    body = {"name": "here", "disk_format": "qcow2", "container_format": "bare"}
    image_id = call("POST", "/v2/images", json=body).json()["id"]
    assert call("POST", f"/v2/images/{image_id}/import", json={"method": method}).status_code == 202
    wait_for(lambda: call("GET", f"/v2/images/{image_id}").json()["status"] == "active", "the import")
    view, source = call("GET", f"/v2/images/{image_id}").json(), glance.show(there)
    for name in ("size", "checksum", "os_hash_value", "disk_format", "hw_disk_bus", "os_distro"):
        assert view[name] == source[name], name
    assert "other" not in view
    assert call("GET", f"/v2/images/{image_id}/file").content == data
