"""Metadata namespaces over HTTP, and what tests say to them.

Owns names that no two tests share and short forms of calls. Must never assert anything beyond what tests rest on.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from werkzeug.test import TestResponse

from tests.api.support import ROOT, Api

NAMESPACES = "/v2/metadefs/namespaces"
TIME = "2030-01-02T03:04:05Z"
SIZE: dict[str, Any] = {"title": "Size", "type": "integer"}
SIZE_PROPERTY = {"name": "size", **SIZE}

_numbers = itertools.count()


def path_of(*segments: str) -> str:
    """Give the path of a namespace or of something in it."""
    return "/".join([NAMESPACES, *(quote(segment, safe=":") for segment in segments)])


class Metadefs:
    """Calls on metadata definitions as the admin, unless somebody else is named."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def call(self, method: str, *segments: str, who: str = ROOT, query: str = "", **options: Any) -> TestResponse:
        return self.api.call(method, path_of(*segments) + query, who, **options)

    def get(self, *segments: str, who: str = ROOT, query: str = "", status: int = 200) -> Any:
        answer = self.call("GET", *segments, who=who, query=query)
        assert answer.status_code == status, answer.text
        return answer.json

    def new(self, **fields: Any) -> str:
        """Make a public namespace of a fresh name."""
        name = fields.pop("namespace", f"Space::{next(_numbers)}")
        made = self.api.call("POST", NAMESPACES, ROOT, json={"namespace": name, "visibility": "public", **fields})
        assert made.status_code == 201, made.text
        return str(name)

    def full(self, **fields: Any) -> str:
        """Make a namespace with one part of each kind."""
        return self.new(
            properties={"size": SIZE},
            objects=[{"name": "disk", "properties": {"size": SIZE}, "required": ["size"]}],
            tags=[{"name": "fast"}],
            resource_type_associations=[{"name": "OS::Nova::Flavor", "prefix": "hw_"}],
            **fields,
        )


@contextmanager
def catalog_of_metadefs(**settings: Any) -> Iterator[Metadefs]:
    """Give a catalog of its own: its clock may be moved, and its lists hold nobody else's namespaces."""
    api = Api(**settings)
    try:
        yield Metadefs(api)
    finally:
        api.close()


EVERYTHING = {
    "name": "p", "title": "t", "type": "array", "description": "d", "operators": ["<or>"], "readonly": True,
    "minimum": -1, "maximum": 2.5, "enum": ["a", "b"], "pattern": "^a(", "minLength": 0, "maxLength": 7,
    "items": {"type": "string", "enum": ["a"]}, "uniqueItems": True, "minItems": 0, "maxItems": 3,
    "additionalItems": False, "required": ["q"],
}  # fmt: skip
