"""The end of a listening socket: a connection is taken and served, or refused, and none is lost in between.

Owns the socket filter that keeps new connections out. Must never serve one. The kernel completes connections before
they are accepted; those that wait when the socket is closed are reset, though their clients may have sent a request.
"""

from __future__ import annotations

import ctypes
import selectors
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress

_ATTACH_FILTER, _DETACH_FILTER = 26, 27
"""SO_ATTACH_FILTER and SO_DETACH_FILTER (Linux, socket(7)); Python does not name them."""
_LET_NO_SYN_PASS = (
    (0x30, 0, 0, 13),  # load the byte of the TCP header with the flags (RFC 9293, section 3.1)
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone?
    (0x06, 0, 0, 0),  # drop it: the client sends it again in a second, and is refused then
    (0x06, 0, 0, 0xFFFF),  # let all else pass: handshakes that have begun end well
)
_HANDSHAKE_SECONDS = 0.01
"""How long a handshake that has begun may take to end, in a data centre."""
_MOST_SECONDS = 1.0
"""For systems without such filters, where connections go on coming."""


def close_listener(listener: socket.socket, accept: Callable[[socket.socket], None]) -> None:
    """Close a socket that listens without blocking, after ``accept`` was called for each connection that waits."""
    _keep_new_out(listener)
    until = time.monotonic() + _MOST_SECONDS
    with selectors.DefaultSelector() as waiting:
        waiting.register(listener, selectors.EVENT_READ)
        while waiting.select(_HANDSHAKE_SECONDS) and time.monotonic() < until:
            accept(listener)
    listener.close()


def let_new_in(listener: socket.socket) -> None:
    """Undo the filter: a process that ended has left the socket to the next one."""
    with suppress(OSError):  # mostly there is none
        listener.setsockopt(socket.SOL_SOCKET, _DETACH_FILTER, 0)


def _keep_new_out(listener: socket.socket) -> None:
    steps = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _LET_NO_SYN_PASS))
    program = struct.pack("HP", len(_LET_NO_SYN_PASS), ctypes.addressof(steps))
    with suppress(OSError):  # then a connection can be lost in the moment of closing
        listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
