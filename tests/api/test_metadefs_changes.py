"""Metadata namespaces: replace, rename, delete, and what is no call."""

from __future__ import annotations

import pytest

from tests.api.metadefs import NAMESPACES, SIZE, Metadefs, path_of
from tests.api.support import ALICE, ROOT


def test_taken_name(metadefs: Metadefs) -> None:
    name = metadefs.new(description="first")
    again = metadefs.api.call("POST", NAMESPACES, ROOT, json={"namespace": name})
    assert again.status_code == 409
    assert metadefs.get(name)["description"] == "first"


def test_replace_keeps_the_parts_and_nothing_else(metadefs: Metadefs) -> None:
    name = metadefs.full(display_name="d", description="e", owner="p9")
    before = metadefs.get(name)
    metadefs.api.clock.move(60)
    answer = metadefs.call("PUT", name, json={"namespace": name, "objects": [{"name": "ignored"}]})
    assert answer.status_code == 200
    assert answer.json == {
        "namespace": name, "visibility": "private", "protected": False, "owner": "p0", "self": before["self"],
        "schema": before["schema"], "created_at": before["created_at"], "updated_at": answer.json["updated_at"],
    }  # fmt: skip
    assert answer.json["updated_at"] > before["updated_at"]
    shown = metadefs.get(name)
    for kind in ("objects", "properties", "tags", "resource_type_associations"):
        assert shown[kind] == before[kind]


def test_what_a_view_shows_may_be_sent_back_inside(metadefs: Metadefs) -> None:
    name = metadefs.full()
    shown = metadefs.get(name)
    body = {key: value for key, value in shown.items() if key not in ("self", "schema", "created_at", "updated_at")}
    assert metadefs.call("PUT", name, json=body).status_code == 200
    assert metadefs.get(name) == shown
    copy = metadefs.api.call("POST", NAMESPACES, ROOT, json={**body, "namespace": f"{name}-copy"}).json
    assert copy["objects"] == [{"name": "disk", "required": ["size"], "properties": {"size": SIZE}}]


def test_another_name(metadefs: Metadefs) -> None:
    name, taken = metadefs.full(), metadefs.new()
    assert metadefs.call("PUT", name, json={"namespace": taken}).status_code == 409
    before = metadefs.get(name)
    answer = metadefs.call("PUT", name, json={"namespace": f"{name}:new", "visibility": "public"})
    assert (answer.status_code, answer.json["self"]) == (200, path_of(f"{name}:new"))
    metadefs.get(name, status=404)
    after = metadefs.get(f"{name}:new")
    for kind in ("properties", "tags", "resource_type_associations", "created_at"):
        assert after[kind] == before[kind]
    assert after["objects"][0]["self"] == path_of(f"{name}:new", "objects", "disk")
    assert metadefs.new(namespace=name) == name


def test_delete_takes_the_parts_along(metadefs: Metadefs) -> None:
    name = metadefs.full()
    assert metadefs.call("DELETE", name).status_code == 204
    for segments in ((name,), (name, "objects"), (name, "tags", "fast")):
        metadefs.get(*segments, status=404)
    assert metadefs.call("DELETE", name).status_code == 404
    metadefs.new(namespace=name)
    assert "objects" not in metadefs.get(name)


def test_protected(metadefs: Metadefs) -> None:
    name = metadefs.full(protected=True)
    inside = [
        ("objects", "disk"), ("properties", "size"), ("tags", "fast"), ("resource_types", "OS::Nova::Flavor"),
        ("objects",), ("properties",), ("tags",), (),
    ]  # fmt: skip
    for segments in inside:
        assert metadefs.call("DELETE", name, *segments).status_code == 403, segments
    assert metadefs.call("DELETE", name, "objects", "absent").status_code == 404
    assert metadefs.call("POST", name, "objects", json={"name": "more"}).status_code == 201
    assert metadefs.call("PUT", name, "tags", "fast", json={"name": "slow"}).status_code == 200
    assert metadefs.call("PUT", name, json={"namespace": name, "protected": False}).status_code == 200
    assert metadefs.call("DELETE", name).status_code == 204


@pytest.mark.parametrize(
    ("resource_type", "prefix"), [("OS::Nova::Flavor", "hw_"), ("OS::Other", ""), ("Bare", ""), ("", "")]
)
def test_names_on_a_resource_type(metadefs: Metadefs, resource_type: str, prefix: str) -> None:
    name = metadefs.full()
    assert metadefs.call("POST", name, "resource_types", json={"name": "Bare"}).status_code == 201
    shown = metadefs.get(name, query=f"?resource_type={resource_type}")
    assert list(shown["properties"]) == [f"{prefix}size"]
    assert shown["objects"][0]["required"] == [f"{prefix}size"]
    assert list(shown["objects"][0]["properties"]) == [f"{prefix}size"]
    assert list(metadefs.get(name)["properties"]) == ["size"]


def test_absent(metadefs: Metadefs) -> None:
    for method, body in (("GET", None), ("PUT", {"namespace": "x"}), ("DELETE", None)):
        assert metadefs.call(method, "absent", json=body).status_code == 404
    for method in ("GET", "DELETE"):
        assert metadefs.call(method, "x" * 81).status_code == 404
        assert metadefs.call(method, "😀").status_code == 400


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (NAMESPACES, "GET, POST"),
        (path_of("n"), "DELETE, GET, PUT"),
        (path_of("n", "objects"), "DELETE, GET, POST"),
        (path_of("n", "objects", "o"), "DELETE, GET, PUT"),
        (path_of("n", "properties"), "DELETE, GET, POST"),
        (path_of("n", "properties", "p"), "DELETE, GET, PUT"),
        (path_of("n", "resource_types"), "GET, POST"),
        (path_of("n", "resource_types", "t"), "DELETE"),
        (path_of("n", "tags"), "DELETE, GET, POST"),
        (path_of("n", "tags", "t"), "DELETE, GET, POST, PUT"),
        ("/v2/metadefs/resource_types", "GET"),
        ("/v2/schemas/metadefs/tag", "GET"),
    ],
)
def test_other_methods(metadefs: Metadefs, path: str, allowed: str) -> None:
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"} - set(allowed.split(", ")):
        answer = metadefs.api.call(method, path, ALICE)
        assert (answer.status_code, ", ".join(sorted(answer.headers["Allow"].split(", ")))) == (405, allowed)


@pytest.mark.parametrize(
    ("method", "segments"),
    [
        ("GET", ()), ("DELETE", ()), ("GET", ("properties",)), ("GET", ("objects", "disk")),
        ("DELETE", ("objects", "disk")), ("GET", ("tags", "fast")), ("POST", ("tags", "new")),
        ("DELETE", ("tags", "fast")), ("GET", ("resource_types",)), ("DELETE", ("resource_types", "OS::Nova::Flavor")),
    ],
)  # fmt: skip
def test_calls_that_take_no_body(metadefs: Metadefs, method: str, segments: tuple[str, ...]) -> None:
    name = metadefs.full()
    assert metadefs.call(method, name, *segments, data=b"{}").status_code == 400
    assert metadefs.call(method, name, *segments).status_code in (200, 201, 204)
