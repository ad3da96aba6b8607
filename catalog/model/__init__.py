"""The image: its record, and the sidecar that the record lies in."""

from catalog.model.record import HOME_STORE, Image, Location, Member, StatusChange, Stored, next_revision
from catalog.model.sidecar import SCHEMA_VERSION, decode, encode

__all__ = [
    "HOME_STORE",
    "SCHEMA_VERSION",
    "Image",
    "Location",
    "Member",
    "StatusChange",
    "Stored",
    "decode",
    "encode",
    "next_revision",
]
