"""Metadata namespaces: create and show."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.metadefs import NAMESPACES, SIZE, TIME, Metadefs
from tests.api.support import ROOT

ALL = {
    "display_name": "A space",
    "description": "For tests",
    "visibility": "public",
    "protected": False,
    "owner": "p9",
}


PARTS: dict[str, Any] = {
    "resource_type_associations": [{"name": "OS::Glance::Image", "prefix": "hw_", "properties_target": "image"}],
    "properties": {"size": {**SIZE, "default": 5, "operators": ["<in>"], "enum": ["a"], "confidential": True}},
    "objects": [{"name": "disk", "description": "d", "required": ["size"], "properties": {"size": SIZE}}],
    "tags": [{"name": "fast"}],
}


def test_create_with_nothing_but_a_name(metadefs: Metadefs) -> None:
    made = metadefs.api.call("POST", NAMESPACES, ROOT, json={"namespace": "bare"})
    assert made.status_code == 201
    assert made.headers["Location"] == "http://localhost/v2/metadefs/namespaces/bare"
    assert made.json == {
        "namespace": "bare", "visibility": "private", "protected": False, "owner": "p0", "created_at": TIME,
        "updated_at": TIME, "self": "/v2/metadefs/namespaces/bare", "schema": "/v2/schemas/metadefs/namespace",
    }  # fmt: skip
    assert metadefs.get("bare") == made.json


def test_create_with_all_parts(metadefs: Metadefs) -> None:
    name = "OS::With::All"
    made = metadefs.api.call("POST", NAMESPACES, ROOT, json={"namespace": name, **ALL, **PARTS})
    size = {**PARTS["properties"]["size"], "default": "5"}
    times = {"created_at": TIME, "updated_at": TIME}
    assert made.status_code == 201
    assert {key: made.json[key] for key in (*ALL, *PARTS)} == {**ALL, **PARTS, "properties": {"size": size}}
    shown = metadefs.get(name)
    assert {key: shown[key] for key in ALL} == ALL
    assert shown["resource_type_associations"] == [{**PARTS["resource_type_associations"][0], **times}]
    assert shown["properties"] == {"size": size}
    links = {"self": f"/v2/metadefs/namespaces/{name}/objects/disk", "schema": "/v2/schemas/metadefs/object"}
    assert shown["objects"] == [{**PARTS["objects"][0], **times, **links}]
    assert shown["tags"] == [{"name": "fast"}]


PROPERTY = {"properties": {"p": {"title": "t", "type": "string"}}}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ("text", 400),
        ({"namespace": None}, 400),
        ({"namespace": ""}, 400),
        ({"namespace": 5}, 400),
        ({"namespace": "x" * 81}, 400),
        ({"namespace": "a😀"}, 400),
        ({"display_name": "x" * 81}, 400),
        ({"display_name": None}, 400),
        ({"description": "x" * 501}, 400),
        ({"description": "😀"}, 400),
        ({"owner": "x" * 256}, 400),
        ({"visibility": "shared"}, 400),
        ({"visibility": None}, 400),
        ({"protected": "true"}, 400),
        ({"foreign": "key"}, 400),
        ({"self": "/"}, 403),
        ({"schema": "/"}, 403),
        ({"created_at": TIME}, 403),
        ({"updated_at": TIME}, 403),
        ({"properties": []}, 400),
        ({"properties": {"p": {"type": "string"}}}, 400),
        ({"properties": {"p": {"title": "t"}}}, 400),
        ({"properties": {"p": {"title": "t", "type": "text"}}}, 400),
        ({"properties": {"p": {"title": "t", "type": None}}}, 400),
        ({"properties": {"x" * 81: {"title": "t", "type": "string"}}}, 400),
        ({"properties": {"😀": {"title": "t", "type": "string"}}}, 400),
        ({"properties": {"p": {"title": "t", "type": "string", "foreign": 1}}}, 400),
        ({"objects": [{"description": "no name"}]}, 400),
        ({"objects": [{"name": "o", "properties": {"p": {}}}]}, 400),
        ({"objects": [{"name": "o"}, {"name": "o"}]}, 409),
        ({"objects": {}}, 400),
        ({"tags": [{"name": "x" * 81}]}, 400),
        ({"tags": ["text"]}, 400),
        ({"tags": [{"name": "t"}, {"name": "t"}]}, 409),
        ({"resource_type_associations": [{"prefix": "p"}]}, 400),
        ({"resource_type_associations": [{"name": "T", "prefix": "x" * 81}]}, 400),
        ({"resource_type_associations": [{"name": "T"}, {"name": "T"}]}, 409),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_refused_bodies(metadefs: Metadefs, body: Any, status: int) -> None:
    named = {"namespace": "refused", **body} if isinstance(body, dict) and body else body
    assert metadefs.api.call("POST", NAMESPACES, ROOT, json=named).status_code == status
    metadefs.get("refused", status=404)
    name = metadefs.new(tags=[{"name": "kept"}])
    if status != 409:  # what is inside of the body of a change is looked at and then ignored
        changed = {"namespace": name, **body} if isinstance(body, dict) and body else body
        assert metadefs.call("PUT", name, json=changed).status_code == status
    assert metadefs.get(name)["tags"] == [{"name": "kept"}]


@pytest.mark.parametrize("data", [b"", b"{", b"null", b'"a"', b"5", b'{"namespace": "\\ud800"}', b"\xff"])
def test_refused_bytes(metadefs: Metadefs, data: bytes) -> None:
    assert metadefs.api.call("POST", NAMESPACES, ROOT, data=data).status_code == 400
    assert metadefs.call("PUT", metadefs.new(), data=data).status_code == 400


@pytest.mark.parametrize(
    ("fields", "limit"), [("namespace", 80), ("display_name", 80), ("description", 500), ("owner", 255)]
)
def test_longest_texts(metadefs: Metadefs, fields: str, limit: int) -> None:
    text = "\ufffd" * limit
    name = metadefs.new(**{fields: text})
    assert metadefs.get(name)[fields] == text


NAMES = ["with space", "é", "日本" * 40, "a:b", "%", "%2F", "?", "#", "a+b", "_", "__", ".", "..", "CON", "-", "\x00",
         "\n", "~", "&x=1", "\uffff" * 80, "_u00e9", "_z", "a" * 80, "_" * 80]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_of_all_kinds(metadefs: Metadefs, name: str) -> None:
    path = f"{NAMESPACES}/{quote(name, safe='')}"
    made = metadefs.api.call("POST", NAMESPACES, ROOT, json={"namespace": name})
    assert made.status_code == 201
    link = made.json["self"]
    if name not in (".", ".."):  # links to these are resolved away by whoever follows them
        assert metadefs.api.get(link, ROOT).json == made.json
        assert metadefs.api.get(path, ROOT).json == made.json
        assert metadefs.api.call("DELETE", path, ROOT).status_code == 204
        assert metadefs.api.get(path, ROOT).status_code == 404


def test_a_name_with_a_slash_cannot_be_addressed(metadefs: Metadefs) -> None:
    metadefs.new(namespace="a/b")
    assert metadefs.api.get(f"{NAMESPACES}/a/b", ROOT).status_code == 404
    assert metadefs.api.get(f"{NAMESPACES}/a%2Fb", ROOT).status_code == 404
    listed = metadefs.api.get(f"{NAMESPACES}?limit=1000", ROOT).json["namespaces"]
    assert "a/b" in [one["namespace"] for one in listed]


def test_names_differ_in_case(metadefs: Metadefs) -> None:
    metadefs.new(namespace="case", description="small")
    metadefs.new(namespace="CASE", description="large")
    assert metadefs.get("case")["description"] == "small"
