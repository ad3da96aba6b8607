"""How much of everything there may be.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class LimitSettings:
    """How much there may be."""

    image_size_cap: int = setting(2**40, values.size, "Largest image that is accepted.")
    user_storage_quota: int = setting(
        0, values.size, "Bytes of image data that one project may keep; 0 means no limit."
    )
    image_count_total: int = setting(-1, values.integer(-1), "Images that one project may have; -1: no limit.")
    use_keystone_limits: bool = setting(
        False, values.boolean,
        "Ask Keystone for the limits of each project, in place of `user_storage_quota` and `image_count_total`: "
        "`image_size_total` and `image_stage_total` in MiB, `image_count_total`, `image_count_uploading`.",
    )  # fmt: skip
    keystone_limits_scope: str = setting(
        "system", values.one_of("system", "project"),
        "What the catalog signs in to for that: `system` (its user needs the role reader there), or `project`, enough "
        "where Keystone shows the limits of all projects to its role (admin, service).",
    )  # fmt: skip
    keystone_limits_cache_time: int = setting(
        60, values.integer(0),
        "Seconds that the limits of a project are believed without asking again; while Keystone is down, longer.",
    )  # fmt: skip
    image_property_quota: int = setting(128, values.integer(-1), "Additional properties of one image; -1: no limit.")
    image_location_quota: int = setting(10, values.integer(-1), "Locations of one image; -1: no limit.")
    image_member_quota: int = setting(128, values.integer(-1), "Members of one image; -1: no limit.")
    image_tag_quota: int = setting(128, values.integer(-1), "Tags of one image; -1: no limit.")
    limit_param_default: int = setting(
        25, values.integer(1), "Images on a page of a list when the request says nothing."
    )
    api_limit_max: int = setting(1000, values.integer(1), "Images on a page of a list at most.")
