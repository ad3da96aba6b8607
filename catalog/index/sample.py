"""An image with every field set, whose rows go into the stamp of the index file.

Owns nothing else. Must never be stored.
"""

from __future__ import annotations

from datetime import UTC, datetime

from catalog.model import Image, Location, Member, StatusChange

_MOMENT = datetime(2001, 2, 3, 4, 5, 6, 789, tzinfo=UTC)

SAMPLE = Image(
    id="00000000-0000-4000-8000-000000000001",
    created_at=_MOMENT,
    updated_at=_MOMENT,
    name="sample",
    status="active",
    owner="owner",
    container_format="bare",
    disk_format="raw",
    min_disk=1,
    min_ram=2,
    size=3,
    virtual_size=4,
    checksum="checksum",
    os_hash_algo="sha512",
    os_hash_value="value",
    tags=("tag",),
    properties={"property": "value", "id": "shadowed"},
    members=(Member("member", "accepted", _MOMENT, _MOMENT),),
    locations=(Location("default", "key"),),
    history=(StatusChange("active", _MOMENT, "sample"),),
    revision=5,
    op="op",
)
