"""What tests say to the Image API v1.

Owns the writing of metadata headers. Must never assert anything beyond what every test rests on.
"""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.api.support import ALICE, OCTETS, TEN, Api

PREFIX = "x-image-meta-"
PROPERTY = "x-image-meta-property-"


def headers(**meta: Any) -> dict[str, str]:
    """Give headers for fields and, for names that begin with ``property_``, properties."""
    named = {name.replace("property_", "property-", 1): value for name, value in meta.items()}
    return {f"{PREFIX}{name}": str(value) for name, value in named.items()}


def bare(**meta: Any) -> dict[str, str]:
    """Give headers of an image that takes any bytes."""
    return headers(**{"disk_format": "raw", "container_format": "bare", **meta})


def send(
    api: Api, method: str, path: str, given: dict[str, str], who: str = ALICE, data: Any = None, **more: Any
) -> TestResponse:
    """Send metadata, and data where there are any."""
    if data is not None:
        more = {"content_type": OCTETS, "data": data, **more}
    return api.call(method, path, who, headers=given, **more)


def create(api: Api, given: dict[str, str], who: str = ALICE, data: Any = None, **more: Any) -> TestResponse:
    return send(api, "POST", "/v1/images", given, who, data, **more)


def update(
    api: Api, image_id: str, given: dict[str, str], who: str = ALICE, data: Any = None, **more: Any
) -> TestResponse:
    return send(api, "PUT", f"/v1/images/{image_id}", given, who, data, **more)


def made(answer: TestResponse) -> dict[str, Any]:
    """Give the image of an answer that has to be a success."""
    assert answer.status_code in (200, 201), answer.text
    image: dict[str, Any] = answer.json["image"]
    return image


def queued(api: Api, who: str = ALICE, **meta: Any) -> str:
    """Give the id of a reserved image."""
    return str(made(create(api, bare(**meta), who))["id"])


def active(api: Api, who: str = ALICE, data: bytes = TEN, **meta: Any) -> str:
    """Give the id of an image with data."""
    image = made(create(api, bare(**meta), who, data))
    assert image["status"] == "active"
    return str(image["id"])


def status(api: Api, image_id: str) -> str:
    return api.record(image_id).status


def meta_of(answer: TestResponse) -> dict[str, str]:
    """Give the metadata in the headers of an answer, names in lower case."""
    return {
        name.lower().removeprefix(PREFIX): value
        for name, value in answer.headers.items()
        if name.lower().startswith(PREFIX)
    }


def listed(api: Api, query: str = "", who: str = ALICE) -> list[str]:
    """Give the ids of a detailed list, in order."""
    answer = api.get(f"/v1/images/detail{query}", who)
    assert answer.status_code == 200, answer.text
    return [image["id"] for image in answer.json["images"]]
