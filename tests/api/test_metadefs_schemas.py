"""The schema documents of metadata definitions, and that they say what is checked."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.api.metadefs import NAMESPACES, Metadefs
from tests.api.support import ALICE, NOBODY

SINGLE = ["name", "properties", "additionalProperties", "required"]
COLLECTION = ["name", "properties", "links"]
ROUTES: dict[str, tuple[str, list[str], set[str] | None]] = {
    "namespace": ("namespace", [*SINGLE, "definitions"], {"namespace"}),
    "namespaces": ("namespaces", [*COLLECTION, "definitions"], None),
    "object": ("object", [*SINGLE, "definitions"], {"name"}),
    "objects": ("objects", [*COLLECTION, "definitions"], None),
    "property": ("property", [*SINGLE, "definitions"], {"type", "title", "name"}),
    "properties": ("properties", [*COLLECTION, "definitions"], None),
    "resource_type": ("resource_type_association", SINGLE, {"name"}),
    "resource_types": ("resource_type_associations", COLLECTION, None),
    "tag": ("tag", SINGLE, {"name"}),
    "tags": ("tags", COLLECTION, None),
}
TIME = {"type": "string", "readOnly": True, "format": "date-time"}
LINK = {"type": "string", "readOnly": True}
NAME = {"type": "string", "maxLength": 80}
COUNT, COUNT_0 = {"$ref": "#/definitions/positiveInteger"}, {"$ref": "#/definitions/positiveIntegerDefault0"}
TEXTS, PROPERTY = {"$ref": "#/definitions/stringArray"}, {"$ref": "#/definitions/property"}
TEXT, BOOLEAN, NUMBER = {"type": "string"}, {"type": "boolean"}, {"type": "number"}
TYPE = {"type": "string", "enum": ["array", "boolean", "integer", "number", "object", "string", None]}
PROPERTY_FIELDS = {
    "name": NAME, "title": TEXT, "description": TEXT, "operators": {"type": "array", "items": TEXT}, "type": TYPE,
    "required": TEXTS, "minimum": NUMBER, "maximum": NUMBER, "maxLength": COUNT, "minLength": COUNT_0,
    "pattern": {"type": "string", "format": "regex"}, "enum": {"type": "array"}, "readonly": BOOLEAN, "default": {},
    "items": {"type": "object", "properties": {"type": TYPE, "enum": {"type": "array"}}}, "maxItems": COUNT,
    "minItems": COUNT_0, "uniqueItems": {"type": "boolean", "default": False}, "additionalItems": BOOLEAN,
}  # fmt: skip
FIELDS: dict[str, dict[str, Any]] = {
    "namespace": {
        "namespace": NAME, "display_name": NAME, "description": {"type": "string", "maxLength": 500},
        "visibility": {"type": "string", "enum": ["public", "private"]}, "protected": BOOLEAN,
        "owner": {"type": "string", "maxLength": 255}, "created_at": TIME, "updated_at": TIME, "schema": LINK,
        "self": LINK, "properties": PROPERTY,
        "resource_type_associations": {
            "type": "array",
            "items": {"type": "object", "properties": dict.fromkeys(("name", "prefix", "properties_target"), TEXT)},
        },
        "objects": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": TEXT, "description": TEXT, "required": TEXTS, "properties": PROPERTY},
            },
        },
        "tags": {"type": "array", "items": {"type": "object", "properties": {"name": TEXT}}},
    },
    "object": {
        "name": NAME, "description": TEXT, "required": TEXTS, "properties": PROPERTY, "schema": LINK, "self": LINK,
        "created_at": TIME, "updated_at": TIME,
    },
    "property": PROPERTY_FIELDS,
    "resource_type": {
        "name": NAME, "prefix": NAME, "properties_target": NAME, "created_at": TIME, "updated_at": TIME,
    },
    "tag": {"name": NAME, "created_at": TIME, "updated_at": TIME},
}  # fmt: skip


def document(metadefs: Metadefs, route: str) -> dict[str, Any]:
    answer = metadefs.api.get(f"/v2/schemas/metadefs/{route}", NOBODY)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    found: dict[str, Any] = answer.json
    return found


def undescribed(fields: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {name: {key: field[key] for key in field if key != "description"} for name, field in fields.items()}


@pytest.mark.parametrize("route", ROUTES)
def test_top_level(metadefs: Metadefs, route: str) -> None:
    found = document(metadefs, route)
    name, keys, required = ROUTES[route]
    assert (found["name"], sorted(found)) == (name, sorted(keys))
    if required is not None:
        assert (set(found["required"]), found["additionalProperties"]) == (required, False)
    else:
        assert {link["rel"] for link in found["links"]} == {"first", "next", "describedby"}
        assert set(found["properties"]) == {name, "first", "next", "schema"}


@pytest.mark.parametrize("route", FIELDS)
def test_fields(metadefs: Metadefs, route: str) -> None:
    assert undescribed(document(metadefs, route)["properties"]) == FIELDS[route]


@pytest.mark.parametrize("route", ["namespace", "object", "property"])
def test_definitions(metadefs: Metadefs, route: str) -> None:
    found = document(metadefs, route)["definitions"]
    assert found["positiveInteger"] == {"type": "integer", "minimum": 0}
    assert found["positiveIntegerDefault0"] == {"allOf": [COUNT, {"default": 0}]}
    least = {"minItems": 1} if route == "property" else {}
    assert found["stringArray"] == {"type": "array", "items": TEXT, "uniqueItems": True, **least}
    if route != "property":
        inner = found["property"]["additionalProperties"]
        assert (inner["properties"], set(inner["required"])) == (PROPERTY_FIELDS, {"title", "type"})


def test_lists_hold_the_single_documents(metadefs: Metadefs) -> None:
    for route, plural in (("namespace", "namespaces"), ("object", "objects"), ("tag", "tags")):
        single = {key: value for key, value in document(metadefs, route).items() if key != "definitions"}
        assert document(metadefs, plural)["properties"][plural] == {"type": "array", "items": single}
    entry = document(metadefs, "properties")["properties"]["properties"]["additionalProperties"]
    assert (set(entry["required"]), entry["properties"]) == ({"title", "type"}, PROPERTY_FIELDS)


@pytest.mark.parametrize("route", ROUTES)
def test_refusals(metadefs: Metadefs, route: str) -> None:
    path = f"/v2/schemas/metadefs/{route}"
    assert metadefs.api.get(path, ALICE, data=b"{}").status_code == 400
    assert metadefs.api.call("POST", path, ALICE).headers["Allow"] == "GET"
    assert metadefs.api.get(f"{path}x", ALICE).status_code == 404


@pytest.mark.parametrize(
    ("route", "segments"),
    [
        ("namespace", ()), ("object", ("objects", "disk")), ("property", ("properties", "size")),
        ("tag", ("tags", "fast")), ("objects", ("objects",)), ("properties", ("properties",)), ("tags", ("tags",)),
        ("resource_types", ("resource_types",)),
    ],
)  # fmt: skip
def test_answers_are_as_documented(metadefs: Metadefs, route: str, segments: tuple[str, ...]) -> None:
    jsonschema.validate(metadefs.get(metadefs.full(), *segments), document(metadefs, route))
    jsonschema.validate(metadefs.api.get(NAMESPACES, ALICE).json, document(metadefs, "namespaces"))
