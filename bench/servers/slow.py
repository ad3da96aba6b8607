"""Quick calls while many connections are idle or very slow."""

import socket
import statistics
import threading
import time

from . import rawhttp


class Crowd:
    """Idle, header-trickling, slowly uploading and slowly reading clients."""

    def __init__(self, port: int, idle: int, headers: int, uploads: int, downloads: int) -> None:
        self._stop = threading.Event()
        self._idle = [rawhttp.connect(port) for _ in range(idle)]
        self._heads = [rawhttp.connect(port) for _ in range(headers)]
        self._uploads = [rawhttp.connect(port) for _ in range(uploads)]
        self._downloads = [rawhttp.connect(port) for _ in range(downloads)]
        for sock in self._uploads:
            sock.sendall(rawhttp.head("PUT", "/sink?id=crowd", "Content-Length: 99999999"))
        for sock in self._downloads:
            sock.sendall(rawhttp.head("GET", "/blob?mib=64&id=crowd"))
        self._thread = threading.Thread(target=self._trickle)
        self._thread.start()

    def _trickle(self) -> None:
        line = rawhttp.head("GET", "/quick?" + "x" * 200)
        for second in range(10**6):
            for sock in self._heads:
                self._try(sock, line[second % 200 : second % 200 + 1])
            for sock in self._uploads:
                self._try(sock, bytes(3000))
            for sock in self._downloads:
                self._try(sock, b"")
            if self._stop.wait(1):
                return

    @staticmethod
    def _try(sock: socket.socket, data: bytes) -> None:
        try:
            if data:
                sock.sendall(data)
            else:
                sock.recv(3000)
        except OSError:
            pass

    def close(self) -> None:
        """Hang up everything."""
        self._stop.set()
        self._thread.join()
        for sock in self._idle + self._heads + self._uploads + self._downloads:
            sock.close()


def _quick(port: int, seconds: float) -> tuple[list[float], int]:
    times, failed, end = [], 0, time.time() + seconds
    while time.time() < end:
        begin = time.time()
        try:
            rawhttp.get_json(port, "/quick", 15)
            times.append((time.time() - begin) * 1000)
        except (OSError, ValueError, IndexError):
            failed += 1
        time.sleep(0.02)
    return times, failed


def run(port: int, idle: int, headers: int, seconds: float = 6) -> str:
    """Median and worst latency of quick calls beside such a crowd."""
    crowd = Crowd(port, idle, headers, 30, 30)
    try:
        times, failed = _quick(port, seconds)
    finally:
        crowd.close()
    if not times:
        return f"none answered, {failed} failed"
    return f"median {statistics.median(times):.0f} ms max {max(times):.0f} ms, {failed} failed"
