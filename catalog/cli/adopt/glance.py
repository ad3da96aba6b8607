"""A running Glance, read through its Image API by openstacksdk.

Owns its calls and paging. The JSON is taken as it is, for the SDK's own image objects rename and drop fields. Must
never write to it. Who it speaks as comes from ``clouds.yaml`` or ``OS_*`` variables, as for every client.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import openstack
import requests
from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException

from catalog.service.adopt.source import SourceFailed, View

_PAGE = 1000
_BLOCK = 2**20
_LISTS: Sequence[Mapping[str, str]] = ({"visibility": "all"}, {"visibility": "all", "os_hidden": "true"})
"""Both are needed: hidden images are in no other list."""
_UNTOLD = frozenset({403, 404, 405})
"""Answers of a service that is too old to tell locations, or does not tell them to us."""


class Glance:
    """One image service; ``cloud`` is its name in ``clouds.yaml``, None leaves it to ``OS_*`` variables."""

    def __init__(self, cloud: str | None = None) -> None:
        """Raises SourceFailed if it cannot be found or refuses to let us in."""
        with _errors("the image service"):
            self._api = openstack.connect(cloud=cloud).image
            self.url = str(self._api.get_endpoint())

    def images(self) -> Iterator[View]:
        """Give all images."""
        for query in _LISTS:
            parameters: dict[str, Any] | None = {**query, "limit": _PAGE, "sort": "created_at:asc,id:asc"}
            while parameters:
                page = self._json("/images", parameters)
                yield from page["images"]
                parameters = dict(parse_qsl(urlsplit(page["next"]).query)) if page.get("next") else None

    def image(self, image_id: str) -> View:
        """Give one image."""
        return self._json(f"/images/{image_id}")

    def members(self, image_id: str) -> Sequence[View]:
        """Give the members of a shared image."""
        members: Sequence[View] = self._json(f"/images/{image_id}/members")["members"]
        return members

    def locations(self, image_id: str) -> Sequence[View]:
        """Give the locations where the service tells them to us."""
        with _errors(f"locations of image {image_id}"):
            answer = self._api.get(f"/images/{image_id}/locations")
            if answer.status_code in _UNTOLD:
                return ()
            found: Sequence[View] = _succeeded(answer).json()
            return found

    @contextmanager
    def data(self, image_id: str) -> Iterator[Iterator[bytes]]:
        """Open the data of an image; a transfer that breaks off raises."""
        with _errors(f"data of image {image_id}"), self._api.get(f"/images/{image_id}/file", stream=True) as answer:
            yield _succeeded(answer).iter_content(_BLOCK)

    def _json(self, path: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        with _errors(path):
            found: dict[str, Any] = _succeeded(self._api.get(path, params=parameters)).json()
            return found


def _succeeded(answer: requests.Response) -> requests.Response:
    if not answer.ok:
        raise SourceFailed(f"the image service answers {answer.status_code} {answer.reason}")
    return answer


@contextmanager
def _errors(what: str) -> Iterator[None]:
    try:
        yield
    except (ClientException, SDKException, requests.RequestException, ValueError, KeyError) as error:
        raise SourceFailed(f"{what}: {type(error).__name__}: {error}") from error
