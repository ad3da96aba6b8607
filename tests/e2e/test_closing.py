"""A listening socket that closes loses no connection."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest

from catalog.server import closing


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.setblocking(False)
        yield made


def connect(listener: socket.socket) -> socket.socket:
    return socket.create_connection(listener.getsockname(), timeout=60)


def test_connections_that_wait_are_taken_and_later_ones_refused(listener: socket.socket) -> None:
    waiting = [connect(listener) for _ in range(5)]
    address, taken = listener.getsockname(), []
    closing.close_listener(listener, lambda given: taken.append(given.accept()[0]))
    for client, server in zip(waiting, taken, strict=True):
        server.sendall(b"answer")
        assert client.recv(10) == b"answer"
        client.close()
        server.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=60)


def test_connections_that_go_on_coming_do_not_hold_it_open(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a system that knows no such filter."""
    monkeypatch.setattr(closing, "_keep_new_out", lambda listener: None)
    monkeypatch.setattr(closing, "_MOST_SECONDS", 0.2)
    clients = [connect(listener)]

    def accept(given: socket.socket) -> None:
        given.accept()[0].close()
        clients.append(connect(listener))

    closing.close_listener(listener, accept)
    assert len(clients) > 1
    for client in clients:
        client.close()


def test_a_new_connection_waits_until_it_is_let_in(listener: socket.socket) -> None:
    closing._keep_new_out(listener)
    with socket.socket() as client:
        client.setblocking(False)
        assert client.connect_ex(listener.getsockname()) == errno.EINPROGRESS
        with pytest.raises(BlockingIOError):
            listener.accept()
        closing.let_new_in(listener)
        listener.settimeout(60)
        listener.accept()[0].close()  # the client has sent its SYN again
