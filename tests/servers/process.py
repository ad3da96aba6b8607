"""A program as a child process with all that it starts: waited for, signalled, ended.

Owns the process group. Must never leave a process behind.
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
from contextlib import suppress
from pathlib import Path

_LOOK = 0.03
"""Seconds between two looks whether a server is ready."""


def find_program(name: str, install: str) -> str:
    """Find a program beside the running Python or on PATH; ``install`` says how to get a missing one."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} was not found; install it with: {install}")
    return found


class ProcessGroup:
    """A running command with all that it starts. What it prints is added to ``out``; its errors too, or to ``err``."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], out: Path, err: Path | None = None
    ) -> None:
        self._name = Path(command[0]).name
        with out.open("ab") as stdout, (err or out).open("ab") as stderr:
            self._leader = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        self.killed = False
        atexit.register(self.kill)

    @property
    def pid(self) -> int:
        """The process that leads the group."""
        return self._leader.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code of the leader, None while it runs."""
        return self._leader.poll()

    def wait_until(self, is_ready: Callable[[], bool], timeout: float, printed: Callable[[], str]) -> None:
        """Wait until ``is_ready``; else kill it, and raise RuntimeError with what it printed."""
        end = time.monotonic() + timeout
        try:
            while not is_ready():
                code = self.exit_code
                if code is not None or time.monotonic() > end:
                    state = f"was not ready after {timeout:.0f} s" if code is None else f"ended with {code}"
                    raise RuntimeError(f"{self._name} {state}; it printed:\n{printed()}")
                time.sleep(_LOOK)
        except BaseException:
            self.kill()
            raise

    def wait(self, timeout: float) -> int:
        """Wait for the end of the leader and give its exit code; raises subprocess.TimeoutExpired if it goes on."""
        return self._leader.wait(timeout)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all of them; that none is left is no error."""
        if not self.killed:  # else the number may be another's by now
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """End all of them at once; that none is left is no error."""
        self.send(signal.SIGKILL)
        self._leader.wait()
        self.killed = True
        atexit.unregister(self.kill)
