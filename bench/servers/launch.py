"""Starts each compared server on a port with the same limits.

``python -m bench.servers.launch NAME PORT`` runs one in the foreground, as
one application process; ``running`` does it as a child process for a test.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from .app import app

THREADS = 400
SOCKET_TIMEOUT = 10
DRAIN = 4
SERVERS = ["gunicorn", "gunicorn-worker", "cheroot", "waitress", "granian", "gevent"]


def _gunicorn(port: int, worker: str) -> None:
    os.execv(
        sys.executable,
        [
            sys.executable,
            "-m",
            "gunicorn",
            "-w",
            "1",
            "-k",
            worker,
            "--threads",
            str(THREADS),
            "--worker-connections",
            "2000",
            "--keep-alive",
            "15",
            "--backlog",
            "1024",
            "--graceful-timeout",
            str(DRAIN if worker == "gthread" else DRAIN + 4),
            "--timeout",
            "60",
            "--log-level",
            "error",
            "--no-control-socket",
            "-b",
            f"127.0.0.1:{port}",
            "bench.servers.app:app",
        ],
    )


def _cheroot(port: int) -> None:
    from cheroot import wsgi

    server = wsgi.Server(
        ("127.0.0.1", port),
        app,
        numthreads=THREADS,
        request_queue_size=1024,
        timeout=SOCKET_TIMEOUT,
        shutdown_timeout=DRAIN,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.start()
    except (KeyboardInterrupt, SystemExit):
        server.stop()


def _waitress(port: int) -> None:
    import waitress

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    waitress.serve(
        app,
        listen=f"127.0.0.1:{port}",
        threads=THREADS,
        connection_limit=2000,
        channel_timeout=SOCKET_TIMEOUT,
        max_request_body_size=1 << 40,
        backlog=1024,
    )


def _granian(port: int) -> None:
    os.execv(
        sys.executable,
        [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--workers",
            "1",
            "--blocking-threads",
            str(THREADS),
            "--backlog",
            "1024",
            "--backpressure",
            "2000",
            "--workers-kill-timeout",
            str(DRAIN),
            "--http",
            "1",
            "--http1-header-read-timeout",
            "10000",
            "--log-level",
            "error",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "bench.servers.app:app",
        ],
    )


def _gevent(port: int) -> None:
    from gevent import monkey

    monkey.patch_all()
    import gevent
    from gevent.event import Event
    from gevent.pywsgi import WSGIServer

    server, stopped = WSGIServer(("127.0.0.1", port), app, log=None, backlog=1024, spawn=2000), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stopped.set)
    server.start()
    stopped.wait()
    server.stop(DRAIN)


def main(name: str, port: int) -> None:
    """Run one server in this process."""
    if name.startswith("gunicorn"):
        _gunicorn(port, "gthread" if name == "gunicorn" else "bench.servers.limited_worker.LimitedWorker")
    {"cheroot": _cheroot, "waitress": _waitress, "granian": _granian, "gevent": _gevent}[name](port)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def running(name: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server accepting connections on a fresh port; (port, process)."""
    port = _free_port()
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.servers.launch", name, str(port)],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as probe:
                probe.sendall(b"GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                probe.settimeout(2)
                if probe.recv(100):
                    break
            time.sleep(0.1)
        yield port, child
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(DRAIN + 8)
        except subprocess.TimeoutExpired:
            with open(f"/proc/{child.pid}/task/{child.pid}/children", encoding="ascii") as kids:
                for pid in kids.read().split():
                    os.kill(int(pid), signal.SIGKILL)
            child.kill()
            child.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
