"""The way to an S3 service.

Owns these rows of the table of settings. Must never read one.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.settings import network, values
from catalog.settings.row import setting


@dataclass(frozen=True, kw_only=True)
class S3Settings:
    """The way to an S3 service."""

    s3_endpoint: str = setting("", network.http_url, "Address of the S3 service; empty means AWS.")
    s3_region: str = setting("", values.text, "Region of the bucket; empty means the SDK's own choice.")
    s3_profile: str = setting("", values.text, "Profile in the AWS configuration files to take credentials from.")
    s3_path_style: bool | None = setting(
        None, values.optional_boolean,
        "Name the bucket in the path (`true`) or in the host name (`false`); `auto`: path with `s3_endpoint`.",
    )  # fmt: skip
    s3_ca_bundle: str = setting("", values.text, "File with the certificate authorities to trust for the S3 service.")
    s3_proxy: str = setting("", network.http_url, "HTTP proxy on the way to the S3 service.")
    s3_connect_timeout: float = setting(5.0, values.seconds, "Seconds to wait for a connection to the S3 service.")
    s3_read_timeout: float = setting(60.0, values.seconds, "Seconds to wait for an answer of the S3 service.")
    s3_max_connections: int = setting(64, values.integer(1), "Connections to the S3 service at most.")
