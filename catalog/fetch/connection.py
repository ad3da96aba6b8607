"""One request to a judged address, and its answer.

Owns the connection: it goes to the address that the filter gave, while TLS and the header Host speak of the name.
Must never follow a redirect, use a proxy, or resolve a name.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from typing import cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from catalog.errors import Invalid
from catalog.fetch.addresses import Address
from catalog.fetch.guard import GuardedSocket, Patience, Timer
from catalog.fetch.url_filter import Target
from catalog.settings import Settings, SettingsError

_FAILURES = (HTTPError, http.client.HTTPException, OSError, ValueError)
_GATHER_SECONDS = 1.0
"""How long small pieces are gathered into one block."""


class Interrupted(Exception):
    """The source failed for now; the text may be shown to clients. ``wait``: seconds that the source asks for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


class Connector:
    """Makes connections as the settings say."""

    def __init__(self, settings: Settings, timer: Timer) -> None:
        """Read the authorities to trust. Raises SettingsError."""
        self._connect_timeout, self._patience, self._timer = settings.web_connect_timeout, Patience.of(settings), timer
        try:
            self._tls = ssl.create_default_context(cafile=settings.web_ca_bundle or None)
        except OSError as error:
            raise SettingsError(f"setting web_ca_bundle: {settings.web_ca_bundle}: {error.strerror}") from error
        # Some versions of Python set it, and then a forged end looks like TLS's own farewell.
        self._tls.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF

    def ask(self, method: str, target: Target, headers: Mapping[str, str]) -> Exchange:
        """Send a request and give the answer once its headers are in. Raises Interrupted, Invalid (certificate)."""
        connection = self._connect(target)
        sock = cast(socket.socket, connection.sock)
        guarded = GuardedSocket(sock, self._patience, self._timer)
        connection.sock = guarded
        sent = {**headers, "Host": target.parts.host_header, "Connection": "close"}
        try:
            connection.request(method, target.parts.path, headers=sent, preload_content=False, decode_content=False)
            response = connection.getresponse()
        except BaseException as error:
            sock.close()
            if isinstance(error, _FAILURES):
                raise Interrupted(_reason(error)) from error
            raise
        guarded.reads.headers_are_in()
        return Exchange(response, guarded, sock, self._timer)

    def _connect(self, target: Target) -> HTTPConnection:
        """Try the addresses one after the other."""
        failure: Exception | None = None
        for address in target.addresses:
            connection = self._new_connection(target, address)
            try:
                connection.connect()
            except ssl.SSLCertVerificationError as error:
                connection.close()
                raise Invalid("The certificate of the source cannot be verified") from error
            except _FAILURES as error:
                connection.close()
                failure = error
            else:
                return connection
        raise Interrupted("it cannot be reached") from failure

    def _new_connection(self, target: Target, address: Address) -> HTTPConnection:
        parts = target.parts
        if parts.scheme == "http":
            return HTTPConnection(str(address), parts.port, timeout=self._connect_timeout)
        return HTTPSConnection(
            str(address), parts.port, timeout=self._connect_timeout,
            ssl_context=self._tls, server_hostname=parts.host,
        )  # fmt: skip


class Exchange:
    """An answer whose body can be read once."""

    def __init__(self, response: HTTPResponse, guarded: GuardedSocket, sock: socket.socket, timer: Timer) -> None:
        self._response, self._guarded, self._sock, self._timer = response, guarded, sock, timer
        if isinstance(sock, ssl.SSLSocket):
            # An end without TLS's own farewell may be forged, and is an error where only the end tells the length.
            sock.suppress_ragged_eofs = False  # type: ignore[attr-defined]
        self._failure: Exception | None = None
        self.status = response.status
        self.headers = response.headers

    def read(self, most: int) -> bytes:
        """Give 1 to ``most`` bytes, b"" at the end of the answer. Raises Interrupted."""
        if self._failure is not None:
            raise Interrupted(_reason(self._failure)) from self._failure
        blocks: list[bytes] = []
        begin, left = self._timer(), most
        while left and (not blocks or self._timer() - begin < _GATHER_SECONDS):
            try:
                block = self._response.read1(left)
            except _FAILURES as error:
                self._failure = error
                if not blocks:
                    raise Interrupted(_reason(error)) from error
                break  # what came before it is good
            if not block:
                break
            blocks.append(block)
            left -= len(block)
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    def has_more(self) -> bool:
        """Tell whether anything follows what was read: within the answer, or behind it."""
        try:
            return bool(self.read(1)) or self._guarded.has_more()
        except Interrupted:
            return False

    def close(self) -> None:
        """Close the connection; a second time does nothing."""
        self._response.close()
        self._sock.close()


def _reason(error: BaseException) -> str:
    causes = (error, error.__cause__, error.__context__)
    slow = any(isinstance(cause, TimeoutError) for cause in causes)
    return "it is too slow or silent" if slow else "the connection broke"
