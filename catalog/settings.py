"""The one table of settings: name, type, default, help.

Owns which settings exist and how each text becomes a value. Must never read a file or the environment: that is
``catalog.settings_sources``. docs/settings.md is generated from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from catalog import settings_values as values
from catalog.settings_values import Parse


class SettingsError(Exception):
    """A setting is unknown or has a wrong value; the text names it and says what is right."""


def _setting(default: Any, parse: Parse, help_text: str) -> Any:
    return field(default=default, metadata={"parse": parse, "help": help_text})


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All settings of a catalog. Sizes are in bytes and times in seconds."""

    store: str = _setting(
        "file:./calotype-data", values.store_url,
        "Where everything is kept: `s3://bucket/prefix` or `file:///folder` (`file:folder` is relative).",
    )  # fmt: skip
    create_bucket: bool = _setting(False, values.boolean, "Create the bucket at start if it does not exist.")
    bind: str = _setting("127.0.0.1:9292", values.bind, "Address and port to listen on; port 0 takes a free one.")
    auth: str = _setting(
        "none", values.one_of("none", "headers"),
        "How callers prove who they are: `none` (everybody is admin) or `headers` (a test mode: "
        "`X-Auth-Token: user:project:role,role` is believed).",
    )  # fmt: skip
    insecure_bind: bool = _setting(
        False,
        values.boolean,
        "Allow `auth` none or headers on an address that is not loopback: anybody there is let in.",
    )
    state_dir: str = _setting(
        "calotype-state", values.text, "Folder of the local index. It is disposable: it is built anew when lost."
    )
    public_endpoint: str = _setting(
        "", values.http_url, "Base of absolute links, where it differs from the request's own."
    )
    s3_endpoint: str = _setting("", values.http_url, "Address of the S3 service; empty means AWS.")
    s3_region: str = _setting("", values.text, "Region of the bucket; empty means the SDK's own choice.")
    s3_profile: str = _setting("", values.text, "Profile in the AWS configuration files to take credentials from.")
    s3_path_style: bool | None = _setting(
        None, values.optional_boolean,
        "Name the bucket in the path (`true`) or in the host name (`false`); `auto`: path with `s3_endpoint`.",
    )  # fmt: skip
    s3_ca_bundle: str = _setting("", values.text, "File with the certificate authorities to trust for the S3 service.")
    s3_proxy: str = _setting("", values.http_url, "HTTP proxy on the way to the S3 service.")
    s3_connect_timeout: float = _setting(5.0, values.seconds, "Seconds to wait for a connection to the S3 service.")
    s3_read_timeout: float = _setting(60.0, values.seconds, "Seconds to wait for an answer of the S3 service.")
    s3_max_connections: int = _setting(64, values.integer(1), "Connections to the S3 service at most.")
    image_size_cap: int = _setting(2**40, values.size, "Largest image that is accepted.")
    user_storage_quota: int = _setting(
        0, values.size, "Bytes of image data that one project may keep; 0 means no limit."
    )
    image_property_quota: int = _setting(128, values.integer(-1), "Additional properties of one image; -1: no limit.")
    image_tag_quota: int = _setting(128, values.integer(-1), "Tags of one image; -1: no limit.")
    limit_param_default: int = _setting(
        25, values.integer(1), "Images on a page of a list when the request says nothing."
    )
    api_limit_max: int = _setting(1000, values.integer(1), "Images on a page of a list at most.")
    disk_formats: tuple[str, ...] = _setting(
        ("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"), values.words,
        "Values that `disk_format` may take.",
    )  # fmt: skip
    container_formats: tuple[str, ...] = _setting(
        ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"), values.words,
        "Values that `container_format` may take.",
    )  # fmt: skip
    require_image_format_match: bool = _setting(
        True, values.boolean, "Refuse data that is not what `disk_format` says or fails the format's safety checks."
    )
    image_schema_file: str = _setting(
        "", values.text, "JSON file with additional typed properties (the format of Glance's schema-image.json)."
    )
    show_image_direct_url: bool = _setting(
        False, values.boolean, "Show `direct_url`, the address of the data, to callers."
    )
    show_multiple_locations: bool = _setting(False, values.boolean, "Show `locations` to callers.")
    failed_upload: str = _setting(
        "killed",
        values.one_of("killed", "queued"),
        "Status of an image whose upload broke off: `killed`, or `queued`.",
    )
    upload_part_size: int = _setting(8 * 2**20, values.size, "Size of the first parts of an upload; later ones grow.")
    upload_parallel_parts: int = _setting(6, values.integer(1), "Parts of one upload that are on the way at once.")
    transfer_memory: int = _setting(
        48 * 2**20, values.size, "Memory that all transfers share beyond the one buffer that each of them has."
    )
    download_range_size: int = _setting(8 * 2**20, values.size, "Bytes fetched by one request of a download.")
    download_read_ahead: int = _setting(
        6, values.integer(0), "Range requests that a download keeps ahead of its client."
    )
    threads: int = _setting(320, values.integer(8), "Requests served at once.")
    client_timeout: float = _setting(60.0, values.seconds, "Seconds of silence after which a client is dropped.")
    drain_seconds: float = _setting(
        30.0, values.seconds, "Seconds that running transfers get to end when the server stops."
    )
    log_level: str = _setting("info", values.one_of("debug", "info", "warning", "error"), "Least level of a log line.")


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
