"""A catalog that starts: what it says, and what it finds again however it ended."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.conftest import Start
from tests.e2e.support import Client
from tests.servers.calotype import Calotype
from tests.servers.places import Place


def test_greeting_tells_address_place_and_three_commands(place: Place, start: Start):
    catalog = start(place)
    greeting = catalog.greeting
    where = f"{place.settings['store']} at" if "s3_endpoint" in place.settings else "the folder /"
    client = f"openstack --os-auth-type none --os-endpoint {catalog.url} image"
    for words in (catalog.url, where, f"{client} create", f"{client} list", f"{client} save", "Ctrl-C"):
        assert words in greeting
    assert catalog.stderr.read_text() == ""


def test_default_place_is_a_folder_beside_the_caller(tmp_path: Path):
    with Calotype(tmp_path / "home") as catalog:
        assert f"the folder {tmp_path}/home/calotype-data" in catalog.greeting
        Client(catalog.url).add("first", b"bytes")
        assert {"calotype-data", "calotype-state"} <= {path.name for path in catalog.folder.iterdir()}


def _end_by_interrupt(catalog: Calotype) -> None:
    catalog.interrupt()
    assert catalog.wait(120) == 0


def _end_by_terminate(catalog: Calotype) -> None:
    assert catalog.stop() == 0


@pytest.mark.parametrize("end", [_end_by_interrupt, _end_by_terminate, Calotype.kill])
def test_images_are_found_again(place: Place, start: Start, end):
    catalog = start(place)
    client = Client(catalog.url)
    kept = client.add("kept", b"k" * 100_000, tags=["t"], colour="red")
    changed, deleted = client.create("old-name"), client.add("deleted", b"d")
    client.call("DELETE", f"/v2/images/{deleted}")
    change = [{"op": "replace", "path": "/name", "value": "new-name"}]
    kind = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
    assert client.call("PATCH", f"/v2/images/{changed}", json=change, headers=kind).status_code == 200
    before = {image_id: client.show(image_id) for image_id in (kept, changed)}

    end(catalog)
    assert "Traceback" not in catalog.printed()
    catalog.start()

    assert {image_id: client.show(image_id) for image_id in (kept, changed)} == before
    assert client.names(sort="name") == ["new-name", "kept"]
    assert client.names(tag="t", colour="red") == ["kept"]
    assert client.names(name="old-name") == []
    assert client.data(kept) == b"k" * 100_000
    assert client.call("GET", f"/v2/images/{deleted}").status_code == 404
    assert client.create("later") not in before
    assert sorted(client.names()) == ["kept", "later", "new-name"]


def test_changes_made_by_another_node_meanwhile_are_found(place: Place, start: Start):
    first = start(place)
    Client(first.url).create("one")
    assert first.stop() == 0
    second = start(place)
    Client(second.url).create("two")
    assert second.stop() == 0
    first.start()
    assert sorted(Client(first.url).names()) == ["one", "two"]


def _lose(index: Path) -> None:
    shutil.rmtree(index.parent.parent)


def _overwrite(index: Path) -> None:
    index.write_bytes(b"no database at all" * 1000)


def _cut(index: Path) -> None:
    index.write_bytes(index.read_bytes()[: index.stat().st_size // 2])


def _empty(index: Path) -> None:
    for path in index.parent.rglob("*"):
        if path.is_file():
            path.write_bytes(b"")


def _drop_table(index: Path) -> None:
    with sqlite3.connect(index) as database:
        names = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in names:
            if not name.startswith("sqlite_"):
                database.execute(f"drop table {name}")
    database.close()


@pytest.mark.parametrize("damage", [_lose, _overwrite, _cut, _empty, _drop_table])
def test_damaged_index_is_built_anew(new_folder: Place, start: Start, damage):
    catalog = start(new_folder)
    client = Client(catalog.url)
    made = [client.create(f"image-{number:03}", tags=["a", "b"], colour="red") for number in range(60)]
    catalog.kill()
    (index,) = catalog.folder.glob("calotype-state/*/index.sqlite")
    damage(index)
    catalog.start()
    assert client.names(limit=100, sort="name:asc") == [f"image-{number:03}" for number in range(60)]
    assert client.names(limit=100, tag="a", colour="red", name="image-007") == ["image-007"]
    assert client.show(made[0])["name"] == "image-000"
    client.create("after")
    assert client.names(name="after") == ["after"]


def test_second_catalog_on_the_same_state_folder_gets_an_index_of_its_own(new_folder: Place, start: Start, tmp_path):
    first, second = (start(new_folder, state_dir=str(tmp_path / "state")) for _ in range(2))
    image_id = Client(first.url).create("one")
    assert Client(second.url).show(image_id)["name"] == "one"
    Client(second.url).create("two")
    assert "two" in Client(second.url).names()
    assert second.stop() == 0
    assert "one" in Client(first.url).names()
