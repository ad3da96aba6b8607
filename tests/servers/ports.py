"""Finds free TCP ports on the loopback address.

Owns the choice of ports: what one process of the tests was given is no other one's as long as it lives. Must never
choose one that the kernel may give to an outgoing connection: a server that is stopped must get its port again.
"""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

_FIRST, _LAST = 12_000, 21_999
GRPC_OFFSET = 10_000
"""Some servers take a second port this much above the first."""


def _candidates() -> Iterator[int]:
    """Give all ports of the range, each process beginning somewhere else."""
    span = _LAST - _FIRST + 1
    begin = os.getpid() * 37 % span
    return (_FIRST + (begin + step) % span for step in range(span))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_ours(port: int) -> bool:
    """Take a port for this process, as a lock on one byte of a file that all processes of this user share."""
    try:
        fcntl.lockf(_taken, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


_taken = (Path(tempfile.gettempdir()) / f"calotype-test-ports-{os.getuid()}").open("ab")
_given = _candidates()


def free_port() -> int:
    """Give a port that is free together with the one ``GRPC_OFFSET`` above it; never the same one twice."""
    for port in _given:
        if _is_ours(port) and _is_free(port) and _is_free(port + GRPC_OFFSET):
            return port
    raise RuntimeError("no free port is left")
