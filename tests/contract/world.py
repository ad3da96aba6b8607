"""A catalog with something of everything, for requests that a generator makes.

Owns what exists, so that a path is often one of something, and puts right what the document cannot say: which
parameters go together, and which values name things that exist. Must never judge an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from schemathesis.core.parameters import ParameterLocation

from tests.api.support import UNUSED, Api

ROOT = "root:p0:admin,member,reader"
MEMBER = "alice:p1:member,reader"
OTHER = "eve:p2:member,reader"

NAMESPACES = "/v2/metadefs/namespaces"
_KINDS = ("queued", "active", "foreign", "absent")
_LOCKED = ("absent", "saving")
"""Images that no import begins with: it would go on in the background, after the request."""
_LOCKED_CALLS = frozenset({"imports_start_import", "locations_add_location"})
_METADEF_NAMES = {"objects": "object", "properties": "property", "tags": "tag", "resource_types": "type"}


class World:
    """One catalog in memory; it grows by what requests make, and what they remove is made anew."""

    def __init__(self) -> None:
        self.api = Api(allowed_hosts="images.invalid")  # nothing is fetched from the web
        self._made: dict[str, str] = {}
        self._turn = count()
        self._makers: Mapping[str, Callable[[], str]] = {
            "queued": lambda: self.api.bare(tags=["there"], color="red"),
            "active": self.api.active,
            "saving": self._saving,
            "foreign": lambda: self.api.bare(OTHER, visibility="private"),
        }

    def _saving(self) -> str:
        image_id = self.api.bare()
        self.api.change(image_id, status="saving")
        return image_id

    def image(self, kind: str) -> str:
        """Give the id of an image of a kind; it may have been made by an earlier call."""
        if kind == "absent":
            return UNUSED
        stored = self.api.catalog.records.find(self._made.get(kind, ""))
        image = stored.image if stored else None
        wanted = "queued" if kind == "foreign" else kind
        if image is None or image.status != wanted or not (image.container_format and image.disk_format == "raw"):
            self._made[kind] = self._makers[kind]()
        return self._made[kind]

    def namespace(self) -> str:
        """Give a namespace with one part of each kind."""
        body = {
            "namespace": "there", "visibility": "public",
            "properties": {"property": {"title": "A property", "type": "string"}},
            "objects": [{"name": "object"}], "tags": [{"name": "tag"}],
            "resource_type_associations": [{"name": "type"}],
        }  # fmt: skip
        if self.api.get(f"{NAMESPACES}/there/tags/tag", ROOT).status_code != 200:
            self.api.call("DELETE", f"{NAMESPACES}/there", ROOT)
            self.api.call("POST", NAMESPACES, ROOT, json=body)
        return "there"

    def fill(self, case: Any) -> None:
        """Change a request in place; what was made wrong on purpose stays wrong."""
        turn = next(self._turn)
        if case.path_parameters and not case.meta.is_negative_at(ParameterLocation.PATH):
            self._fill_path(case, turn)
        if case.query and not case.meta.is_negative_at(ParameterLocation.QUERY):
            self._fill_query(case.query)
        if not case.meta.is_negative_at(ParameterLocation.HEADER):
            _fill_headers(case)

    def _fill_path(self, case: Any, turn: int) -> None:
        given, path = case.path_parameters, case.operation.path
        kinds = _LOCKED if case.operation.definition.raw.get("operationId") in _LOCKED_CALLS else _KINDS
        if "image_id" in given:
            given["image_id"] = self.image(kinds[turn % len(kinds)])
        if "member_id" in given and turn % 2:
            given["member_id"] = "p2"
        if "tag" in given and turn % 2:
            given["tag"] = "there"
        if "namespace" in given and turn % 4:
            given["namespace"] = self.namespace()
            if "name" in given and turn % 3:
                given["name"] = _METADEF_NAMES[path.split("/")[5]]

    def _fill_query(self, query: dict[str, Any]) -> None:
        if "marker" in query:
            query["marker"] = self.image("active")
        query.pop("prefer", None)  # there is one store
        if "sort" in query:
            query.pop("sort_key", None)
            query.pop("sort_dir", None)
        if isinstance(query.get("sort_dir"), list):
            query["sort_dir"] = query["sort_dir"][:1]


def _fill_headers(case: Any) -> None:
    """A size is announced that the body has; data comes from one place only; one range is asked."""
    for name in ("X-Openstack-Image-Size", "X-Image-Meta-Store", "x-image-meta-location", "x-glance-api-copy-from"):
        case.headers.pop(name, None)
    if "," in str(case.headers.get("Range", "")):
        del case.headers["Range"]  # several ranges are a 400, but only where there is data
    if case.operation.path.startswith("/v1/images") and case.operation.method.upper() in ("POST", "PUT"):
        case.headers.update({"x-image-meta-disk_format": "raw", "x-image-meta-container_format": "bare"})
