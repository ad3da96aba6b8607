"""The OpenAPI document of a running catalog, made from its routes.

Owns the translation of a route and its description. Must never hold what is true of one route alone: that stands
above its view.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from apispec import APISpec
from flask import Flask

from catalog.api.openapi.answers import answers_of
from catalog.api.openapi.components import add_components, plugin
from catalog.api.openapi.parameters import parameters_of
from catalog.api.openapi.paths import template
from catalog.api.openapi.security import schemes_of
from catalog.api.operation import ATTRIBUTE, Operation
from catalog.schemas.image_bodies import reference
from catalog.schemas.validation import ImageValidator
from catalog.settings import Settings

OPENAPI_VERSION = "3.1.0"
_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
GROUPS = (
    "Versions", "Images", "Sharing", "Import", "Stores", "Locations", "Tasks", "Cache", "Schemas", "Metadefs", "V1",
    "Operation",
)  # fmt: skip


def described_routes(app: Flask) -> Iterator[tuple[str, str, str, Operation]]:
    """Give path template, method, endpoint and description of all routes, in order of path and method."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        described: Operation = getattr(app.view_functions[rule.endpoint], ATTRIBUTE)
        if set(described.answers) == {405}:  # there to refuse what another route would take
            continue
        for method in sorted(described.methods or rule.methods or ()):
            yield template(rule.rule), method, rule.endpoint, described


def build_document(app: Flask, settings: Settings, validator: ImageValidator) -> dict[str, Any]:
    """Give the whole document."""
    translator = plugin()
    spec = APISpec(
        title="Calotype",
        version=version("calotype"),
        openapi_version=OPENAPI_VERSION,
        plugins=[translator],
        info={"description": "An image catalog that speaks the OpenStack Image API.", "license": _LICENSE},
        servers=[{"url": settings.public_endpoint or "/"}],
    )
    for group in GROUPS:
        spec.tag({"name": group})
    add_components(spec, translator, validator, settings, _used_schemas(app) | {"error", "text", "image", "location"})
    schemes = schemes_of(settings)
    for name, scheme in schemes.items():
        spec.components.security_scheme(name, dict(scheme))
    places: Counter[str] = Counter()
    for path, method, endpoint, described in described_routes(app):
        places[endpoint] += 1
        operation_id = endpoint.replace(".", "_") + (f"_{places[endpoint]}" if places[endpoint] > 1 else "")
        operation = {"operationId": operation_id, **_operation(path, described, schemes)}
        spec.path(path, operations={method.lower(): operation})
    return spec.to_dict()


def _used_schemas(app: Flask) -> set[str]:
    described = [operation for _, _, _, operation in described_routes(app)]
    return {name for one in described for name in (*one.answers.values(), *one.bodies.values()) if name}


def _operation(path: str, described: Operation, schemes: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "summary": described.summary,
        "tags": [described.group],
        "parameters": parameters_of(path, described),
        "responses": answers_of(described, identified=bool(schemes)),
        "security": [] if described.rule is None else [{name: []} for name in schemes],
    }
    if described.rule:
        document["description"] = f"Policy rules: {described.rule}"
    if described.bodies:
        content = {kind: {"schema": reference(name)} for kind, name in described.bodies.items()}
        document["requestBody"] = {"required": described.body_required, "content": content}
    return document
