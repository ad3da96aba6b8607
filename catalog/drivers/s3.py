"""A bucket of an S3 server as a store.

Owns the meaning of its settings. Must never make a request.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from backends.s3 import S3Store
from backends.s3.client import S3Options, make_client
from catalog.settings import Settings
from catalog.store.interface import ObjectStore


def open_driver(settings: Settings, home: bool) -> ObjectStore:
    """Open the bucket that the settings name. Raises Denied, NotSupported."""
    parts = urlsplit(settings.store)
    options = S3Options(
        endpoint=settings.s3_endpoint or None,
        region=settings.s3_region or None,
        profile=settings.s3_profile or None,
        path_style=settings.s3_path_style,
        ca_bundle=settings.s3_ca_bundle or None,
        proxy=settings.s3_proxy or None,
        connect_timeout=settings.s3_connect_timeout,
        read_timeout=settings.s3_read_timeout,
        max_connections=settings.s3_max_connections,
    )
    return S3Store(make_client(options), parts.netloc, parts.path.strip("/"))
