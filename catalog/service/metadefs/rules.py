"""The policy rules that the calls on metadata definitions ask, with the reference's names.

Owns which call asks which rule, as data. Must never apply one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy rules of the calls on one kind of part."""

    add: str
    show: str
    list: tuple[str, ...]
    remove: str
    remove_all: tuple[str, ...] = ()
    modify: str = ""


RULES: Mapping[str, Rules] = {
    "objects": Rules(
        "add_metadef_object", "get_metadef_object", ("get_metadef_objects",), "delete_metadef_object",
        ("delete_metadef_namespace",), "modify_metadef_object",
    ),
    "properties": Rules(
        "add_metadef_property", "get_metadef_property", ("get_metadef_properties",), "remove_metadef_property",
        ("delete_metadef_namespace",), "modify_metadef_property",
    ),
    "tags": Rules(
        "add_metadef_tag", "get_metadef_tag", ("get_metadef_tags",), "delete_metadef_tag",
        ("delete_metadef_namespace", "delete_metadef_tags"), "modify_metadef_tag",
    ),
    "associations": Rules(
        "add_metadef_resource_type_association", "get_metadef_resource_type",
        ("list_metadef_resource_types", "get_metadef_resource_type"), "remove_metadef_resource_type_association",
    ),
}  # fmt: skip
"""Kind of part -> rules, with the reference's names."""

SHOW_NAMESPACE = (
    "get_metadef_namespace", "list_metadef_resource_types", "get_metadef_objects", "get_metadef_properties",
    "get_metadef_tags",
)  # fmt: skip
LIST_NAMESPACES = ("get_metadef_namespaces", "list_metadef_resource_types")
