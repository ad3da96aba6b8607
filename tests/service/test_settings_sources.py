"""Where settings come from, and which source wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.settings import Settings, SettingsError
from catalog.settings.sources import load

NAME, ENV = "image_tag_quota", "CALOTYPE_IMAGE_TAG_QUOTA"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "calotype.toml"
    path.write_text(f'{NAME} = 1\nstore = "s3://from-file"\n')
    return path


def test_nothing_given_is_the_defaults() -> None:
    assert load(None, {}, {}) == Settings()
    assert load(None, {"PATH": "/bin", "CALOTYP": "x", "calotype_store": "x"}, {}) == Settings()


PRECEDENCE: list[tuple[str, dict[str, str], dict[str, Any], int]] = [
    ("file", {}, {}, 1),
    ("variable over file", {ENV: "2"}, {}, 2),
    ("option over variable", {ENV: "2"}, {NAME: 3}, 3),
    ("option over file", {}, {NAME: 3}, 3),
    ("option that is not given", {ENV: "2"}, {NAME: None}, 2),
    ("option that is zero", {ENV: "2"}, {NAME: 0}, 0),
]


@pytest.mark.parametrize(
    ("environ", "options", "value"), [row[1:] for row in PRECEDENCE], ids=[row[0] for row in PRECEDENCE]
)
def test_precedence(config: Path, environ: dict[str, str], options: dict[str, Any], value: int) -> None:
    settings = load(str(config), environ, options)
    assert settings.image_tag_quota == value
    assert settings.store == "s3://from-file"


def test_variable_names_the_file(config: Path, tmp_path: Path) -> None:
    assert load(None, {"CALOTYPE_CONFIG": str(config)}, {}).image_tag_quota == 1
    other = tmp_path / "other.toml"
    other.write_text(f"{NAME} = 7\n")
    assert load(str(other), {"CALOTYPE_CONFIG": str(config)}, {}).image_tag_quota == 7


def test_toml_types(config: Path) -> None:
    config.write_text(
        'create_bucket = true\ns3_read_timeout = 1.5\ndisk_formats = ["raw", "iso"]\nimage_size_cap = "2GB"\n'
        's3_path_style = "auto"\nuser_storage_quota = 1024\n'
    )
    settings = load(str(config), {}, {})
    assert (settings.create_bucket, settings.s3_read_timeout) == (True, 1.5)
    assert settings.disk_formats == ("raw", "iso")
    assert (settings.image_size_cap, settings.user_storage_quota) == (2**31, 1024)


BAD_FILES = {
    "unknown setting": ("nothing = 1\n", "unknown setting: nothing"),
    "a table": ("[store]\nurl = 1\n", "setting store"),
    "unknown table": ("[server]\nport = 1\n", "unknown setting: server"),
    "no TOML": ("store = \n", "Invalid value"),
    "a wrong value": (f'{NAME} = "many"\n', f"setting {NAME}"),
    "a number for a text": ("store = 5\n", "setting store"),
    "a date": ("bind = 2020-01-01\n", "setting bind"),
}


@pytest.mark.parametrize(("content", "words"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_bad_file(config: Path, content: str, words: str) -> None:
    config.write_text(content)
    with pytest.raises(SettingsError, match=words):
        load(str(config), {}, {})


def test_file_that_is_not_utf8(config: Path) -> None:
    config.write_bytes(b'store = "\xff"\n')
    with pytest.raises(SettingsError, match="configuration file"):
        load(str(config), {}, {})


@pytest.mark.parametrize("path", ["missing.toml", "."])
def test_file_that_cannot_be_read(tmp_path: Path, path: str) -> None:
    with pytest.raises(SettingsError, match="configuration file"):
        load(str(tmp_path / path), {}, {})


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [("CALOTYPE_NOTHING", "1", "unknown setting: CALOTYPE_NOTHING"), ("CALOTYPE_", "1", "unknown setting: CALOTYPE_"),
     (ENV, "many", f"setting {NAME}"), (ENV, "", f"setting {NAME}"), ("CALOTYPE_AUTH", "magic", "setting auth")],
)  # fmt: skip
def test_bad_variable(variable: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(None, {variable: value}, {})


def test_bad_option() -> None:
    with pytest.raises(SettingsError, match="unknown setting: nothing"):
        load(None, {}, {"nothing": 1})
    with pytest.raises(SettingsError, match="setting auth"):
        load(None, {}, {"auth": "magic"})


POD = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}
LINKS = {
    "SERVICE_HOST": "10.96.201.21", "SERVICE_PORT": "9292", "SERVICE_PORT_HTTP": "9292",
    "PORT": "tcp://10.96.201.21:9292", "PORT_9292_TCP": "tcp://10.96.201.21:9292", "PORT_9292_TCP_PROTO": "tcp",
    "PORT_9292_TCP_PORT": "9292", "PORT_9292_TCP_ADDR": "10.96.201.21",
}  # fmt: skip


@pytest.mark.parametrize("service", ["CALOTYPE_", "CALOTYPE_FOR_TESTS_"])
def test_what_kubernetes_sets_for_a_service_is_no_setting(service: str) -> None:
    links = {service + name: value for name, value in LINKS.items()}
    assert load(None, {**POD, **links, ENV: "2"}, {}) == load(None, {ENV: "2"}, {})


@pytest.mark.parametrize(
    "given",
    [{"CALOTYPE_SERVICE_HOST": "10.0.0.1"}, {**POD, "CALOTYPE_PORT": "9292"}, {**POD, "CALOTYPE_METRICS_PORT": "9293"},
     {**POD, "CALOTYPE_COLOUR": "red"}, {**POD, "CALOTYPE_SERVICE_HOSTS": "10.0.0.1"}],
)  # fmt: skip
def test_what_kubernetes_does_not_set_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="unknown setting: CALOTYPE_"):
        load(None, given, {})
