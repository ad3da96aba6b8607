"""Answers that the routes of the Image API v1 share.

Owns an image as headers and as JSON. Must never know how it was found.
"""

from __future__ import annotations

from flask import Response

from catalog.api.http import json_answer
from catalog.api.v1.headers import PROPERTY_PREFIX, header_name, header_value
from catalog.model import Image
from catalog.service.v1.view import fields_of, full_view, properties_of

GROUP = "V1"


def errors(*statuses: int) -> dict[int, str]:
    """Describe errors of a call."""
    return dict.fromkeys(statuses, "error")


def image_answer(image: Image, status: int = 200) -> Response:
    """Answer an image as JSON."""
    made = json_answer({"image": full_view(image)}, status)
    add_etag(made, image)
    return made


def add_etag(answer: Response, image: Image) -> None:
    """Let the answer carry the checksum of the data, where it is known."""
    if image.checksum is not None:
        answer.set_etag(image.checksum)


def add_meta(answer: Response, image: Image) -> None:
    """Let the answer carry the image in its headers; what is null is left out."""
    for name, value in fields_of(image).items():
        if value is not None:
            answer.headers[header_name(name)] = header_value(str(value))
    for name, text in properties_of(image).items():
        if text is not None:
            answer.headers[header_name(name, PROPERTY_PREFIX)] = header_value(text)
    add_etag(answer, image)
