"""The one table of settings: name, type, default, help.

Owns which settings exist and how each text becomes a value. Must never read a file or the environment: that is
``catalog.settings_sources``. docs/settings.md is generated from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from catalog import settings_values as values
from catalog.settings_identity import IdentitySettings
from catalog.settings_row import setting as _setting
from catalog.settings_stores import HOME, LEAST_WEIGHT, OWN_SETTINGS, FurtherStore, parse_stores
from catalog.settings_values import Parse


class SettingsError(Exception):
    """A setting is unknown or has a wrong value; the text names it and says what is right."""


def _stores(value: Any) -> tuple[FurtherStore, ...]:
    """Further stores, each with settings of its own kind where they differ."""
    return parse_stores(value, {name: row.parse for name, row in SETTINGS.items() if name.startswith(OWN_SETTINGS)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings(IdentitySettings):
    """All settings of a catalog. Sizes are in bytes and times in seconds."""

    store: str = _setting(
        "file:./calotype-data", values.store_url,
        "Where everything is kept: `s3://bucket/prefix`, `swift://container/prefix` or `file:///folder` "
        "(`file:folder` is relative).",
    )  # fmt: skip
    create_bucket: bool = _setting(
        False, values.boolean, "Create the bucket or container at start if it does not exist."
    )
    single_node: bool = _setting(
        False, values.boolean,
        "This is the only node of the store: start even if its conditional writes are not safe for more than one.",
    )  # fmt: skip
    store_description: str = _setting("", values.text, "What clients read of the home store, where there are several.")
    store_weight: int = _setting(
        0, values.integer(LEAST_WEIGHT), "Weight of the home store: downloads try the store with the most of it first."
    )
    stores: tuple[FurtherStore, ...] = _setting(
        (), _stores,
        "Further stores for image data, each with a name: `fast=s3://bucket/prefix,slow=file:///folder`, or TOML "
        "tables `[stores.NAME]` with `url`, `description`, `weight` and `s3_` or `swift_` settings that differ.",
    )  # fmt: skip
    default_backend: str = _setting(
        HOME, values.text, "Name of the store that takes data when a client names none; `default` is the home store."
    )
    web_store: bool = _setting(
        False, values.boolean, "Have the read-only store `http`: image data may then lie at addresses of others."
    )
    bind: str = _setting("127.0.0.1:9292", values.bind, "Address and port to listen on; port 0 takes a free one.")
    allow_anonymous_access: bool = _setting(
        False, values.boolean,
        "Let callers without an identity read what the policy file gives them; they write nothing.",
    )  # fmt: skip
    policy_file: str = _setting(
        "", values.text, "YAML file with rules that replace default ones by name (the format of Glance's policy.yaml)."
    )
    property_protection_file: str = _setting(
        "", values.text, "INI file that says who may create, read, update and delete which additional properties."
    )
    property_protection_rule_format: str = _setting(
        "roles", values.one_of("roles", "policies"),
        "What `property_protection_file` names: `roles`, or one rule of the policy file (`policies`).",
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
    cors_allowed_origin: tuple[str, ...] = _setting(
        (), values.origins,
        "Web origins whose pages may call the catalog from a browser (`https://dashboard.example.org`; `*`: all).",
    )  # fmt: skip
    healthcheck_disable_by_file_path: str = _setting(
        "", values.text, "While this file exists the health check answers 503, so that balancers send nothing here."
    )
    metrics: str = _setting(
        "loopback", values.one_of("off", "loopback", "all"),
        "Who may read `/metrics`: nobody, callers on this host that no proxy speaks for, or everybody.",
    )  # fmt: skip
    metrics_bind: str = _setting(
        "", values.optional_bind, "Address and port that serve the figures alone, to everybody who reaches them."
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
    swift_auth_url: str = _setting("", values.http_url, "Address to log in to Swift at; empty: `OS_AUTH_URL`.")
    swift_auth_version: str = _setting(
        "", values.one_of("", "1", "3"), "`1` (tempauth) or `3` (Keystone); empty: as the address says."
    )
    swift_user: str = _setting("", values.text, "User of Swift (`account:user` with version 1); empty: `OS_USERNAME`.")
    swift_key: str = _setting(
        "", values.secret, "Password of that user; empty: `OS_PASSWORD`, or `ST_KEY`.", secret=True
    )
    swift_project: str = _setting("", values.text, "Project of that user; empty: `OS_PROJECT_NAME`.")
    swift_user_domain: str = _setting("", values.text, "Domain of that user; empty: `OS_USER_DOMAIN_NAME`.")
    swift_project_domain: str = _setting("", values.text, "Domain of the project; empty: `OS_PROJECT_DOMAIN_NAME`.")
    swift_credential_id: str = _setting(
        "", values.text, "Application credential in place of user and project; empty: `OS_APPLICATION_CREDENTIAL_ID`."
    )
    swift_credential_secret: str = _setting(
        "", values.secret, "Its secret; empty: `OS_APPLICATION_CREDENTIAL_SECRET`.", secret=True
    )
    swift_region: str = _setting("", values.text, "Region of the object store; empty: `OS_REGION_NAME`.")
    swift_interface: str = _setting(
        "", values.one_of("", "public", "internal", "admin"), "Which address of the service catalog is used."
    )
    swift_ca_bundle: str = _setting("", values.text, "File with the certificate authorities to trust for Swift.")
    swift_temp_url_key: str = _setting(
        "", values.secret, "Key of temporary URLs; empty: the account's, else one made for the container.", secret=True
    )
    swift_take_over: bool = _setting(
        False,
        values.boolean,
        "Become the writing host of a home store in Swift at start, whoever is it (docs/swift.md).",
    )
    swift_connect_timeout: float = _setting(5.0, values.seconds, "Seconds to wait for a connection to Swift.")
    swift_read_timeout: float = _setting(60.0, values.seconds, "Seconds to wait for an answer of Swift.")
    swift_max_connections: int = _setting(64, values.integer(1), "Connections to Swift at most.")
    image_size_cap: int = _setting(2**40, values.size, "Largest image that is accepted.")
    user_storage_quota: int = _setting(
        0, values.size, "Bytes of image data that one project may keep; 0 means no limit."
    )
    image_property_quota: int = _setting(128, values.integer(-1), "Additional properties of one image; -1: no limit.")
    image_location_quota: int = _setting(10, values.integer(-1), "Locations of one image; -1: no limit.")
    image_count_total: int = _setting(-1, values.integer(-1), "Images that one project may have; -1: no limit.")
    do_secure_hash: bool = _setting(
        True, values.boolean, "Read the data of a location that is added to an image, to check or to find its hash."
    )
    image_member_quota: int = _setting(128, values.integer(-1), "Members of one image; -1: no limit.")
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
    enable_v1_api: bool = _setting(True, values.boolean, "Serve the old Image API v1 below `/v1/` as well.")
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
    upload_stall_time: float = _setting(
        3600.0, values.seconds,
        "Seconds without a sign of life of its process after which an upload counts as broken. Slow clients do not "
        "matter.",
    )  # fmt: skip
    upload_part_size: int = _setting(8 * 2**20, values.size, "Size of the first parts of an upload; later ones grow.")
    upload_parallel_parts: int = _setting(6, values.integer(1), "Parts of one upload that are on the way at once.")
    transfer_memory: int = _setting(
        48 * 2**20, values.size, "Memory that all transfers share beyond the one buffer that each of them has."
    )
    download_range_size: int = _setting(
        16 * 2**20, values.size, "Bytes fetched by one request of a download; four times that where they are streamed."
    )
    download_read_ahead: int = _setting(
        3,
        values.integer(0),
        "Range requests that a download keeps ahead of its client where one connection to the store is slow.",
    )
    allowed_schemes: tuple[str, ...] = _setting(
        ("http", "https"), values.words, "Schemes that image data may be fetched by; at most http and https."
    )
    disallowed_schemes: tuple[str, ...] = _setting((), values.words, "Schemes refused, if `allowed_schemes` is empty.")
    allowed_hosts: tuple[str, ...] = _setting(
        (), values.hosts,
        "Names, addresses and networks that image data may be fetched from, internal ones too, and no others; "
        "`*`: also every public host. Empty: public hosts alone.",
    )  # fmt: skip
    disallowed_hosts: tuple[str, ...] = _setting(
        (), values.hosts,
        "Names, addresses and networks that image data is not fetched from, if `allowed_hosts` is empty.",
    )  # fmt: skip
    allowed_ports: tuple[int, ...] = _setting((80, 443), values.ports, "Ports that image data may be fetched from.")
    disallowed_ports: tuple[int, ...] = _setting((), values.ports, "Ports refused, if `allowed_ports` is empty.")
    web_connect_timeout: float = _setting(10.0, values.seconds, "Seconds to wait for a connection to a web source.")
    web_read_timeout: float = _setting(
        60.0, values.seconds, "Seconds to wait for the answer of a web source, and for its next bytes."
    )
    web_low_speed_limit: int = _setting(
        1024, values.size, "Bytes in a second below which a web source is too slow to go on; 0 means no limit."
    )
    web_low_speed_time: float = _setting(60.0, values.seconds, "Seconds over which that speed is measured.")
    web_ca_bundle: str = _setting(
        "", values.text, "File with the certificate authorities to trust for web sources; empty: the system's."
    )
    http_retries: int = _setting(
        3, values.integer(0), "Times in a row that a broken transfer from a web source is taken up again."
    )
    enabled_import_methods: tuple[str, ...] = _setting(
        ("glance-direct", "web-download", "copy-image"),
        values.some_of("glance-direct", "web-download", "copy-image", "glance-download"),
        "Import methods that clients may use; `glance-download` has to be added.",
    )  # fmt: skip
    max_parallel_stores: int = _setting(
        1, values.integer(1), "Stores that one import fills at once, after the first one; not by `copy-image`."
    )
    glance_endpoints: tuple[tuple[str, str], ...] = _setting(
        (), values.endpoints,
        "Image services of other regions for `glance-download`, as `RegionTwo=https://images.two.example:9292,...` "
        "or a TOML table. They may lie inside, and get the callers' tokens.",
    )  # fmt: skip
    extra_properties: tuple[str, ...] = _setting(
        ("hw_", "trait:", "os_distro", "os_secure_boot", "os_type"), values.words,
        "Beginnings of the names of properties that `glance-download` takes over.",
    )  # fmt: skip
    image_import_plugins: tuple[str, ...] = _setting(
        (),
        values.some_of("no_op", "inject_image_metadata", "image_decompression", "image_conversion"),
        "What is done to every imported image, in this order.",
    )
    output_format: str = _setting(
        "raw", values.one_of("raw", "qcow2", "vmdk"), "Disk format that `image_conversion` turns images into."
    )
    vmdk_allowed_types: tuple[str, ...] = _setting(
        ("streamOptimized", "monolithicSparse"), values.words, "Types of VMDK images that `image_conversion` takes."
    )
    work_dir: str = _setting(
        "", values.text,
        "Folder on this node's disk for `image_conversion`: it holds an image, before and after, for each "
        "running import.",
    )  # fmt: skip
    conversion_timeout: float = _setting(3600.0, values.seconds, "Seconds that the conversion of one image may take.")
    inject: tuple[tuple[str, str], ...] = _setting(
        (), values.pairs, "Properties that `inject_image_metadata` sets, as `name:value,name:value`."
    )
    ignore_user_roles: tuple[str, ...] = _setting(
        ("admin",), values.words, "Roles whose imports `inject_image_metadata` leaves alone."
    )
    task_workers: int = _setting(4, values.integer(1), "Tasks (imports and the like) that one process runs at once.")
    task_lease_seconds: int = _setting(
        60, values.integer(1), "Seconds after which the tasks of a node that died are taken over by another one."
    )
    task_max_starts: int = _setting(
        3, values.integer(1), "Times that a task is started when its nodes die, before it fails."
    )
    task_time_to_live: int = _setting(48, values.integer(1), "Hours that ended tasks are kept.")
    deleted_retention: float = _setting(
        86400.0, values.seconds,
        "Seconds that the data of a deleted image are kept, so that an admin can undelete it; 0: not at all.",
    )  # fmt: skip
    tombstone_retention: float = _setting(
        30 * 86400.0,
        values.seconds,
        "Seconds at least that the record of a deleted image stays, invisible to clients.",
    )
    sweep_interval: float = _setting(
        900.0, values.seconds,
        "Seconds between two sweeps of all nodes together, which end what is over; 0: this node never sweeps.",
    )  # fmt: skip
    sweep_walk_interval: float = _setting(
        86400.0, values.seconds, "Seconds between two sweeps that also list the stores, to find what no record names."
    )
    sweep_min_age: float = _setting(
        86400.0, values.seconds, "Age in seconds below which a sweep touches nothing that no record names."
    )
    image_cache_dir: str = _setting(
        "", values.text, "Folder of this node's image cache; empty: none. All processes of a node may share it."
    )
    image_cache_max_size: int = _setting(
        10 * 2**30, values.size, "Bytes that the cache keeps; what was used longest ago makes room."
    )
    image_cache_stall_time: float = _setting(
        86400.0, values.seconds, "Age at which the cleaning of the cache takes an unfinished file for a dead one."
    )
    threads: int = _setting(320, values.integer(8), "Requests served at once.")
    client_timeout: float = _setting(60.0, values.seconds, "Seconds of silence after which a client is dropped.")
    drain_seconds: float = _setting(
        30.0, values.seconds, "Seconds that running transfers get to end when the server stops."
    )
    drain_delay: float = _setting(
        0.0, values.seconds,
        "Seconds that a stopping server still takes requests while it says that it is not ready, for balancers to "
        "notice; then comes `drain_seconds`.",
    )  # fmt: skip
    log_level: str = _setting("info", values.one_of("debug", "info", "warning", "error"), "Least level of a log line.")


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One row of the table, for documentation and the command line."""

    name: str
    default: Any
    help: str
    parse: Parse
    secret: bool = False

    @property
    def env(self) -> str:
        """The environment variable of the setting."""
        return f"CALOTYPE_{self.name.upper()}"


SETTINGS: Mapping[str, SettingInfo] = MappingProxyType(
    {
        row.name: SettingInfo(row.name, row.default, **row.metadata)
        for row in sorted(fields(Settings), key=lambda row: row.name in IdentitySettings.__slots__)
    }
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
            hidden = SETTINGS[name].secret or "@" in str(raw)  # an address may hold a password
            shown = "" if hidden else f"; not {raw!r}"
            raise SettingsError(f"setting {name}: {error}{shown}") from error
    made = Settings(**parsed)
    if made.default_backend not in (HOME, *(store.name for store in made.stores)):
        raise SettingsError(f"setting default_backend: must be {HOME} or one of stores; not {made.default_backend!r}")
    return made
