"""The prepared process that forks servers, as tests use it.

Owns its pipe and the groups of processes that it made. Must never kill by name.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Running:
    """One server: ``pid`` leads the group of its processes."""

    pid: int
    url: str

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


class Servers:
    """``with Servers(environment, log) as servers: servers.fork(settings, at=7)``; one server at a time."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        self._running: Running | None = None
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CALOTYPE_", "AWS_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kill.victim"],
            env={**kept, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def fork(self, settings: Mapping[str, Any], at: int, after: bool) -> Running:
        """Start a server that ends at its ``at``-th write, never of itself if that is 0."""
        order = {"settings": dict(settings), "at": at, "after": after, "log": str(self._log)}
        answer = self._say(json.dumps(order))
        self._running = Running(answer["pid"], answer["url"])
        return self._running

    def bury(self) -> None:
        """Kill the server if it still runs, and wait for its end; one that ended in another way was never a victim."""
        if self._running is not None:
            self._running.kill()
            self._running = None
            assert self._say("bury")["killed"], f"the server ended by itself:\n{self._log.read_text()[-4000:]}"

    def _say(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        heard = self._process.stdout.readline()
        assert heard, f"the forking process ended; see {self._log}"
        answer: dict[str, Any] = json.loads(heard)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._running is not None:
            self._running.kill()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
