"""Header texts: what comes in, what goes out, and that no value ends a header."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.api.v1.headers import PROPERTY_PREFIX, header_name, header_value, read_meta
from catalog.errors import Invalid
from tests.api.support import Api
from tests.api.v1.support import PREFIX, bare, create, made, meta_of

texts = st.text(st.characters(exclude_categories=["Cs"]))
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FIELD_VALUE = re.compile(r"([!-~\x80-\xff]([ -~\x80-\xff\t]*[!-~\x80-\xff])?)?")


@given(texts)
def test_values_come_back_and_never_end_a_header(text: str) -> None:
    shown = header_value(text)
    assert FIELD_VALUE.fullmatch(shown)
    assert (read_meta([(f"{PREFIX}name", shown)]).fields["name"] or "") == text


@given(texts)
def test_names_are_tokens(name: str) -> None:
    shown = header_name(name, PROPERTY_PREFIX)
    assert TOKEN.fullmatch(shown)
    (read,) = read_meta([(shown, "x")]).properties
    assert read == name.lower().replace("-", "_")


@pytest.mark.parametrize(
    ("sent", "text"),
    [("plain", "plain"), ("two words", "two words"), ("50% off", "50% off"), ("100%25", "100%"),
     ("caf%C3%A9", "café"), ("caf\xc3\xa9", "café"), ("a%20b c", "a%20b c"), ("%7B%22a%22:1%7D", '{"a":1}'),
     ("", None)],
)  # fmt: skip
def test_values_as_old_clients_send_them(sent: str, text: str | None) -> None:
    assert read_meta([("X-Image-Meta-Name", sent)]).fields == {"name": text}


@pytest.mark.parametrize("sent", ["caf\xe9", "caf%E9", "\u20ac"])
def test_what_is_not_utf8_is_refused(sent: str) -> None:
    with pytest.raises(Invalid, match="name"):
        read_meta([("x-image-meta-name", sent)])


def test_addresses_keep_their_percent_signs() -> None:
    meta = read_meta([("x-image-meta-location", "http://h/a%20b")])
    assert meta.fields == {"location": "http://h/a%20b"}


@pytest.mark.parametrize(
    ("header", "name"),
    [("x-image-meta-property-Os-Type", "os_type"), ("X-Image-Meta-Property-os_type", "os_type"),
     ("x-image-meta-property-caf%C3%89", "café"), ("x-image-meta-property-my%20one", "my one")],
)  # fmt: skip
def test_names_of_properties(header: str, name: str) -> None:
    assert read_meta([(header, "x")]).properties == {name: "x"}


@pytest.mark.parametrize(
    "header", ["x-image-meta-disk_format", "X-Image-Meta-Disk-Format", "X-IMAGE-META-DISK-format"]
)
def test_names_of_fields(api: Api, header: str) -> None:
    assert made(create(api, {header: "raw"}))["disk_format"] == "raw"


@pytest.mark.parametrize(
    ("name", "value"),
    [("evil\r\nset-cookie: a=b", "x"), ("color", "red\r\nset-cookie: a=b"), ("color", "\x00\x1b[2J"),
     ("größe", "groß ☃"), (" odd:name ", " spaces "), ("100%", "%41")],
)  # fmt: skip
def test_properties_of_the_v2_in_headers(api: Api, name: str, value: str) -> None:
    image_id = api.new(**{name: value})["id"]
    answer = api.call("HEAD", f"/v1/images/{image_id}")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    raw = [pair for pair in answer.headers.items() if pair[0].startswith(PROPERTY_PREFIX)]
    assert read_meta(raw).properties == {name.lower().replace("-", "_"): value}


def test_names_beyond_latin_1_do_not_crash(api: Api) -> None:
    image = made(create(api, bare(name="%E2%98%83 snow".replace(" ", "%20"))))
    assert image["name"] == "☃ snow"
    shown = meta_of(api.call("HEAD", f"/v1/images/{image['id']}"))
    assert shown["name"].encode("latin-1").decode() == "☃ snow"


@pytest.mark.parametrize(
    ("meta", "word"),
    [({"colour": "red"}, "colour"), ({"size": "x"}, "size"), ({"size": "-1"}, "size"), ({"size": ""}, "size"),
     ({"size": str(2**63)}, "size"), ({"size": str(2**40 + 1)}, "image_size_cap"),
     ({"min_disk": "1.5"}, "min_disk"), ({"min_ram": "-1"}, "min_ram"), ({"min_ram": str(2**31)}, "min_ram"),
     ({"virtual_size": "many"}, "virtual_size"), ({"name": "n" * 256}, "name"), ({"checksum": "c" * 33}, "checksum"),
     ({"owner": "o" * 256}, "owner"), ({"id": "no-uuid"}, "id"), ({"disk_format": "floppy"}, "disk_format"),
     ({"container_format": "box"}, "container_format"), ({"created_at": "yesterday"}, "created_at"),
     ({"updated_at": "1899-12-31T00:00:00"}, "updated_at"), ({"deleted_at": "x"}, "deleted_at"),
     ({"disk_format": "ami", "container_format": "aki"}, "disk_format"),
     ({"disk_format": "ami", "container_format": "bare"}, "container_format"),
     ({"property_" + "n" * 256: "x"}, "255"), ({"name": "%F0%9F%98%80"}, "name")],
)  # fmt: skip
def test_bad_values_name_their_field(api: Api, meta: dict[str, str], word: str) -> None:
    answer = create(api, {f"{PREFIX}{name.replace('property_', 'property-')}": value for name, value in meta.items()})
    assert answer.status_code == 400, answer.text
    assert word in answer.text
    assert answer.content_type == "text/plain; charset=UTF-8"


@pytest.mark.parametrize(
    "name", ["os_glance_x", "location", "deleted", "status", "name", "locations", "stores", "self"]
)
def test_reserved_properties(api: Api, name: str) -> None:
    assert create(api, {f"x-image-meta-property-{name}": "x"}).status_code == 403


@pytest.mark.parametrize("word", ["true", "True", "1", "t", "on", "YES", "y"])
def test_true_words(api: Api, word: str) -> None:
    assert made(create(api, {"x-image-meta-protected": word}))["protected"] is True


@pytest.mark.parametrize("word", ["false", "0", "", "None", "maybe"])
def test_all_other_words_are_false(api: Api, word: str) -> None:
    assert made(create(api, {"x-image-meta-protected": word}))["protected"] is False


@pytest.mark.parametrize("word", ["", "None"])
def test_virtual_size_can_be_null(api: Api, word: str) -> None:
    assert made(create(api, {"x-image-meta-virtual_size": word}))["virtual_size"] is None
