"""What is done to the socket of a client, with and without TLS.

Owns the kernel's words for it. Must never know a connection's place in the server.
"""

from __future__ import annotations

import errno
import socket
import struct
from contextlib import suppress

NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
BROKEN_ALREADY = frozenset(
    {
        errno.ENETDOWN, errno.EPROTO, errno.ENOPROTOOPT, errno.EHOSTDOWN, errno.ENONET, errno.EHOSTUNREACH,
        errno.EOPNOTSUPP, errno.ENETUNREACH,
    }
)  # fmt: skip
"""What accept(2) passes on of a connection that has broken already."""


def limit_silence(sock: socket.socket, seconds: float) -> None:
    """Fail a read or write that moves no byte for a while; 0 is no limit.

    Kernel timeouts, because Python's own bounds a whole ``sendall``: a slow but living download of large
    blocks would be cut. TLS sockets know Python's alone.
    """
    if hasattr(sock, "context"):
        sock.settimeout(seconds or None)
        return
    wait = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)


def end(sock: socket.socket) -> None:
    """Make every wait of another thread on this socket end with an error or the end of the stream.

    Not ``SSLSocket.shutdown``: that drops the TLS state, and the other thread would go on to read ciphertext as if
    it were the body.
    """
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
