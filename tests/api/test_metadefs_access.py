"""Who may do what to metadata definitions: every call, as callers of every kind, on namespaces of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.metadefs import NAMESPACES, SIZE_PROPERTY, Metadefs, catalog_of_metadefs
from tests.api.support import ALICE, BOB, EVE, MEMBER_ONLY, NOBODY, ROOT

KINDS = {
    "public of p1": {"owner": "p1", "visibility": "public"},
    "private of p1": {"owner": "p1", "visibility": "private"},
    "private of p2": {"owner": "p2", "visibility": "private"},
    "public of p2": {"owner": "p2", "visibility": "public"},
}
READS: dict[str, tuple[str, tuple[str, ...]]] = {
    "namespace": ("GET", ()),
    "objects": ("GET", ("objects",)),
    "object": ("GET", ("objects", "disk")),
    "properties": ("GET", ("properties",)),
    "property": ("GET", ("properties", "size")),
    "tags": ("GET", ("tags",)),
    "tag": ("GET", ("tags", "fast")),
    "associations": ("GET", ("resource_types",)),
}
WRITES: dict[str, tuple[str, tuple[str, ...], Any, int]] = {
    "change namespace": ("PUT", (), {"namespace": "SAME", "visibility": "public"}, 200),
    "add object": ("POST", ("objects",), {"name": "new"}, 201),
    "change object": ("PUT", ("objects", "disk"), {"name": "disk"}, 200),
    "delete object": ("DELETE", ("objects", "disk"), None, 204),
    "delete objects": ("DELETE", ("objects",), None, 204),
    "add property": ("POST", ("properties",), {**SIZE_PROPERTY, "name": "new"}, 201),
    "change property": ("PUT", ("properties", "size"), SIZE_PROPERTY, 200),
    "delete property": ("DELETE", ("properties", "size"), None, 204),
    "delete properties": ("DELETE", ("properties",), None, 204),
    "add tag": ("POST", ("tags", "new"), None, 201),
    "add tags": ("POST", ("tags",), {"tags": [{"name": "new"}]}, 201),
    "change tag": ("PUT", ("tags", "fast"), {"name": "slow"}, 200),
    "delete tag": ("DELETE", ("tags", "fast"), None, 204),
    "delete tags": ("DELETE", ("tags",), None, 204),
    "add association": ("POST", ("resource_types",), {"name": "new"}, 201),
    "delete association": ("DELETE", ("resource_types", "OS::Nova::Flavor"), None, 204),
    "delete namespace": ("DELETE", (), None, 204),
}


def sees(who: str, kind: str) -> bool:
    """Tell whether somebody can show such a namespace: the role reader, and public or of the own project."""
    user, project, roles = who.split(":")
    return user == "root" or ("reader" in roles and (kind.startswith("public") or kind.endswith(project)))


@pytest.mark.parametrize("who", [ROOT, ALICE, BOB, EVE, MEMBER_ONLY, NOBODY])
@pytest.mark.parametrize("kind", KINDS)
def test_reading(metadefs: Metadefs, kind: str, who: str) -> None:
    name = metadefs.full(**KINDS[kind])
    for call, (method, segments) in READS.items():
        answer = metadefs.call(method, name, *segments, who=who)
        assert answer.status_code == (200 if sees(who, kind) else 404), call


@pytest.mark.parametrize("who", [ROOT, ALICE, EVE, NOBODY])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", WRITES)
def test_writing_is_for_admins(metadefs: Metadefs, call: str, kind: str, who: str) -> None:
    """Not even the owner may write: 403 where it sees the namespace, else 404."""
    name = metadefs.full(**KINDS[kind])
    method, segments, body, status = WRITES[call]
    body = {**body, "namespace": name} if isinstance(body, dict) and "namespace" in body else body
    before = metadefs.get(name)
    answer = metadefs.call(method, name, *segments, who=who, json=body)
    assert answer.status_code == (status if who == ROOT else 403 if sees(who, kind) else 404)
    if who != ROOT:
        assert metadefs.get(name) == before


@pytest.mark.parametrize("who", [ALICE, BOB, NOBODY])
def test_creating_is_for_admins(metadefs: Metadefs, who: str) -> None:
    answer = metadefs.api.call("POST", NAMESPACES, who, json={"namespace": "theirs"})
    assert answer.status_code == 403
    metadefs.get("theirs", status=404)


def test_nobody_owns_what_callers_without_project_make() -> None:
    with catalog_of_metadefs(auth="none") as open_to_all:
        made = open_to_all.api.call("POST", NAMESPACES, None, json={"namespace": "unowned"})
        assert made.status_code == 201
        assert "owner" not in made.json


@pytest.mark.parametrize(("who", "status"), [(ROOT, 200), (BOB, 200), (EVE, 200), (NOBODY, 403), (MEMBER_ONLY, 403)])
def test_resource_types(metadefs: Metadefs, who: str, status: int) -> None:
    assert metadefs.api.get("/v2/metadefs/resource_types", who).status_code == status


@pytest.mark.parametrize("body", [{}, {"name": "x", "foreign": 1}])
def test_what_is_wrong_with_a_body_comes_first(metadefs: Metadefs, body: Any) -> None:
    name = metadefs.full()
    assert metadefs.call("POST", name, "objects", who=ALICE, json=body).status_code == 400
    assert metadefs.call("POST", "absent", "objects", who=ALICE, json=body).status_code == 400


def test_rules_of_a_policy_file_count(tmp_path: Any) -> None:
    rules = tmp_path / "policy.yaml"
    rules.write_text("add_metadef_tag: role:member\nget_metadef_tags: role:admin\n")
    with catalog_of_metadefs(policy_file=str(rules)) as own:
        name = own.full()
        assert own.call("POST", name, "tags", "theirs", who=ALICE).status_code == 201
        assert own.call("GET", name, "tags", who=ALICE).status_code == 403
        assert own.call("GET", name, who=ALICE).status_code == 403
        assert own.call("GET", name, "tags", "theirs", who=ALICE).status_code == 200
