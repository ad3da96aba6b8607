"""GET /v2/schemas/image and /v2/schemas/images, and the file of custom properties."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from catalog.settings import SettingsError
from tests.api.conftest import MakeApi
from tests.api.support import NOBODY, ROOT, Api, operation

UUID = "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"
CONTAINERS = [None, "ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"]
DISKS = [None, "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"]
STATUSES = ["queued", "saving", "active", "killed", "deleted", "uploading", "importing", "pending_delete",
            "deactivated"]  # fmt: skip
TEXT = ["null", "string"]
SHOWN = {"readOnly": True}
PROPERTIES: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "pattern": UUID},
    "name": {"type": TEXT, "maxLength": 255},
    "status": {"type": "string", "enum": STATUSES, **SHOWN},
    "visibility": {"type": "string", "enum": ["community", "public", "private", "shared"]},
    "protected": {"type": "boolean"},
    "os_hidden": {"type": "boolean"},
    "checksum": {"type": TEXT, "maxLength": 32, **SHOWN},
    "os_hash_algo": {"type": TEXT, "maxLength": 64, **SHOWN},
    "os_hash_value": {"type": TEXT, "maxLength": 128, **SHOWN},
    "owner": {"type": TEXT, "maxLength": 255},
    "size": {"type": ["null", "integer"], **SHOWN},
    "virtual_size": {"type": ["null", "integer"], **SHOWN},
    "container_format": {"type": TEXT, "enum": CONTAINERS},
    "disk_format": {"type": TEXT, "enum": DISKS},
    "created_at": {"type": "string", **SHOWN},
    "updated_at": {"type": "string", **SHOWN},
    "tags": {"type": "array", "items": {"type": "string", "maxLength": 255}},
    "direct_url": {"type": "string", **SHOWN},
    "min_ram": {"type": "integer"},
    "min_disk": {"type": "integer"},
    "self": {"type": "string", **SHOWN},
    "file": {"type": "string", **SHOWN},
    "stores": {"type": "string", **SHOWN},
    "schema": {"type": "string", **SHOWN},
}
LINKS = [{"rel": "self", "href": "{self}"}, {"rel": "enclosure", "href": "{file}"},
         {"rel": "describedby", "href": "{schema}"}]  # fmt: skip


def without_text(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "description"}


def test_image_schema(api: Api) -> None:
    document = api.get("/v2/schemas/image", NOBODY).json
    assert sorted(document) == ["additionalProperties", "links", "name", "properties"]
    assert document["name"] == "image"
    assert document["additionalProperties"] == {"type": "string"}
    assert document["links"] == LINKS
    assert list(document["properties"]) == [*PROPERTIES, "locations"]
    found = {name: without_text(document["properties"][name]) for name in PROPERTIES}
    assert found == PROPERTIES


def test_locations_in_the_schema(api: Api) -> None:
    items = api.get("/v2/schemas/image").json["properties"]["locations"]["items"]
    assert items["required"] == ["url", "metadata"]
    assert items["properties"]["url"] == {"type": "string", "maxLength": 255}
    assert items["properties"]["metadata"] == {"type": "object"}
    assert without_text(items["properties"]["validation_data"]) == {
        "type": "object", "writeOnly": True, "additionalProperties": False,
        "properties": {"checksum": {"type": "string", "minLength": 32, "maxLength": 32},
                       "os_hash_algo": {"type": "string", "maxLength": 64},
                       "os_hash_value": {"type": "string", "maxLength": 128}},
        "required": ["os_hash_algo", "os_hash_value"],
    }  # fmt: skip


def test_images_schema(api: Api) -> None:
    document = api.get("/v2/schemas/images").json
    assert sorted(document) == ["links", "name", "properties"]
    assert document["name"] == "images"
    assert document["properties"] == {
        "images": {"type": "array", "items": api.get("/v2/schemas/image").json},
        "first": {"type": "string"}, "next": {"type": "string"}, "schema": {"type": "string"},
    }  # fmt: skip
    assert [(link["rel"], link["href"]) for link in document["links"]] == [
        ("first", "{first}"), ("next", "{next}"), ("describedby", "{schema}")
    ]  # fmt: skip


@pytest.mark.parametrize("image", ["queued", "active"])
def test_views_obey_the_schema(make_api: MakeApi, image: str) -> None:
    api = make_api(show_multiple_locations=True, show_image_direct_url=True)
    image_id = api.active(color="x", tags=["a"]) if image == "active" else api.new()["id"]
    jsonschema.validate(api.show(image_id), api.get("/v2/schemas/image").json)
    jsonschema.validate(api.get("/v2/images").json, api.get("/v2/schemas/images").json)


def test_enums_follow_the_settings(make_api: MakeApi) -> None:
    api = make_api(disk_formats="raw,gpt", container_formats=["bare"])
    document = api.get("/v2/schemas/image").json["properties"]
    assert document["disk_format"]["enum"] == [None, "raw", "gpt"]
    assert document["container_format"]["enum"] == [None, "bare"]
    assert api.post({"disk_format": "gpt"}).status_code == 201
    assert api.post({"disk_format": "qcow2"}).status_code == 400


CUSTOM = {
    "kernel_id": {"type": ["null", "string"], "pattern": UUID},
    "policy": {"type": "string", "enum": ["on_image_deletion", "do_not_delete"]},
}


@pytest.mark.parametrize("nested", [False, True], ids=["flat", "with properties"])
def test_custom_properties_are_typed(make_api: MakeApi, tmp_path: Path, nested: bool) -> None:
    path = tmp_path / "schema-image.json"
    path.write_text(json.dumps({"properties": CUSTOM, "required": ["policy"]} if nested else CUSTOM))
    api = make_api(image_schema_file=str(path))
    document = api.get("/v2/schemas/image").json
    assert list(document["properties"])[-2:] == list(CUSTOM)
    assert {name: document["properties"][name] for name in CUSTOM} == {
        name: {**definition, "is_base": False} for name, definition in CUSTOM.items()
    }
    assert document.get("required") == (["policy"] if nested else None)
    assert api.post({}).status_code == (400 if nested else 201)
    good = {"policy": "do_not_delete"}
    for name, value, status in (
        ("policy", "other", 400), ("policy", None, 400), ("kernel_id", "x", 400), ("kernel_id", 5, 400),
        ("kernel_id", None, 201), ("other", "x", 201), ("other", 5, 400),
    ):  # fmt: skip
        assert api.post({**good, name: value}, ROOT).status_code == status, (name, value)
        image_id = api.new(**good)["id"]
        changed = api.patch(image_id, [operation("add", name, value)]).status_code
        assert changed == (200 if status == 201 else 400), (name, value)
    assert api.new(**good, kernel_id=None)["kernel_id"] == ""


@pytest.mark.parametrize(
    "content",
    [
        '{"name": {"type": "string"}}',
        '{"locations": {"type": "string"}}',
        "[]",
        "{",
        '{"x": {"type": "nothing"}}',
        "5",
    ],
)
def test_bad_custom_file_stops_the_start(make_api: MakeApi, tmp_path: Path, content: str) -> None:
    path = tmp_path / "schema-image.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match="image_schema_file"):
        make_api(image_schema_file=str(path))


def test_missing_custom_file_stops_the_start(make_api: MakeApi, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="image_schema_file"):
        make_api(image_schema_file=str(tmp_path / "nothing.json"))
