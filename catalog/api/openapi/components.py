"""The schemas that the OpenAPI document names.

Owns how a name in a route's description is found: a marshmallow class of ``catalog.schemas`` (``MemberListSchema`` is
``members``), or one of the few schemas here that depend on the settings. Must never know a route.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import make_schema_key, resolve_schema_cls
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import RAISE, Schema

import catalog.schemas
from catalog.api.openapi.attributes import attributes_of
from catalog.schemas.image_bodies import image_answer, images_answer, new_image, patch
from catalog.schemas.import_bodies import image_import, new_location, new_task
from catalog.schemas.json_schema import LOCATIONS
from catalog.schemas.validation import ImageValidator
from catalog.settings import Settings

_SIMPLE: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string"},
    "binary": {"type": "string", "format": "binary"},
    "schema": {
        "type": "object",
        "description": "A JSON Schema document",
        "properties": {"name": {"type": "string"}, "properties": {"type": "object"}},
        "required": ["name", "properties"],
    },
    "location_list": {"type": "array", "items": {"$ref": "#/components/schemas/location"}},
    "cache_nodes": {"type": "array", "items": {"type": "string", "format": "uri"}},
    "openapi": {"type": "object", "description": "An OpenAPI document"},
}


def component_name(schema: type[Schema]) -> str:
    """Give the name of a class in the document: ``MemberSchema`` is ``member``, ``MemberListSchema`` ``members``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", schema.__name__.strip("_").removesuffix("Schema")).lower()
    one = words.removesuffix("_list")
    return words if one == words else re.sub("y$", "ie", one) + "s"


def schema_classes() -> Iterator[type[Schema]]:
    """Give every schema class of the package ``catalog.schemas``, in a stable order."""
    for module in sorted(found.name for found in pkgutil.walk_packages(catalog.schemas.__path__, "catalog.schemas.")):
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, type) and issubclass(value, Schema) and value.__module__ == module:
                yield value


class _Converter(OpenAPIConverter):
    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        """Translate a class; what refuses unknown keys says so."""
        document: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        if schema.unknown == RAISE:
            document.setdefault("additionalProperties", False)
        return document


class _Plugin(MarshmallowPlugin):
    Converter = _Converter


def plugin() -> MarshmallowPlugin:
    """Make the translator of marshmallow classes."""
    return _Plugin(schema_name_resolver=_component_of)


def _component_of(schema: type[Schema]) -> str:
    found = resolve_schema_cls(schema)
    return component_name(found[0] if isinstance(found, list) else found)


def add_components(
    spec: APISpec, translator: MarshmallowPlugin, validator: ImageValidator, settings: Settings, names: set[str]
) -> None:
    """Put the named schemas, and those that they hold, into the document. Raises KeyError for an unknown name."""
    converter = translator.converter
    assert converter is not None  # set by APISpec when it took the plugin
    converter.attribute_functions.append(attributes_of)
    classes = {component_name(cls): cls for cls in schema_classes()}
    documents = {**_SIMPLE, **_documents(converter, validator, settings)}
    for name in sorted(names):
        if name in documents:
            spec.components.schema(name, dict(documents[name]))
        elif make_schema_key(classes[name]()) not in converter.refs:  # a class that nests it has not brought it yet
            spec.components.schema(name, schema=classes[name])


def _documents(
    converter: OpenAPIConverter, validator: ImageValidator, settings: Settings
) -> Mapping[str, Mapping[str, Any]]:
    base = {name: converter.field2property(field) for name, field in validator.fields.items()}
    return {
        "image": image_answer({**base, "locations": LOCATIONS}, validator),
        "images": images_answer(),
        "new_image": new_image(base, validator),
        "image_patch_v2_0": patch(base, validator, "v2.0"),
        "image_patch_v2_1": patch(base, validator, "v2.1"),
        "image_import": image_import(settings),
        "new_task": new_task(),
        "new_location": new_location(),
    }
