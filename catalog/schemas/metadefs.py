"""Metadata definitions as clients send and see them: namespaces, objects, tags, associations.

Owns names, types, limits and descriptions: with ``metadefs_properties`` the one source of validation, of
``/v2/schemas/metadefs/*`` and of the OpenAPI document. Must never know the caller.
"""

from __future__ import annotations

from marshmallow import Schema, fields

from catalog.schemas.fields import StrictBoolean
from catalog.schemas.metadefs_fields import (
    UniqueTexts,
    choice_field,
    name_field,
    shown_field,
    text_field,
    time_field,
)
from catalog.schemas.metadefs_properties import Closed, Nested, property_map

VISIBILITIES = ("public", "private")
MAX_DESCRIPTION = 500
MAX_OWNER = 255


class MetadefObjectSchema(Closed):
    """An object: a named group of properties."""

    name = name_field(required=True)
    description = text_field()
    required = UniqueTexts()
    properties = property_map()
    schema = shown_field()
    self = shown_field()
    created_at = time_field("Date and time of object creation")
    updated_at = time_field("Date and time of the last object modification")


class MetadefNestedObjectSchema(MetadefObjectSchema, Nested):
    """An object inside of a namespace."""


class MetadefObjectsSchema(Schema):
    """The objects of a namespace."""

    objects = fields.List(fields.Nested(MetadefObjectSchema))
    schema = text_field()


class MetadefAssociationSchema(Closed):
    """What a namespace says of a resource type."""

    name = name_field("The resource type; where Heat has one for the same thing, its name.", required=True)
    prefix = text_field(
        80, "What the names of the namespace's properties begin with on this resource type, separator included."
    )
    properties_target = text_field(
        80, "Which of several kinds of key and value the properties are for, where the resource type has more."
    )
    created_at = time_field("Date and time of resource type association")
    updated_at = time_field("Date and time of the last resource type association modification")


class MetadefNestedAssociationSchema(MetadefAssociationSchema, Nested):
    """An association inside of a namespace."""


class MetadefAssociationsSchema(Schema):
    """The resource types that a namespace is associated with."""

    resource_type_associations = fields.List(fields.Nested(MetadefAssociationSchema))


class MetadefResourceTypeSchema(Schema):
    """A resource type that some namespace is or was associated with."""

    name = name_field()
    created_at = time_field("Date and time of creation")
    updated_at = time_field("Date and time of the last modification")


class MetadefResourceTypesSchema(Schema):
    """All resource types."""

    resource_types = fields.List(fields.Nested(MetadefResourceTypeSchema))


class MetadefTagSchema(Closed):
    """A tag: a word that resources can be marked with."""

    name = name_field(required=True)
    created_at = time_field("Date and time of tag creation")
    updated_at = time_field("Date and time of the last tag modification")


class MetadefNestedTagSchema(MetadefTagSchema, Nested):
    """A tag inside of a namespace."""


class MetadefTagNameSchema(Closed):
    """A tag in a list, which shows its name alone."""

    name = name_field(required=True)


class MetadefTagsSchema(Closed):
    """Tags that replace those of a namespace or are added to them, and the list of its tags."""

    tags = fields.List(fields.Nested(MetadefTagNameSchema), required=True)


class MetadefNamespaceSchema(Closed):
    """A namespace, with its parts or without them."""

    namespace = name_field("The unique namespace text.", required=True)
    display_name = text_field(80, "The name for people. Used by UI if available.")
    description = text_field(MAX_DESCRIPTION, "What the namespace is for.")
    visibility = choice_field(VISIBILITIES, "Scope of namespace accessibility.")
    protected = StrictBoolean(metadata={"description": "If true, namespace will not be deletable."})
    owner = text_field(MAX_OWNER, "Owner of the namespace.")
    created_at = time_field("Date and time of namespace creation")
    updated_at = time_field("Date and time of the last namespace modification")
    schema = shown_field()
    self = shown_field()
    resource_type_associations = fields.List(fields.Nested(MetadefNestedAssociationSchema))
    properties = property_map()
    objects = fields.List(fields.Nested(MetadefNestedObjectSchema))
    tags = fields.List(fields.Nested(MetadefNestedTagSchema))


class MetadefNamespacesSchema(Schema):
    """One page of the namespaces."""

    namespaces = fields.List(fields.Nested(MetadefNamespaceSchema))
    first = text_field()
    next = text_field()
    schema = text_field()
