"""HAProxy, from Debian, with the configuration that the project hands out.

Owns the addresses in it. Must never change what the configuration says otherwise, but for the pace of its looks and
how long they wait for an answer: a node that gets no processor for a while is not down.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from pathlib import Path

from tests.servers.process import find_program
from tests.servers.server import Server

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "haproxy" / "haproxy.cfg"


class HAProxy(Server):
    """A balancer before servers on this host."""

    def __init__(self, folder: Path, ports: Sequence[int], seconds_between_looks: str = "100ms") -> None:
        super().__init__(folder)
        text = CONFIGURATION.read_text(encoding="utf-8")
        text = text.replace("bind 0.0.0.0:9292", f"bind 127.0.0.1:{self.port}")
        text = text.replace("inter 1s", f"inter {seconds_between_looks}")
        text = text.replace("timeout connect 2s", "timeout connect 60s").replace(
            "timeout check 4s", "timeout check 60s"
        )
        for address, port in zip(re.findall(r"10\.0\.0\.\d:9292", text), ports, strict=True):
            text = text.replace(address, f"127.0.0.1:{port}")
        self._socket = folder / "control.sock"
        text = text.replace("global\n", f"global\n    stats socket {self._socket} mode 600 level user\n", 1)
        self._configuration = folder / "haproxy.cfg"
        self._configuration.write_text(text, encoding="utf-8")

    @property
    def url(self) -> str:
        """The address of the balancer."""
        return f"http://127.0.0.1:{self.port}"

    def states(self) -> dict[str, str]:
        """Give ``UP`` or ``DOWN`` of every server by name."""
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self._socket))
            control.sendall(b"show stat\n")
            text = b"".join(iter(lambda: control.recv(2**16), b"")).decode()
        rows = [line.split(",") for line in text.splitlines() if line.startswith("nodes,")]
        return {row[1]: row[17].split()[0] for row in rows if row[1] != "BACKEND"}

    def _command(self) -> list[str]:
        return [find_program("haproxy", "apt-get install haproxy"), "-db", "-f", str(self._configuration)]

    def _answers(self) -> bool:
        try:
            return bool(self.states())
        except OSError:
            return False
