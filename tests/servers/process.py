"""A server as a child process: started, waited for, stopped, paused, killed, started again.

Owns the process group and its log file. Must never leave a process behind.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def find_program(name: str, install: str) -> str:
    """Find a program beside the running Python or on PATH; ``install`` says how to get a missing one."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} was not found; install it with: {install}")
    return found


class ServerProcess:
    """One server with everything that it starts, in a process group of its own."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._command = list(command)
        self._folder = folder
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / f"{Path(command[0]).name}.log"

    def start(self, is_ready: Callable[[], bool], timeout: float = 60.0) -> None:
        """Start it and wait until ``is_ready``; raises RuntimeError with the end of its log if that fails."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        atexit.register(self.kill)
        end = time.monotonic() + timeout
        while not is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                code = self._process.poll()
                self.kill()
                state = f"ended with {code}" if code is not None else f"not ready after {timeout:.0f} s"
                raise RuntimeError(f"{self._command[0]} {state}; its log {self.log} ends with:\n{self.log_end()}")
            time.sleep(0.05)

    def stop(self, timeout: float = 10.0) -> None:
        """Ask it to end, and kill it with its children if it does not."""
        if self._process is None:
            return
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
        self.kill()

    def kill(self) -> None:
        """End it and its children at once; one that is not running is no error."""
        atexit.unregister(self.kill)
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def running(self) -> bool:
        """Tell whether it was started and not ended by us."""
        return self._process is not None

    def pause(self) -> None:
        """Make it hang: connections are accepted, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after ``pause``."""
        self._signal(signal.SIGCONT)

    def log_end(self, size: int = 4000) -> str:
        """Give the last bytes of the log."""
        return self.log.read_bytes()[-size:].decode(errors="replace") if self.log.exists() else ""

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return
