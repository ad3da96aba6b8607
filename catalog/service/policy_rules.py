"""The default rules: name -> check string in the language of oslo.policy, with Glance's names.

Owns what callers may do unless a policy file says otherwise (Image API v2, new defaults of the reference). Must never
hold code. ``project_id`` on the left is the caller's project; ``%(project_id)s`` is the owner of the thing and
``%(member_id)s`` the caller's project if the thing is shared with it.
"""

from __future__ import annotations

from collections.abc import Mapping

_ADMIN = "rule:context_is_admin"
_OWNER_MEMBER = f"{_ADMIN} or (role:member and project_id:%(project_id)s)"
_OWNER_READER = f"{_ADMIN} or (role:reader and project_id:%(project_id)s)"
_SEEN = (
    "(project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s "
    "or 'public':%(visibility)s or 'shared':%(visibility)s)"
)
_MEMBER_OF_SEEN = f"{_ADMIN} or (role:member and {_SEEN})"
_READER_OF_SEEN = f"{_ADMIN} or (role:reader and {_SEEN})"
_SHARER = f"{_ADMIN} or (role:reader and (project_id:%(project_id)s or project_id:%(member_id)s))"
_SERVICE = f"{_ADMIN} or role:service"
_METADEF_SEEN = f"{_ADMIN} or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))"
_METADEF_ADMIN = "rule:metadef_admin"

_IMAGES: Mapping[str, str] = {
    "get_images": _OWNER_READER,
    "get_image": _READER_OF_SEEN,
    "get_image_history": _OWNER_READER,
    "add_image": f"{_ADMIN} or (role:member and project_id:%(project_id)s and project_id:%(owner)s)",
    "modify_image": _OWNER_MEMBER,
    "delete_image": _OWNER_MEMBER,
    "upload_image": _OWNER_MEMBER,
    "download_image": _MEMBER_OF_SEEN,
    "download_from_store": _MEMBER_OF_SEEN,
    "publicize_image": _ADMIN,
    "communitize_image": _OWNER_MEMBER,
    "deactivate": _OWNER_MEMBER,
    "reactivate": _OWNER_MEMBER,
    "copy_image": _ADMIN,
    "copy_from": _OWNER_MEMBER,  # Image API v1 alone
    "add_member": _OWNER_MEMBER,
    "delete_member": _OWNER_MEMBER,
    "get_member": _SHARER,
    "get_members": _SHARER,
    "modify_member": f"{_ADMIN} or (role:member and project_id:%(member_id)s)",
}

_OWN: Mapping[str, str] = {"get_image_history": _OWNER_READER, "undelete_image": _ADMIN}
"""Rules that Glance does not have."""

_LOCATIONS: Mapping[str, str] = {
    "set_image_location": _OWNER_MEMBER,
    "get_image_location": _OWNER_READER,
    "delete_image_location": _ADMIN,
    "add_image_location": f"{_SERVICE} or (role:member and project_id:%(project_id)s)",
    "fetch_image_location": _SERVICE,
    "stores_info_detail": _SERVICE,
}

_TASKS_AND_CACHE: Mapping[str, str] = {
    "tasks_api_access": _ADMIN,
    **dict.fromkeys(("get_task", "get_tasks", "add_task", "modify_task"), "rule:default"),
    **dict.fromkeys(
        (
            "cache_image", "cache_list", "cache_delete", "cache_clean", "cache_prune", "list_cached_nodes",
            "manage_image_cache",
        ),
        _ADMIN,
    ),
}  # fmt: skip

_METADEFS: Mapping[str, str] = {
    "metadef_default": "",
    "metadef_admin": _ADMIN,
    "get_metadef_namespaces": f"{_ADMIN} or role:reader",
    **dict.fromkeys(
        (
            "get_metadef_namespace", "get_metadef_object", "get_metadef_objects", "get_metadef_property",
            "get_metadef_properties", "get_metadef_tag", "get_metadef_tags", "get_metadef_resource_type",
            "list_metadef_resource_types",
        ),
        _METADEF_SEEN,
    ),
    **dict.fromkeys(
        (
            "add_metadef_namespace", "modify_metadef_namespace", "delete_metadef_namespace", "add_metadef_object",
            "modify_metadef_object", "delete_metadef_object", "add_metadef_property", "modify_metadef_property",
            "remove_metadef_property", "add_metadef_tag", "add_metadef_tags", "modify_metadef_tag",
            "delete_metadef_tag", "delete_metadef_tags", "add_metadef_resource_type_association",
            "remove_metadef_resource_type_association",
        ),
        _METADEF_ADMIN,
    ),
}  # fmt: skip

DEFAULT_RULES: Mapping[str, str] = {
    "default": "",
    "context_is_admin": "role:admin",
    **_IMAGES,
    **_OWN,
    **_LOCATIONS,
    **_TASKS_AND_CACHE,
    **_METADEFS,
}
"""Every rule that this service asks, and the names that these rules use."""

SAVES = frozenset(
    {
        "add_image", "modify_image", "delete_image", "upload_image", "deactivate", "reactivate", "publicize_image",
        "communitize_image", "set_image_location", "delete_image_location", "undelete_image",
    }
)  # fmt: skip
"""Rules of calls that store a changed image: whatever a policy file allows, only its owner and admins get through."""
