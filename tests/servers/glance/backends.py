"""The stores that a Glance under test may have beside its folder.

Owns their options in ``glance-api.conf``. Must never start a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.servers.s3server import S3Server


@dataclass(frozen=True)
class Backend:
    """One store; ``files`` are written into Glance's folder, which ``{folder}`` in an option stands for."""

    name: str
    kind: str
    options: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SwiftAccount:
    """An account of a Swift behind a Keystone, and who may write to it."""

    auth_url: str
    user: str
    key: str
    project: str
    region: str


def s3_backend(name: str, server: S3Server) -> Backend:
    """Give a store in the bucket of its own name."""
    options = {
        "s3_store_host": server.endpoint, "s3_store_access_key": server.access_key,
        "s3_store_secret_key": server.secret_key, "s3_store_bucket": name, "s3_store_create_bucket_on_put": "true",
        "s3_store_bucket_url_format": "path",
    }  # fmt: skip
    return Backend(name, "s3", options)


def swift_by_reference(name: str, account: SwiftAccount) -> Backend:
    """Give a store in the container of its own name whose locations name an account of a file: swift+config://one/..."""
    reference = (
        f"[one]\nuser = {account.project}:{account.user}\nkey = {account.key}\nauth_address = {account.auth_url}\n"
        "auth_version = 3\nuser_domain_id = default\nproject_domain_id = default\n"
    )
    options = {"swift_store_config_file": "{folder}/swift.conf", "default_swift_reference": "one"}
    return Backend(name, "swift", {**_swift(name, account), **options}, {"swift.conf": reference})


def swift_by_address(name: str, account: SwiftAccount) -> Backend:
    """Give a store in the container of its own name whose locations hold user and key: swift+http://p%3Au:key@..."""
    options = {
        "swift_store_auth_address": account.auth_url, "swift_store_user": f"{account.project}:{account.user}",
        "swift_store_key": account.key,
    }  # fmt: skip
    return Backend(name, "swift", {**_swift(name, account), **options})


def _swift(container: str, account: SwiftAccount) -> dict[str, str]:
    """Give what both have in common: from a megabyte on an image is a dynamic large object of such segments."""
    return {
        "swift_store_container": container, "swift_store_region": account.region,
        "swift_store_create_container_on_put": "true",
        "swift_store_large_object_size": "1", "swift_store_large_object_chunk_size": "1",
    }  # fmt: skip
