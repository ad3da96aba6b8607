"""Sidecars: what is written is read again, also by and from other versions; damage is told, never guessed at."""

from __future__ import annotations

from dataclasses import fields, replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import SCHEMA_VERSION, Image, Member, decode, encode, next_revision
from catalog.store.errors import Corrupt
from tests.service.samples import ID, NOW, images, json_values, texts

FIELDS = {f.name for f in fields(Image)}
unknown_names = texts.filter(lambda name: name not in FIELDS and name != "schema_version")


@given(images)
def test_round_trip(image: Image) -> None:
    document = orjson.loads(encode(image))
    again = decode(encode(image))
    assert again == replace(image, unknown={"schema_version": SCHEMA_VERSION})
    assert encode(again) == encode(image)
    assert document["schema_version"] == SCHEMA_VERSION
    assert FIELDS - {"unknown"} <= set(document)


@given(images, st.dictionaries(unknown_names, json_values, max_size=4), st.integers(1, 99))
def test_fields_of_newer_versions_are_kept(image: Image, newer: dict[str, object], version: int) -> None:
    document = {**orjson.loads(encode(image)), **newer, "schema_version": version}
    changed = replace(next_revision(decode(orjson.dumps(document)), "op"), name="changed")
    written = orjson.loads(encode(changed))
    assert {name: written[name] for name in newer} == newer
    assert written["schema_version"] == version
    assert written["name"] == "changed"


@given(images, st.sets(st.sampled_from(sorted(FIELDS - {"id", "created_at", "updated_at", "unknown"}))))
def test_fields_of_newer_versions_may_be_absent(image: Image, absent: set[str]) -> None:
    document = {name: value for name, value in orjson.loads(encode(image)).items() if name not in absent}
    read = decode(orjson.dumps(document))
    defaults = Image(image.id, image.created_at, image.updated_at)
    for name in FIELDS - {"unknown"}:
        assert getattr(read, name) == getattr(defaults if name in absent else image, name)


def test_times_keep_their_microseconds() -> None:
    image = Image(ID, NOW, NOW)
    assert orjson.loads(encode(image))["created_at"] == "2030-01-02T03:04:05.678901Z"
    assert decode(encode(image)).created_at == NOW


def test_next_revision() -> None:
    image = Image(ID, NOW, NOW, revision=6, op="old")
    assert next_revision(image, "new") == replace(image, revision=7, op="new", recent_ops=("old",))
    for turn in range(100):
        image = next_revision(image, str(turn))
    assert (image.revision, image.op, image.recent_ops[-1]) == (106, "99", "98")
    assert 4 <= len(image.recent_ops) <= 32


def test_member_of_a_project() -> None:
    member = Member("p2", "pending", NOW, NOW)
    image = Image(ID, NOW, NOW, members=(Member("p1", "accepted", NOW, NOW), member))
    assert image.member("p2") is member
    assert image.member("p3") is None
    assert image.member(None) is None


@pytest.mark.parametrize(
    "data", [b"", b"{", b"null", b"5", b'"text"', b"[]", b"{}", b"\xff\xfe", b"<html>", b'{"id":5}', b"[" * 5000]
)
def test_what_is_no_sidecar_is_corrupt(data: bytes) -> None:
    with pytest.raises(Corrupt):
        decode(data)


@given(json_values)
def test_any_json_is_an_image_or_corrupt(value: object) -> None:
    with pytest.raises(Corrupt):
        decode(orjson.dumps(value))


WRONG: list[tuple[str, object]] = [
    ("id", None), ("id", 5), ("revision", "1"), ("revision", None), ("created_at", None), ("created_at", "yesterday"),
    ("updated_at", 5), ("updated_at", None), ("deleted_at", "x"), ("tags", None), ("tags", 5), ("tags", [1]),
    ("properties", None), ("properties", 5), ("properties", ["a"]), ("properties", {"a": 1}),
    ("members", 5), ("members", [["p1"]]), ("members", [[5, "accepted", "x", "y"]]), ("locations", 5),
    ("locations", [{}]), ("locations", ["x"]), ("locations", [{"store": 1, "key": 2}]), ("history", [[]]),
    ("history", 7), ("status", 5), ("status", None), ("visibility", None), ("visibility", 7), ("owner", 5),
    ("owner", []), ("name", 5), ("name", {}), ("size", "10"), ("size", 1.5), ("virtual_size", "x"),
    ("min_ram", None), ("min_disk", "1"), ("protected", "yes"), ("protected", None), ("os_hidden", 0),
    ("checksum", 5), ("os_hash_value", []), ("attempt", 5), ("op", None), ("op", 5), ("schema_version", "x"),
    ("disk_format", 5), ("container_format", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{row[0]}={row[1]}" for row in WRONG])
def test_field_of_a_wrong_type_is_corrupt(name: str, value: object) -> None:
    document = {**orjson.loads(encode(Image(ID, NOW, NOW))), name: value}
    with pytest.raises(Corrupt):
        decode(orjson.dumps(document))
