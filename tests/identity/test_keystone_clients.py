"""The real clients, which find the catalog in Keystone's and know nothing else of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.clients.in_process import InProcess, openstack_in_process
from tests.identity.conftest import REGION_TWO, People, User, command
from tests.servers.calotype import Calotype


def openstack(people: People, user: str, project: str, patch: pytest.MonkeyPatch) -> InProcess:
    """Give the command ``openstack`` as some user."""
    options = [
        word
        for name, value in people.cloud.variables(user, project).items()
        for word in (f"--{name.lower().replace('_', '-')}", value)
    ]
    return openstack_in_process(options, patch)


def test_openstack_client_shares_an_image(
    people: People, catalog: Calotype, disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    alice, bob = openstack(people, "alice", "red", monkeypatch), openstack(people, "bob", "blue", monkeypatch)
    formats = ["--disk-format", "raw", "--container-format", "bare"]
    made = alice.json("image", "create", *formats, "--shared", "--file", str(disk), "golden")
    assert (made["status"], made["owner"]) == ("active", people.ids["red"])
    alice("image", "add", "project", "golden", people.ids["blue"])
    bob("image", "set", "--accept", made["id"])
    assert [image["ID"] for image in bob.json("image", "list", "--shared", "--name", "golden")] == [made["id"]]
    assert [member["Member ID"] for member in alice.json("image", "member", "list", "golden")] == [people.ids["blue"]]
    bob("image", "save", "--file", str(tmp_path / "copy"), made["id"])
    assert (tmp_path / "copy").read_bytes() == disk.read_bytes()
    alice("image", "remove", "project", "golden", people.ids["blue"])
    refused = User(catalog.url, people.cloud.token("bob", "blue")).call("GET", f"/v2/images/{made['id']}")
    assert refused.status_code == 404


def test_openstack_client_looks_up_projects(people: People, catalog: Calotype, monkeypatch: pytest.MonkeyPatch):
    root = openstack(people, "root", "red", monkeypatch)
    made = root.json("image", "create", "--project", "blue", "--private", "for blue")
    assert made["owner"] == people.ids["blue"]
    shared = root.json("image", "create", "--shared", "by name")
    root("image", "add", "project", "by name", "blue")
    blue = User(catalog.url, people.cloud.token("ruth", "blue"))
    assert blue.statuses(("GET", f"/v2/images/{made['id']}"), ("GET", f"/v2/images/{shared['id']}")) == [200, 200]


def test_glance_client(people: People, catalog: Calotype, disk: Path):
    words = ["image-create", "--disk-format", "raw", "--container-format", "bare", "--name", "by glance"]
    made = command("glance", *words, "--file", str(disk), **people.cloud.variables("alice", "red"))
    assert made.returncode == 0, made.stderr
    assert "active" in made.stdout
    denied = command("glance", *words, **people.cloud.variables("rita", "red"))
    assert denied.returncode != 0
    assert "403" in denied.stdout + denied.stderr


def test_openstacksdk(people: People, catalog: Calotype, disk: Path):
    connection = people.cloud.connect("alice", "red")
    assert connection.image.get_endpoint().startswith(catalog.url)
    made = connection.image.create_image(
        "by sdk", filename=str(disk), disk_format="raw", container_format="bare", wait=True
    )
    assert connection.image.get_image(made.id).owner == people.ids["red"]
    assert connection.image.download_image(made.id).content == disk.read_bytes()
    connection.image.delete_image(made.id)


def test_image_of_another_region_by_the_tokens_catalog(people: People, catalog: Calotype, asking: Calotype):
    token = people.cloud.token("alice", "red")
    there, here = User(asking.url, token), User(catalog.url, token)
    source, image = there.add("far away", b"golden image" * 1000), here.create("brought here")
    method = {"name": "glance-download", "glance_region": REGION_TWO, "glance_image_id": source}
    begun = here.call("POST", f"/v2/images/{image}/import", json={"method": method})
    assert begun.status_code == 202, begun.text
    here.wait_status(image, "active")
    assert here.data(image) == b"golden image" * 1000
    method["glance_region"] = "nowhere"
    unknown = here.call("POST", f"/v2/images/{here.create('lost')}/import", json={"method": method})
    assert (unknown.status_code, "nowhere" in unknown.text) == (400, True)


GRID = [
    # call, then its status for: admin, manager, member, reader, no useful role, member and reader of another project
    ("GET /v2/images", 200, 200, 200, 200, 403, 200, 200),
    ("GET /v2/images/{private}", 200, 200, 200, 200, 404, 404, 404),
    ("GET /v2/images/{private}/file", 200, 200, 200, 403, 404, 404, 404),
    ("GET /v2/images/{public}", 200, 200, 200, 200, 404, 200, 200),
    ("GET /v2/images/{public}/file", 200, 200, 200, 403, 404, 200, 403),
    ("PUT /v2/images/{private}/tags/x", 204, 204, 204, 403, 404, 404, 404),
    ("PUT /v2/images/{public}/tags/x", 204, 204, 204, 403, 404, 403, 403),
    ("DELETE /v2/images/{public}", 403, 403, 403, 403, 404, 403, 403),  # it is protected
    ("GET /v2/tasks", 200, 403, 403, 403, 403, 403, 403),
    ("GET /v2/schemas/image", 200, 200, 200, 200, 200, 200, 200),
]
CALLERS = (
    ("root", "red"), ("mona", "red"), ("alice", "red"), ("rita", "red"), ("nova", "service"), ("bob", "blue"),
    ("ruth", "blue"),
)  # fmt: skip


@pytest.fixture(scope="module")
def grid(people: People, catalog: Calotype) -> tuple[dict[str, str], list[User]]:
    """Two images of red, and everybody with a token of their own."""
    callers = [User(catalog.url, people.cloud.token(*who)) for who in CALLERS]
    names = {kind: callers[0].add(kind, b"data", visibility=kind, protected=True) for kind in ("private", "public")}
    return names, callers


@pytest.mark.parametrize("row", GRID, ids=lambda row: str(row[0]))
def test_roles(grid: tuple[dict[str, str], list[User]], row: tuple[Any, ...]):
    names, callers = grid
    method, path = row[0].split(" ")
    call = method, path.format(**names)
    assert [caller.statuses(call)[0] for caller in callers] == list(row[1:])
