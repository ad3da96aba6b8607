"""The parts of a metadata namespace: objects, properties, tags, resource types."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.metadefs import EVERYTHING, SIZE, SIZE_PROPERTY, TIME, Metadefs, path_of
from tests.api.support import ROOT

TIMES = {"created_at": TIME, "updated_at": TIME}


def object_view(namespace: str, name: str, **fields: Any) -> dict[str, Any]:
    link = path_of(namespace, "objects", name)
    return {"name": name, **fields, **TIMES, "self": link, "schema": "/v2/schemas/metadefs/object"}


def test_object_with_nothing_but_a_name(metadefs: Metadefs) -> None:
    space = metadefs.new()
    made = metadefs.call("POST", space, "objects", json={"name": "o"})
    assert (made.status_code, made.json) == (201, object_view(space, "o"))
    assert "Location" not in made.headers
    shown = object_view(space, "o", required=[], properties={})
    assert metadefs.get(space, "objects", "o") == shown
    assert metadefs.get(space, "objects") == {"objects": [shown], "schema": "v2/schemas/metadefs/objects"}


def test_life_of_an_object(metadefs: Metadefs) -> None:
    space = metadefs.new()
    body = {"name": "disk", "description": "d", "required": ["size"], "properties": {"size": SIZE}}
    made = metadefs.call("POST", space, "objects", json=body)
    assert (made.status_code, made.json) == (201, object_view(space, **body))
    assert metadefs.call("POST", space, "objects", json=body).status_code == 409
    assert metadefs.call("POST", space, "objects", json={"name": "other"}).status_code == 201
    assert metadefs.call("PUT", space, "objects", "disk", json={"name": "other"}).status_code == 409
    changed = metadefs.call("PUT", space, "objects", "disk", json={"name": "disc"})
    assert (changed.status_code, changed.json) == (200, object_view(space, "disc", required=[], properties={}))
    metadefs.get(space, "objects", "disk", status=404)
    assert [one["name"] for one in metadefs.get(space, "objects")["objects"]] == ["disc", "other"]
    assert metadefs.call("DELETE", space, "objects", "disc").status_code == 204
    assert metadefs.call("DELETE", space, "objects", "disc").status_code == 404
    assert metadefs.call("PUT", space, "objects", "disc", json={"name": "disc"}).status_code == 404
    assert metadefs.call("DELETE", space, "objects").status_code == 204
    assert metadefs.get(space, "objects")["objects"] == []


def test_life_of_a_property(metadefs: Metadefs) -> None:
    space = metadefs.new(properties={"mapped": SIZE})
    made = metadefs.call("POST", space, "properties", json=SIZE_PROPERTY)
    assert (made.status_code, made.json) == (201, SIZE_PROPERTY)
    assert metadefs.call("POST", space, "properties", json=SIZE_PROPERTY).status_code == 409
    assert metadefs.get(space, "properties") == {"properties": {"mapped": SIZE, "size": SIZE_PROPERTY}}
    assert metadefs.get(space, "properties", "mapped") == {"name": "mapped", **SIZE}
    assert metadefs.get(space, "properties", "mapped", query="?other=1") == {"name": "mapped", **SIZE}
    body = {"name": "mapped", **SIZE}
    assert metadefs.call("PUT", space, "properties", "size", json=body).status_code == 409
    body = {"name": "length", "title": "Length", "type": "number", "minimum": 0.5}
    changed = metadefs.call("PUT", space, "properties", "size", json=body)
    assert (changed.status_code, changed.json) == (200, body)
    assert metadefs.call("PUT", space, "properties", "size", json=body).status_code == 404
    assert metadefs.call("DELETE", space, "properties", "length").status_code == 204
    assert metadefs.call("DELETE", space, "properties", "length").status_code == 404
    metadefs.get(space, "properties", "length", status=404)
    assert metadefs.call("DELETE", space, "properties").status_code == 204
    assert metadefs.get(space, "properties") == {"properties": {}}


@pytest.mark.parametrize(
    ("sent", "kept"), [("text", "text"), (5, "5"), (2.5, "2.5"), (True, "True"), ("", "")], ids=str
)
def test_all_fields_of_a_property(metadefs: Metadefs, sent: Any, kept: str) -> None:
    space = metadefs.new()
    made = metadefs.call("POST", space, "properties", json={**EVERYTHING, "default": sent})
    assert (made.status_code, made.json) == (201, {**EVERYTHING, "default": kept})
    assert metadefs.get(space, "properties", "p") == made.json


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?limit=1", 200), ("?marker=absent", 200), ("?limit=0", 400), ("?limit=-1", 400), ("?limit=x", 400),
        ("?sort_dir=up", 400), ("?visibility=community", 400), ("?visibility=shared", 200),
    ],
)  # fmt: skip
def test_query_of_a_list_of_objects(metadefs: Metadefs, query: str, status: int) -> None:
    space = metadefs.new(objects=[{"name": "a"}, {"name": "b"}])
    listed = metadefs.get(space, "objects", query=query, status=status)
    if status == 200:
        assert [one["name"] for one in listed["objects"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [
        ("size", "", 200),
        ("hw_size", "?resource_type=OS::Nova::Flavor", 200),
        ("size", "?resource_type=OS::Nova::Flavor", 404),
        ("hw_other", "?resource_type=OS::Nova::Flavor", 404),
        ("size", "?resource_type=Absent", 404),
        ("size", "?resource_type=Bare", 404),
        ("size", "?resource_type=", 200),
        ("size", "?foreign=1", 200),
    ],
)
def test_a_property_by_its_name_on_a_resource_type(metadefs: Metadefs, name: str, query: str, status: int) -> None:
    space = metadefs.full()
    assert metadefs.call("POST", space, "resource_types", json={"name": "Bare"}).status_code == 201
    found = metadefs.get(space, "properties", name, query=query, status=status)
    if status == 200:
        assert found == SIZE_PROPERTY


def test_resource_types(metadefs: Metadefs) -> None:
    space = metadefs.new()
    body = {"name": "OS::Cinder::Volume", "prefix": "v_", "properties_target": "image"}
    made = metadefs.call("POST", space, "resource_types", json=body)
    assert (made.status_code, made.json) == (201, {**body, **TIMES})
    assert metadefs.call("POST", space, "resource_types", json=body).status_code == 409
    bare = metadefs.call("POST", space, "resource_types", json={"name": "Odd"})
    assert bare.json == {"name": "Odd", **TIMES}
    assert metadefs.get(space, "resource_types") == {"resource_type_associations": [made.json, bare.json]}
    assert metadefs.call("DELETE", space, "resource_types", "Odd").status_code == 204
    assert metadefs.call("DELETE", space, "resource_types", "Odd").status_code == 404
    listed = metadefs.api.get("/v2/metadefs/resource_types", ROOT).json["resource_types"]
    assert {"name": "Odd", **TIMES} in listed
    assert [one["name"] for one in listed].count("OS::Cinder::Volume") == 1


def test_a_change_of_a_part_keeps_its_creation(metadefs: Metadefs) -> None:
    space = metadefs.full()
    before = metadefs.get(space, "objects", "disk")
    metadefs.api.clock.move(5)
    after = metadefs.call("PUT", space, "objects", "disk", json={"name": "disk"}).json
    assert after["created_at"] == before["created_at"] < after["updated_at"]
    assert metadefs.get(space)["updated_at"] < after["updated_at"]
    metadefs.api.clock.move(-5)
