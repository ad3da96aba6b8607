"""The table of settings: every text that is a value, and what is said about every other one."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.settings import SETTINGS, Settings, SettingsError, build

KIB, MIB, GIB, TIB = 2**10, 2**20, 2**30, 2**40
GOOD: list[tuple[str, Any, Any]] = [
    *[("image_size_cap", raw, value) for raw, value in [
        ("0", 0), ("10", 10), (10, 10), ("10B", 10), ("1KB", KIB), ("64KB", 64 * KIB), ("3MB", 3 * MIB),
        ("2GB", 2 * GIB), ("5TB", 5 * TIB), ("1 GB", GIB), (" 7 ", 7)]],
    *[("create_bucket", raw, value) for raw, value in [
        (True, True), ("true", True), ("True", True), ("yes", True), ("on", True), ("1", True), (1, True),
        (False, False), ("false", False), ("NO", False), ("off", False), ("0", False), (0, False)]],
    *[("s3_path_style", raw, value) for raw, value in [
        (None, None), ("", None), ("auto", None), ("true", True), (False, False)]],
    *[("image_tag_quota", raw, value) for raw, value in [("-1", -1), (-1, -1), ("0", 0), ("128", 128), (5, 5)]],
    *[("s3_read_timeout", raw, value) for raw, value in [("1", 1.0), ("0.5", 0.5), (2, 2.0), (2.5, 2.5)]],
    *[("disk_formats", raw, ("raw", "iso")) for raw in ("raw,iso", " raw , iso ,", ["raw", "iso"], ("raw", "iso"))],
    *[("auth", raw, raw) for raw in ("none", "headers")],
    *[("store", raw, raw) for raw in ("s3://bucket", "s3://bucket/some/prefix", "file:///folder", "file:folder")],
    *[("public_endpoint", raw, value) for raw, value in [
        ("", ""), ("http://host", "http://host"), ("https://host:1/x/", "https://host:1/x")]],
    *[("bind", raw, raw) for raw in ("127.0.0.1:9292", "[::1]:0", "localhost:80", "0.0.0.0:65535")],
    *[("failed_upload", raw, raw) for raw in ("killed", "queued")],
    ("limit_param_default", "1", 1), ("threads", 8, 8), ("log_level", "debug", "debug"), ("state_dir", " x ", "x"),
]  # fmt: skip
BAD: list[tuple[str, Any]] = [
    *[("image_size_cap", raw) for raw in (
        "", "-1", "1.5", "x", "1kb", "1K", "1PB", "KB", True, None, "1 000", "1e3", "\u0661\u0662x")],
    *[("create_bucket", raw) for raw in ("", "maybe", "2", 2, None, [])],
    *[("s3_path_style", raw) for raw in ("maybe", 7)],
    *[("image_tag_quota", raw) for raw in ("-2", "x", "", "1.0", 1.5, True, None)],
    *[("s3_read_timeout", raw) for raw in ("", "-1", "x", "1s", True, None, "inf", "nan")],
    *[("disk_formats", raw) for raw in ([1], ["raw", None])],
    *[("auth", raw) for raw in ("", "NONE", "basic", None)],
    *[("store", raw) for raw in (
        "", "bucket", "s3://", "s3://key:secret@bucket", "s3://bucket?x=1", "ftp://x", "file://host/folder", 5, None)],
    *[("public_endpoint", raw) for raw in ("host", "ftp://host", "http://", "http://host?x", "http://host#x", 5)],
    *[("bind", raw) for raw in ("", "host", ":80", "host:", "host:x", "host:70000", "http://host:80", "a:b:c", 80)],
    *[("failed_upload", raw) for raw in ("", "deleted", None)],
    ("limit_param_default", 0), ("threads", 1), ("log_level", "loud"), ("state_dir", 5),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "value"), GOOD, ids=[f"{row[0]}={row[1]!r}" for row in GOOD])
def test_good_value(name: str, raw: Any, value: Any) -> None:
    parsed = getattr(build({name: raw}), name)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(("name", "raw"), BAD, ids=[f"{row[0]}={row[1]!r}" for row in BAD])
def test_bad_value_is_named(name: str, raw: Any) -> None:
    with pytest.raises(SettingsError, match=f"setting {name}: must "):
        build({name: raw})


def test_credentials_are_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        build({"store": "s3://key:sekrit@bucket"})
    assert "sekrit" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "nothing", "IMAGE_SIZE_CAP", "image-size-cap", "calotype_store"])
def test_unknown_name_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"unknown setting: {name}"):
        build({name: "x"})


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_described_and_its_default_is_a_value(name: str) -> None:
    info = SETTINGS[name]
    assert info.env == f"CALOTYPE_{name.upper()}"
    assert info.help.endswith(".")
    assert getattr(build({name: info.default}), name) == info.default


def test_defaults_of_the_contract() -> None:
    settings = Settings()
    assert (settings.image_size_cap, settings.user_storage_quota) == (1099511627776, 0)
    assert (settings.image_property_quota, settings.image_tag_quota) == (128, 128)
    assert (settings.limit_param_default, settings.api_limit_max) == (25, 1000)
    assert (settings.show_image_direct_url, settings.show_multiple_locations) == (False, False)
    assert settings.require_image_format_match is True
    assert (settings.store, settings.auth, settings.bind) == ("file:./calotype-data", "none", "127.0.0.1:9292")
