"""What tests ask a catalog with an image cache."""

from __future__ import annotations

from typing import Any

from tests.api.support import ROOT, Api


def settle(api: Api) -> None:
    """Wait until the cache has written what downloads brought."""
    api.catalog.services.prefetcher._cache.settle(20)


def view(api: Api) -> dict[str, Any]:
    answer = api.get("/v2/cache", ROOT)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def cached_ids(api: Api) -> list[str]:
    return [row["image_id"] for row in view(api)["cached_images"]]


def download(api: Api, image_id: str, **headers: str) -> None:
    assert api.get_file(image_id, ROOT, **headers).status_code in (200, 206)
    settle(api)
