"""``python -m catalog.server.alive``: tells by its exit code whether the server of this container answers.

Owns the way to ask. Must never go through a proxy, nor judge whether the catalog is ready: that is ``/ready``.
"""

from __future__ import annotations

import os
import socket
import ssl
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection

_SECONDS = 4.0
_ANY: Mapping[str, str] = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Addresses that stand for all of a host -> where the host asks itself."""


def is_alive(variables: Mapping[str, str]) -> bool:
    """Ask the server that the variables ``CALOTYPE_BIND``, ``_CERT_FILE`` and ``_CA_FILE`` tell of."""
    host, _, port = variables["CALOTYPE_BIND"].rpartition(":")
    host = _ANY.get(host.strip("[]"), host.strip("[]"))
    try:
        if variables.get("CALOTYPE_CA_FILE"):  # it wants a certificate of us, which we do not have
            socket.create_connection((host, int(port)), _SECONDS).close()
            return True
        connection = _connection(host, int(port), bool(variables.get("CALOTYPE_CERT_FILE")))
        connection.request("GET", "/live")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


def _connection(host: str, port: int, tls: bool) -> HTTPConnection:
    if not tls:
        return HTTPConnection(host, port, timeout=_SECONDS)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is ourselves, by another name
    return HTTPSConnection(host, port, timeout=_SECONDS, context=context)


if __name__ == "__main__":
    sys.exit(0 if is_alive(os.environ) else 1)
