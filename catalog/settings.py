"""The one table of settings: name, type, default, help.

Owns which settings exist and how each text becomes a value. Must never read a file or the environment: that is
``catalog.settings_sources``. docs/settings.md is generated from this table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

Parse = Callable[[Any], Any]

_UNITS = {"": 1, "B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}


class SettingsError(Exception):
    """A setting is unknown or has a wrong value; the text names it and says what is right."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return value.strip()


def _integer(low: int) -> Parse:
    def parse(value: Any) -> int:
        if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value).strip()):
            raise ValueError("must be a whole number")
        if int(value) < low:
            raise ValueError(f"must be {low} or more")
        return int(value)

    return parse


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not re.fullmatch(r"\d+(\.\d+)?", str(value).strip()):
        raise ValueError("must be a number of seconds")
    return float(value)


def _boolean(value: Any) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if str(value).strip().lower() not in words:
        raise ValueError("must be true or false")
    return words[str(value).strip().lower()]


def _size(value: Any) -> int:
    match = re.fullmatch(r"(\d+)\s*([KMGT]?B?)", str(value).strip())
    if isinstance(value, bool) or not match or match[2] not in _UNITS:
        raise ValueError("must be digits, with B, KB, MB, GB or TB (powers of 1024) behind them if wanted")
    return int(match[1]) * _UNITS[match[2]]


def _words(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    if not all(isinstance(part, str) for part in parts):
        raise ValueError("must be a list of words")
    return tuple(part.strip() for part in parts if part.strip())


def _one_of(*allowed: str) -> Parse:
    def parse(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of: {', '.join(allowed)}")
        return str(value)

    return parse


def _optional_boolean(value: Any) -> bool | None:
    return None if value in (None, "", "auto") else _boolean(value)


def _store_url(value: Any) -> str:
    parts = urlsplit(_text(value))
    if parts.scheme == "s3" and parts.netloc and not (parts.query or parts.fragment or "@" in parts.netloc):
        return _text(value)
    if parts.scheme == "file" and parts.netloc == "" and parts.path:
        return _text(value)
    raise ValueError("must be s3://bucket/prefix or file:///folder (credentials do not belong into it)")


def _http_url(value: Any) -> str:
    text = _text(value).rstrip("/")
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("must be an http:// or https:// address")
    return text


def _bind(value: Any) -> str:
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\s/]+):(\d{1,5})", _text(value))
    if not match or int(match[2]) > 65535:
        raise ValueError("must be host:port")
    return _text(value)


def _setting(default: Any, parse: Parse, help_text: str) -> Any:
    return field(default=default, metadata={"parse": parse, "help": help_text})


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All settings of a catalog. Sizes are in bytes and times in seconds."""

    store: str = _setting(
        "file:./calotype-data", _store_url,
        "Where everything is kept: `s3://bucket/prefix` or `file:///folder` (`file:folder` is relative).",
    )  # fmt: skip
    create_bucket: bool = _setting(False, _boolean, "Create the bucket at start if it does not exist.")
    bind: str = _setting("127.0.0.1:9292", _bind, "Address and port to listen on; port 0 takes a free one.")
    auth: str = _setting(
        "none", _one_of("none", "headers"),
        "How callers prove who they are: `none` (everybody is admin) or `headers` (a test mode: "
        "`X-Auth-Token: user:project:role,role` is believed).",
    )  # fmt: skip
    insecure_bind: bool = _setting(
        False, _boolean, "Allow `auth` none or headers on an address that is not loopback: anybody there is let in."
    )
    state_dir: str = _setting(
        "calotype-state", _text, "Folder of the local index. It is disposable: it is built anew when lost."
    )
    public_endpoint: str = _setting("", _http_url, "Base of absolute links, where it differs from the request's own.")
    s3_endpoint: str = _setting("", _http_url, "Address of the S3 service; empty means AWS.")
    s3_region: str = _setting("", _text, "Region of the bucket; empty means the SDK's own choice.")
    s3_profile: str = _setting("", _text, "Profile in the AWS configuration files to take credentials from.")
    s3_path_style: bool | None = _setting(
        None, _optional_boolean,
        "Name the bucket in the path (`true`) or in the host name (`false`); `auto`: path with `s3_endpoint`.",
    )  # fmt: skip
    s3_ca_bundle: str = _setting("", _text, "File with the certificate authorities to trust for the S3 service.")
    s3_proxy: str = _setting("", _http_url, "HTTP proxy on the way to the S3 service.")
    s3_connect_timeout: float = _setting(5.0, _seconds, "Seconds to wait for a connection to the S3 service.")
    s3_read_timeout: float = _setting(60.0, _seconds, "Seconds to wait for an answer of the S3 service.")
    s3_max_connections: int = _setting(64, _integer(1), "Connections to the S3 service at most.")
    image_size_cap: int = _setting(2**40, _size, "Largest image that is accepted.")
    user_storage_quota: int = _setting(0, _size, "Bytes of image data that one project may keep; 0 means no limit.")
    image_property_quota: int = _setting(128, _integer(-1), "Additional properties of one image; -1: no limit.")
    image_tag_quota: int = _setting(128, _integer(-1), "Tags of one image; -1: no limit.")
    limit_param_default: int = _setting(25, _integer(1), "Images on a page of a list when the request says nothing.")
    api_limit_max: int = _setting(1000, _integer(1), "Images on a page of a list at most.")
    disk_formats: tuple[str, ...] = _setting(
        ("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"), _words,
        "Values that `disk_format` may take.",
    )  # fmt: skip
    container_formats: tuple[str, ...] = _setting(
        ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"), _words,
        "Values that `container_format` may take.",
    )  # fmt: skip
    require_image_format_match: bool = _setting(
        True, _boolean, "Refuse data that is not what `disk_format` says or fails the format's safety checks."
    )
    image_schema_file: str = _setting(
        "", _text, "JSON file with additional typed properties (the format of Glance's schema-image.json)."
    )
    show_image_direct_url: bool = _setting(False, _boolean, "Show `direct_url`, the address of the data, to callers.")
    show_multiple_locations: bool = _setting(False, _boolean, "Show `locations` to callers.")
    failed_upload: str = _setting(
        "killed", _one_of("killed", "queued"), "Status of an image whose upload broke off: `killed`, or `queued`."
    )
    upload_part_size: int = _setting(8 * 2**20, _size, "Size of the first parts of an upload; later ones grow.")
    upload_parallel_parts: int = _setting(6, _integer(1), "Parts of one upload that are on the way at once.")
    transfer_memory: int = _setting(
        48 * 2**20, _size, "Memory that all transfers share beyond the one buffer that each of them has."
    )
    download_range_size: int = _setting(8 * 2**20, _size, "Bytes fetched by one request of a download.")
    download_read_ahead: int = _setting(6, _integer(0), "Range requests that a download keeps ahead of its client.")
    threads: int = _setting(320, _integer(8), "Requests served at once.")
    client_timeout: float = _setting(60.0, _seconds, "Seconds of silence after which a client is dropped.")
    drain_seconds: float = _setting(30.0, _seconds, "Seconds that running transfers get to end when the server stops.")
    log_level: str = _setting("info", _one_of("debug", "info", "warning", "error"), "Least level of a log line.")


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One row of the table, for documentation and the command line."""

    name: str
    default: Any
    help: str
    parse: Parse

    @property
    def env(self) -> str:
        """The environment variable of the setting."""
        return f"CALOTYPE_{self.name.upper()}"


SETTINGS: Mapping[str, SettingInfo] = MappingProxyType(
    {f.name: SettingInfo(f.name, f.default, f.metadata["help"], f.metadata["parse"]) for f in fields(Settings)}
)


def build(values: Mapping[str, Any]) -> Settings:
    """Make settings from raw values. Raises SettingsError for an unknown name or a wrong value."""
    parsed: dict[str, Any] = {}
    for name, raw in values.items():
        if name not in SETTINGS:
            raise SettingsError(f"unknown setting: {name}")
        try:
            parsed[name] = SETTINGS[name].parse(raw)
        except ValueError as error:
            shown = "" if "@" in str(raw) else f"; not {raw!r}"  # an address may hold a password
            raise SettingsError(f"setting {name}: {error}{shown}") from error
    return Settings(**parsed)
