"""Temporary URLs: requests that a key allows until a time, by the server's own clock.

Owns the key and the signature. Must never put either into a text.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from swiftclient.utils import generate_temp_url

from backends.swift.place import SwiftPlace
from catalog.clock import NewId
from catalog.store.errors import NotSupported, StoreError

_CONTAINER = "X-Container-Meta-Temp-URL-Key"
_ACCOUNT = "X-Account-Meta-Temp-URL-Key"


class TempUrls:
    """Signs for one place; the key is the one that is set, else the account's, else the container's.

    ``digest`` is a way to sign that the server takes.
    """

    def __init__(self, place: SwiftPlace, new_token: NewId) -> None:
        self._place, self._new_token = place, new_token
        self._lock = threading.Lock()
        self._key = place.client.temp_url_key
        self.digest = "sha256"

    def url(self, method: str, container: str, name: str, until: int) -> str:
        """Give the URL; ``until`` is in seconds since 1970. Raises NotSupported without a key."""
        path = self._place.client.path(container, self._place.prefix + name)
        signed = generate_temp_url(path, str(until), self._secret(), method, absolute=True, digest=self.digest)
        return f"{self._place.client.endpoint}{signed}"

    def prepare(self) -> None:
        """Make sure that there is a key: a random one of the containers' own, if nobody set another."""
        with suppress(NotSupported):
            self._secret()
            return
        key = self._new_token() + self._new_token()
        # The container comes last: it is the one that is asked for a key, so a crash before it is made good.
        for container in (self._place.segments, self._place.container):
            self._place.at("POST", container, headers={_CONTAINER: key})

    def forget(self) -> None:
        """Ask for the key again at the next use, unless it is a setting."""
        with self._lock:
            self._key = self._place.client.temp_url_key

    def _secret(self) -> str:
        with self._lock:
            if not self._key:
                self._key = self._ask()
            return self._key

    def _ask(self) -> str:
        with suppress(StoreError):
            if key := self._place.client.call("HEAD", "", "HEAD account").headers.get(_ACCOUNT):
                return str(key)
        if key := self._place.at("HEAD", self._place.container).headers.get(_CONTAINER):
            return str(key)
        raise NotSupported(f"swift://{self._place.container}: there is no key for temporary URLs")
