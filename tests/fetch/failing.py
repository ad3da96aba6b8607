"""What a source gives, and how a fetch from it fails."""

from __future__ import annotations

import pytest

from catalog.errors import CatalogError
from tests.fetch.conftest import Fetching

DATA = bytes(range(256)) * 400


def failure(fetching: Fetching, url: str) -> CatalogError:
    with pytest.raises(CatalogError) as caught:
        fetching.read(url)
    for secret in ("127.0.0.1", "10.0.0", "secret", "::1"):
        assert secret not in caught.value.message
    return caught.value
