"""What all servers of the tests have in common that are programs of others.

Owns a server's folder, its port, its log and its life. Must never leave a process or a temporary folder behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.servers.ports import free_port
from tests.servers.process import ProcessGroup

_STOP_SECONDS = 10.0


class Server(ABC):
    """A server on the loopback address; use it in a ``with``. Ended and started again, it has the same data and port.

    Its folder is a temporary one if none is given.
    """

    start_seconds = 120.0
    """How long it may take until it answers."""

    def __init__(self, folder: Path | None = None, port: int | None = None) -> None:
        name = type(self).__name__.lower()
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix=f"{name}-")
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self._log = self.folder / f"{name}.log"
        self._group: ProcessGroup | None = None

    @property
    def running(self) -> bool:
        """Tell whether it was started and not ended by us."""
        return self._group is not None and not self._group.killed

    def start(self) -> None:
        """Start it and wait until it answers; raises RuntimeError with the end of its log if it does not."""
        self._group = ProcessGroup(self._command(), self.folder, {**os.environ, **self._variables()}, self._log)
        self._group.wait_until(self._answers, self.start_seconds, self.log_end)

    def stop(self) -> None:
        """Ask it to end, and kill it if it does not; the data stay."""
        if self._group is not None:
            self._group.send(signal.SIGCONT)
            self._group.send(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._group.wait(_STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it at once; what it had on disk stays. One that is not running is no error."""
        if self._group is not None:
            self._group.kill()

    def pause(self) -> None:
        """Make it hang: connections are accepted, nothing is answered."""
        if self._group is not None:
            self._group.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after ``pause``."""
        if self._group is not None:
            self._group.send(signal.SIGCONT)

    def log_end(self, size: int = 4000) -> str:
        """Give the last bytes of its log."""
        return self._log.read_bytes()[-size:].decode(errors="replace") if self._log.exists() else ""

    def __enter__(self) -> Self:
        self._prepare()
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()
        self._clean_up()
        if self._temporary:
            self._temporary.cleanup()

    @abstractmethod
    def _command(self) -> list[str]:
        """Give its command line, the same one each time."""

    @abstractmethod
    def _answers(self) -> bool:
        """Tell whether it does its work by now."""

    def _variables(self) -> dict[str, str]:
        """Give the variables that it gets beside ours."""
        return {}

    def _prepare(self) -> None:  # noqa: B027, for many have nothing to prepare
        """Do what has to be done once, before the first start."""

    def _clean_up(self) -> None:  # noqa: B027, for most leave nothing
        """Remove what it left outside its folder."""
