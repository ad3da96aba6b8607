"""The setting ``stores`` in both forms, and what belongs to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backends.memory import MemoryStore
from catalog.clock import sleep
from catalog.open_stores import open_stores, prepare_stores, settings_by_store
from catalog.settings import SettingsError, build
from catalog.settings.further import FurtherStore
from catalog.settings.sources import load
from catalog.store.errors import NotFound, NotSupported, Unavailable
from catalog.store.interface import Preparation

FAST, SLOW = FurtherStore("fast", "s3://bucket/prefix"), FurtherStore("slow", "file:///folder")
GOOD: list[tuple[str, Any, tuple[FurtherStore, ...]]] = [
    ("nothing", "", ()),
    ("text", "fast=s3://bucket/prefix,slow=file:///folder", (FAST, SLOW)),
    ("text with spaces", " fast = s3://bucket/prefix , slow = file:///folder ,", (FAST, SLOW)),
    ("addresses by name", {"fast": "s3://bucket/prefix", "slow": "file:///folder"}, (FAST, SLOW)),
    ("tables", {"fast": {"url": "s3://bucket/prefix"}}, (FAST,)),
    ("table with all", {"x-1.y": {"url": "s3://b", "description": " d ", "weight": -5, "s3_endpoint": "http://h/",
                                  "s3_path_style": "auto", "s3_read_timeout": "7"}},
     (FurtherStore("x-1.y", "s3://b", "d", -5,
                   {"s3_endpoint": "http://h", "s3_path_style": None, "s3_read_timeout": 7.0}),)),
    ("a folder on the web", {"m": {"url": "HTTPS://Mirror.example/Images", "web_ca_bundle": "/ca", "http_retries": 0}},
     (FurtherStore("m", "https://mirror.example/Images/", own={"web_ca_bundle": "/ca", "http_retries": 0}),)),
    ("a host on the web", "m=http://mirror.example:8080", (FurtherStore("m", "http://mirror.example:8080/"),)),
    ("read already", (FAST, SLOW), (FAST, SLOW)),
]  # fmt: skip
BAD: list[tuple[str, Any, str]] = [
    ("reserved", "os_glance_staging_store=file:///x", "reserved"),
    ("the home store's name", "default=file:///x", "taken"),
    ("the web's name", {"http": "file:///x"}, "taken"),
    ("a name with a comma's friend", {"a b": "file:///x"}, "letters"),
    ("an empty name", "=file:///x", "letters"),
    ("twice", "a=file:///x,a=file:///y", "once"),
    ("no address", "a", "name=address"),
    ("a number", 5, "table"),
    ("a list", ["a=file:///x"], "table"),
    ("no url", {"a": {"weight": 1}}, "url"),
    ("an unknown key", {"a": {"url": "file:///x", "endpoint": "http://h"}}, "endpoint"),
    ("a setting of no store", {"a": {"url": "file:///x", "image_size_cap": 5}}, "image_size_cap"),
    ("an unknown scheme", "a=ftp://x", "url of the store a must be s3://"),
    ("credentials on the web", {"a": {"url": "https://u:p@host/x"}}, "url of the store a must be https://"),
    ("a query on the web", {"a": {"url": "https://host/x?y"}}, "url of the store a must be https://"),
    ("no host", "a=https:///x", "url of the store a must be https://"),
    ("the switch of the web store", {"a": {"url": "https://host/x", "web_store": True}}, "web_store"),
    ("a weight that is none", {"a": {"url": "file:///x", "weight": "heavy"}}, "weight of the store a"),
    ("a wrong value", {"a": {"url": "s3://b", "s3_endpoint": "h"}}, "s3_endpoint of the store a"),
]


@pytest.mark.parametrize(("raw", "stores"), [row[1:] for row in GOOD], ids=[row[0] for row in GOOD])
def test_good(raw: Any, stores: tuple[FurtherStore, ...]) -> None:
    assert build({"stores": raw}).stores == stores


@pytest.mark.parametrize(("raw", "text"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_is_named(raw: Any, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^setting stores: must .*{text}"):
        build({"stores": raw})


@pytest.mark.parametrize("raw", ["a=s3://key:sekrit@bucket", {"a": {"url": "s3://key:sekrit@bucket"}}])
def test_credentials_in_an_address_are_refused_and_not_repeated(raw: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        build({"stores": raw})
    assert "sekrit" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "good"), [("default", True), ("fast", True), ("http", False), ("mirror", False), ("other", False)]
)
def test_the_default_is_a_store_that_takes_data(name: str, good: bool) -> None:
    values = {"stores": "fast=file:///x,mirror=https://h/", "web_store": True, "default_backend": name}
    if good:
        assert build(values).default_backend == name
    else:
        with pytest.raises(SettingsError, match="default_backend"):
            build(values)


def test_from_a_file_and_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('default_backend = "fast"\n[stores.fast]\nurl = "s3://bucket/prefix"\nweight = 3\n')
    assert load(str(file), {}, {}).stores == (FurtherStore("fast", "s3://bucket/prefix", "", 3),)
    environ = {"CALOTYPE_STORES": "fast=s3://bucket/prefix,slow=file:///folder"}
    assert load(str(file), environ, {}).stores == (FAST, SLOW)


def test_what_a_store_does_not_set_is_as_for_the_home_store() -> None:
    values = {
        "store": "s3://home", "s3_endpoint": "http://one", "s3_region": "r",
        "stores": {"same": "s3://same", "other": {"url": "s3://other", "s3_endpoint": "http://two"}},
    }  # fmt: skip
    found = settings_by_store(build(values))
    assert list(found) == ["default", "same", "other"]
    assert [(own.store, own.s3_endpoint, own.s3_region) for own in found.values()] == [
        ("s3://home", "http://one", "r"), ("s3://same", "http://one", "r"), ("s3://other", "http://two", "r"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stores", "same"),
    [("a=http://h/x,b=http://H/x/", True), ("a=http://h/x,b=http://h/x/y", False),
     ("a=s3://home/", True), ("a=s3://home/x", False), ("a=file:///x,b=file:///y/../x", True),
     ({"a": {"url": "s3://home", "s3_endpoint": "http://other"}}, False)],
)  # fmt: skip
def test_two_stores_are_two_places(stores: Any, same: bool) -> None:
    settings = build({"store": "s3://home", "s3_endpoint": "http://one", "stores": stores})
    if same:
        with pytest.raises(SettingsError, match="different places"):
            settings_by_store(settings)
    else:
        assert len(settings_by_store(settings)) == 1 + len(settings.stores)


class _Down(MemoryStore):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def prepare(self, create: bool) -> Preparation:
        raise self.error


@pytest.mark.parametrize(
    ("store", "error", "starts"),
    [("fast", Unavailable("down"), True), ("fast", NotFound("no bucket"), False),
     ("default", Unavailable("down"), False)],
)  # fmt: skip
def test_start_without_a_further_store(store: str, error: Exception, starts: bool) -> None:
    settings = build({"stores": "fast=file:///nowhere/fast"})
    opened = open_stores(settings, lambda seconds: None, {"default": MemoryStore(), "fast": MemoryStore()})
    opened[store] = _Down(error)
    if starts:
        prepare_stores(settings, opened)
        assert isinstance(opened["fast"], _Down)
    else:
        with pytest.raises(type(error)):
            prepare_stores(settings, opened)


def test_an_open_store_that_the_settings_do_not_name() -> None:
    with pytest.raises(SettingsError, match="stray"):
        open_stores(build({}), lambda seconds: None, {"default": MemoryStore(), "stray": MemoryStore()})


def test_a_key_of_a_store_is_shown_nowhere() -> None:
    stores = {"far": {"url": "swift://data", "swift_key": "hidden-far"}}
    settings = build({"store": "swift://home/catalog", "swift_key": "hidden-home", "stores": stores})
    found = settings_by_store(settings)
    assert [own.swift_key for own in found.values()] == ["hidden-home", "hidden-far"]
    assert "hidden" not in repr(settings)
    assert "hidden" not in repr(found["far"])
    with pytest.raises(SettingsError) as raised:
        build({"swift_key": ["hidden-list"]})
    assert "hidden" not in str(raised.value)
    assert build({"swift_key": 1234}).swift_key == "1234"


def test_a_home_store_in_swift_needs_a_folder_for_its_notes() -> None:
    own = {"swift_auth_url": "http://127.0.0.1:1/auth/v1.0", "swift_user": "a:u", "swift_key": "k"}
    with pytest.raises(NotSupported, match="state_dir"):
        open_stores(build({"store": "swift://home", "state_dir": "", **own}), sleep, {})
    settings = build({"store": "file:/folder", "stores": {"far": {"url": "swift://data", **own}}})
    assert not open_stores(settings, sleep, {})["far"].capabilities.conditional_writes


@pytest.mark.parametrize("url", ["http://0x7f.1/", "http://host/a/../b", "http://host/%2e%2E/b", "http://ho st/"])
def test_an_address_on_the_web_that_can_be_read_in_two_ways(url: str) -> None:
    with pytest.raises(SettingsError, match="stores"):
        open_stores(build({"stores": {"a": url}}), sleep, {"default": MemoryStore()})
