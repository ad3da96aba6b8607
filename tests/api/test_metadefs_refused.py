"""Parts of a metadata namespace that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.metadefs import EVERYTHING, SIZE, SIZE_PROPERTY, TIME, Metadefs
from tests.api.support import ROOT


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": None}, 400),
        ({"name": ""}, 400),
        ({"name": "x" * 81}, 400),
        ({"name": "😀"}, 400),
        ({"title": None}, 400),
        ({"title": 5}, 400),
        ({"type": None}, 400),
        ({"type": "text"}, 400),
        ({"description": "😀"}, 400),
        ({"operators": "<or>"}, 400),
        ({"operators": [1]}, 400),
        ({"required": []}, 400),
        ({"required": ["a", "a"]}, 400),
        ({"minimum": "1"}, 400),
        ({"maximum": True}, 400),
        ({"minLength": -1}, 400),
        ({"maxLength": 1.5}, 400),
        ({"maxItems": 2**63}, 400),
        ({"enum": "a"}, 400),
        ({"enum": [1]}, 400),
        ({"items": {"type": "text"}}, 400),
        ({"items": []}, 400),
        ({"uniqueItems": "no"}, 400),
        ({"default": []}, 400),
        ({"default": "😀"}, 400),
        ({"confidential": True}, 400),
        ({"foreign": 1}, 400),
        ({"created_at": TIME}, 403),
        ({"updated_at": TIME}, 403),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_refused_properties(metadefs: Metadefs, changes: dict[str, Any], status: int) -> None:
    space = metadefs.new(properties={"there": SIZE})
    body = {**EVERYTHING, **changes}
    assert metadefs.call("POST", space, "properties", json=body).status_code == status
    assert metadefs.call("PUT", space, "properties", "there", json=body).status_code == status
    assert list(metadefs.get(space, "properties")["properties"]) == ["there"]


@pytest.mark.parametrize("missing", ["name", "title", "type"])
def test_properties_without_what_they_need(metadefs: Metadefs, missing: str) -> None:
    body = {key: value for key, value in SIZE_PROPERTY.items() if key != missing}
    assert metadefs.call("POST", metadefs.new(), "properties", json=body).status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"name": "x" * 81}, 400),
        ({"name": "😀"}, 400),
        ({"name": "o", "required": "a"}, 400),
        ({"name": "o", "required": ["a", "a"]}, 400),
        ({"name": "o", "properties": {"p": {"title": "t"}}}, 400),
        ({"name": "o", "properties": {"p": {"type": "string"}}}, 400),
        ({"name": "o", "description": None}, 400),
        ({"name": "o", "foreign": 1}, 400),
        *(({"name": "o", key: "x"}, 403) for key in ("self", "schema", "created_at", "updated_at")),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_refused_objects(metadefs: Metadefs, body: Any, status: int) -> None:
    space = metadefs.new(objects=[{"name": "there"}])
    assert metadefs.call("POST", space, "objects", json=body).status_code == status
    assert metadefs.call("PUT", space, "objects", "there", json=body).status_code == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"prefix": "p"}, 400),
        ({"name": "x" * 81}, 400),
        ({"name": "😀"}, 400),
        ({"name": "T", "prefix": "x" * 81}, 400),
        ({"name": "T", "properties_target": "x" * 81}, 400),
        ({"name": "T", "foreign": 1}, 400),
        ({"name": "T", "created_at": TIME}, 403),
        ({"name": "T", "updated_at": TIME}, 403),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_refused_associations(metadefs: Metadefs, body: Any, status: int) -> None:
    space = metadefs.new()
    assert metadefs.call("POST", space, "resource_types", json=body).status_code == status
    assert metadefs.get(space, "resource_types") == {"resource_type_associations": []}


def test_the_list_of_types_takes_no_body(metadefs: Metadefs) -> None:
    assert metadefs.api.get("/v2/metadefs/resource_types", ROOT, data=b"{}").status_code == 400


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("objects", {"name": "o"}), ("properties", SIZE_PROPERTY), ("resource_types", {"name": "T"}),
        ("tags", {"tags": [{"name": "t"}]}),
    ],
)  # fmt: skip
def test_parts_of_an_absent_namespace(metadefs: Metadefs, kind: str, body: dict[str, Any]) -> None:
    assert metadefs.call("POST", "absent", kind, json=body).status_code == 404
    assert metadefs.call("GET", "absent", kind).status_code == 404
    assert metadefs.call("DELETE", "absent", kind, "x").status_code == 404
    if kind != "resource_types":
        assert metadefs.call("DELETE", "absent", kind).status_code == 404
        assert metadefs.call("GET", "absent", kind, "x").status_code == 404
