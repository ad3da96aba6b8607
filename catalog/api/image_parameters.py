"""Query parameters and headers of the calls on images, as their descriptions name them.

Owns the words of the documentation for what ``catalog.schemas.list_query`` and ``catalog.api.conditions`` read. Must
never read a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.api.operation import Parameter
from catalog.index.query import SORT_KEYS
from catalog.schemas.list_query import MAX_LABELS

_KEY = f"({'|'.join(SORT_KEYS)})"
_QUOTED, _BARE = r'"([^"\\]|\\+[^\\])*"', r'([^",\\]|\\+[^\\,])*\\*'
_WORD = f"({_QUOTED}|{_BARE})"
_OPERATED = rf"^([^:]*|eq:[\s\S]*|in:{_WORD}(,{_WORD})*)$"
_DATE = r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_WHEN = f"{_DATE}(T{_TIME}(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?$"
MOMENT = {"type": "string", "pattern": f"^{_WHEN}"}
"""The schema of a time."""
_INTEGER = {"type": "integer"}
_BOOLEAN = {"type": "string", "enum": ["true", "false"]}


def _many(schema: Mapping[str, Any], **limits: Any) -> Mapping[str, Any]:
    return {"type": "array", "items": schema, **limits}


_PAGE = (
    Parameter("limit", schema={"type": "integer", "minimum": 0}, help="Images on the page; a large number is cut."),
    Parameter("marker", schema={"type": "string", "format": "uuid"}, help="The image that the page comes after."),
    Parameter("sort", schema={"type": "string", "pattern": f"^{_KEY}(:(asc|desc))?(,{_KEY}(:(asc|desc))?)*$"},
              help="Keys, each with a direction behind a colon: `name:asc,size`. Not beside sort_key and sort_dir."),
    Parameter("sort_key", schema=_many({"type": "string", "enum": list(SORT_KEYS)}), help="A key of the order."),
    Parameter("sort_dir", schema=_many({"type": "string", "enum": ["asc", "desc"]}),
              help="The direction of all keys, or one for each."),
)  # fmt: skip
_CHOICES = (
    Parameter("visibility", schema={"type": "string", "enum": ["public", "private", "shared", "community", "all"]}),
    Parameter("member_status", schema={"type": "string", "enum": ["accepted", "pending", "rejected", "all"]},
              help="Of images that others share with the caller; accepted unless given."),
    Parameter("protected", schema=_BOOLEAN),
    Parameter("os_hidden", schema={"type": "string", "pattern": "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"},
              help="`true` lists the hidden images and no others."),
    Parameter("tag", schema=_many({"type": "string"}, maxItems=MAX_LABELS), help="All tags given must be there."),
    Parameter("deleted", help="Accepted and ignored: deleted images are never listed."),
)  # fmt: skip
_FILTERS = (
    *(Parameter(name, schema={"type": "string", "pattern": _OPERATED}, help="A value, `eq:value` or `in:one,two`.")
      for name in ("name", "id", "status", "container_format", "disk_format")),
    *(Parameter(name, schema={"type": "string", "pattern": f"^((eq|neq|gt|gte|lt|lte):)?{_WHEN}"},
                help="ISO 8601, with an operator in front if wanted: `gt:2024-01-31T12:00:00Z`.")
      for name in ("created_at", "updated_at")),
    *(Parameter(f"{field}_{bound}", schema=_INTEGER)
      for field in ("size", "virtual_size", "min_ram", "min_disk") for bound in ("min", "max")),
    *(Parameter(name) for name in (
        "size", "virtual_size", "min_ram", "min_disk", "owner", "checksum", "os_hash_algo", "os_hash_value")),
    Parameter("property", schema={"type": "object", "additionalProperties": {"type": "string"},
                                  "propertyNames": {"pattern": "^(?!changes-since$)(?!.*_(min|max)$)"}},
              help="Every other name is an additional property that has to have this value."),
)  # fmt: skip

LIST = (*_PAGE, *_CHOICES, *_FILTERS)
"""The query of the list of images."""

IF_MATCH = (
    Parameter("If-Match", "header", help="ETags of the record, or `*`; any other state of the record is a 412."),
)
"""The condition of calls that change a record."""

NOT_IF_KNOWN = (Parameter("If-None-Match", "header", help="ETags that the client knows: then the answer is a 304."),)
"""The condition of a call that shows a record."""

DATA = (
    Parameter("Range", "header", help="One range of bytes: `bytes=0-499`, `bytes=500-` or `bytes=-500`."),
    Parameter("Content-Range", "header", help="The old spelling of Range: `bytes 0-499/*`."),
    Parameter("prefer", help="Stores to try first, with commas between; a 400 where there is one store only."),
    Parameter("If-Range", "header", help="The ETag that the range is wanted of; else the answer is the whole image."),
    *NOT_IF_KNOWN,
)
"""The headers and the query of a download."""
