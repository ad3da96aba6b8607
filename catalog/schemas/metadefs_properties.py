"""The properties of metadata definitions as clients send and see them.

Owns their fields, and what closed and nested definitions share. Must never know the caller. Metadata of a field:
``definition`` is the name that the schema documents give to its type, ``open`` says that they leave the type of the
entries to the client, ``or_null`` that they list null, and ``undocumented`` that they leave the field out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, fields, pre_load, validate

from catalog.schemas.fields import StrictBoolean, Text
from catalog.schemas.metadefs_fields import (
    Default,
    StrictNumber,
    UniqueTexts,
    count_field,
    name_field,
    text_field,
    type_field,
)


class Closed(Schema):
    """Keys that are not named are refused."""

    class Meta:
        """Closed."""

        unknown = RAISE


class Nested(Closed):
    """A part inside of a namespace: what views add to it may be sent back, and is left out."""

    @pre_load
    def _leave_out(self, data: Any, **kwargs: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if key in self.load_fields or key not in self.dump_fields}


class MetadefItemsSchema(Closed):
    """What the entries of an array may be."""

    type = type_field()
    enum = fields.List(Text(), metadata={"open": True})


class MetadefNestedPropertySchema(Closed):
    """A property where its name is the key: inside of a namespace or an object."""

    name = name_field()
    title = text_field(required=True)
    description = text_field()
    operators = fields.List(Text())
    type = type_field(required=True)
    required = UniqueTexts()
    minimum = StrictNumber()
    maximum = StrictNumber()
    maxLength = count_field("positiveInteger")  # noqa: N815 - the names of the API
    minLength = count_field("positiveIntegerDefault0")  # noqa: N815
    pattern = text_field(format="regex")
    enum = fields.List(Text(), metadata={"open": True})
    readonly = StrictBoolean()
    default = Default()
    items = fields.Nested(MetadefItemsSchema)
    maxItems = count_field("positiveInteger")  # noqa: N815
    minItems = count_field("positiveIntegerDefault0")  # noqa: N815
    uniqueItems = StrictBoolean(metadata={"default": False})  # noqa: N815
    additionalItems = StrictBoolean()  # noqa: N815
    confidential = StrictBoolean(metadata={"undocumented": True})


class MetadefPropertySchema(MetadefNestedPropertySchema):
    """A property in calls of its own."""

    class Meta:
        """``confidential`` is known in definitions that are stored as a whole, and only there."""

        unknown = RAISE
        exclude = ("confidential",)

    name = name_field(required=True)
    required = UniqueTexts(validate=validate.Length(min=1))


def property_map() -> fields.Dict:
    """Make the field of properties by name."""
    nested = fields.Nested(MetadefNestedPropertySchema)
    return fields.Dict(keys=name_field(), values=nested, metadata={"definition": "property"})


class MetadefPropertiesSchema(Schema):
    """The properties of a namespace by name."""

    properties = property_map()
