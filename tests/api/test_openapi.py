"""The OpenAPI document: valid, whole, and stable in its names."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from catalog.api.auth import OPEN_ENDPOINTS
from catalog.api.openapi.document import GROUPS, described_routes
from catalog.api.openapi.paths import template, variables
from tests.api.conftest import MakeApi
from tests.api.support import Api

OPERATION_IDS = Path(__file__).with_name("operation_ids.txt")
"""The id of every operation, one a line, with its method and path."""
ANY_METHOD = {"/", "/versions", "/v2/info/usage", "/v2/images/<image_id>/tasks", "/v1/images/detail"}
"""Paths that take every method, as the reference does (some only to answer 404 or 405); GET is described."""


@pytest.fixture(scope="module")
def document(api: Api) -> dict[str, Any]:
    answer = api.get("/openapi.json", who=None)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    found: dict[str, Any] = answer.json
    return found


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): one for path, methods in document["paths"].items() for method, one in methods.items()
    }


def test_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.")
    validate(document)


def test_every_schema_is_a_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_route_is_described(api: Api, document: dict[str, Any]) -> None:
    routes = {
        (method, template(rule.rule))
        for rule in api.app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule not in ANY_METHOD or method == "GET"
    }
    assert operations(document).keys() == routes


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = Counter(one["operationId"] for one in operations(document).values())
    assert [name for name, count in ids.items() if count > 1] == []
    assert [name for name in ids if not re.fullmatch(r"[a-z][a-z0-9_]*", name)] == []


def test_operation_ids_do_not_change(document: dict[str, Any]) -> None:
    """Clients that were generated from the document call these names; add new ones, keep the old ones."""
    ids = {f"{one['operationId']} {method} {path}" for (method, path), one in operations(document).items()}
    assert set(OPERATION_IDS.read_text(encoding="utf-8").splitlines()) == ids


def test_groups_are_the_known_ones(document: dict[str, Any]) -> None:
    used = {tag for one in operations(document).values() for tag in one["tags"]}
    assert used <= set(GROUPS)
    assert [tag["name"] for tag in document["tags"]] == list(GROUPS)


def test_path_variables_are_parameters(document: dict[str, Any]) -> None:
    for (_, path), one in operations(document).items():
        assert [given["name"] for given in one["parameters"] if given["in"] == "path"] == variables(path)


def test_identity_is_asked_where_the_routes_ask(api: Api, document: dict[str, Any]) -> None:
    described = {(method, path): endpoint for path, method, endpoint, _ in described_routes(api.app)}
    for call, one in operations(document).items():
        open_to_all = described[call] in OPEN_ENDPOINTS
        assert one["security"] == ([] if open_to_all else [{"token": []}])
        assert ("401" in one["responses"]) == (not open_to_all)
    assert document["components"]["securitySchemes"]["token"]["name"] == "X-Auth-Token"


def test_errors_have_three_forms_and_every_answer_a_request_id(document: dict[str, Any]) -> None:
    for (_, path), one in operations(document).items():
        for status, answer in one["responses"].items():
            assert answer["headers"]["X-Openstack-Request-Id"]["required"] is True
            if int(status) >= 400 and "application/json" in answer.get("content", {}) and path != "/ready":
                assert set(answer["content"]) == {"application/json", "text/html", "text/plain"}


def test_without_identity_there_is_no_scheme(make_api: MakeApi) -> None:
    found = make_api(auth="none").get("/openapi.json", who=None).json
    assert "securitySchemes" not in found["components"]
    assert all(one["security"] == [] and "401" not in one["responses"] for one in operations(found).values())


def test_document_follows_the_settings(make_api: MakeApi) -> None:
    found = make_api(disk_formats="raw,iso", public_endpoint="https://images.example.org/x").get("/openapi.json").json
    assert found["servers"] == [{"url": "https://images.example.org/x"}]
    assert found["components"]["schemas"]["image"]["properties"]["disk_format"]["enum"] == ["raw", "iso", None]


def test_document_can_be_kept(api: Api) -> None:
    first = api.get("/openapi.json", who=None)
    again = api.get("/openapi.json", who=None, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    small = api.get("/openapi.json", who=None, headers={"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(small.data)) == first.json
    assert len(small.data) * 5 < len(first.data)


def test_views_match_their_schemas(api: Api, document: dict[str, Any]) -> None:
    image_id = api.active(name="one", min_disk=1, tags=["a"], color="red")
    checks = {
        "image": api.show(image_id), "images": api.get("/v2/images").json, "versions": api.get("/versions").json,
        "image_history": api.get(f"/v2/images/{image_id}/history").json,
        "import_info": api.get("/v2/info/import").json,
        "error": api.get("/v2/nothing", headers={"Accept": "application/json"}).json,
    }  # fmt: skip
    for name, value in checks.items():
        validator = jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", **document})
        assert [error.message for error in validator.iter_errors(value)] == [], name
