"""The image services that a token's catalog names (``X-Service-Catalog``).

Owns how the catalog is read. Must never connect to what it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

_SUFFIX = "URL"
_SERVICE = "image"


@lru_cache(maxsize=256)
def image_endpoints(catalog: str) -> Mapping[tuple[str, str], str]:
    """Give the address of each image service by region, in lower case, and interface (``public``, ``internal``, ...).

    What is not as it should be is left out: a catalog never makes a request fail that does not need it.
    """
    try:
        services: Any = orjson.loads(catalog)
    except orjson.JSONDecodeError:
        return {}
    endpoints = [
        endpoint
        for service in (services if isinstance(services, list) else ())
        if isinstance(service, dict) and service.get("type") == _SERVICE
        for endpoint in service.get("endpoints") or ()
        if isinstance(endpoint, dict)
    ]
    return {
        (str(endpoint.get("region", "")).lower(), name.removesuffix(_SUFFIX)): address
        for endpoint in endpoints
        for name, address in endpoint.items()
        if name.endswith(_SUFFIX) and isinstance(address, str)
    }
