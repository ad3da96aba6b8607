"""``calotype serve`` as the process that users start, for end-to-end tests and benchmarks.

Owns the process group, its folder and what it printed. Must never pass on settings or credentials of the caller's
own environment.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.servers.ports import free_port
from tests.servers.process import ProcessGroup, find_program

_FOREIGN = ("CALOTYPE_", "AWS_", "OS_")
READY = "Calotype listens on "


class Calotype:
    """One catalog: a parent and its worker, in a folder of its own. ``with Calotype(store=…) as catalog:``.

    Settings are keywords and go by ``CALOTYPE_*`` variables, ``options`` are further words of the command line.
    """

    def __init__(
        self,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        **settings: Any,
    ) -> None:
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="calotype-")
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.options = list(options)
        self.settings = {"bind": f"127.0.0.1:{self.port}", **settings}
        self.environment = dict(environment or {})
        self.stdout, self.stderr = self.folder / "stdout.log", self.folder / "stderr.log"
        self._group: ProcessGroup | None = None
        self._read_from = 0

    @property
    def url(self) -> str:
        """The address of the catalog."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The parent process."""
        return self._started.pid

    @property
    def worker_pid(self) -> int:
        """The serving process."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        if len(children) != 1:
            raise RuntimeError(f"calotype has {len(children)} workers; it printed:\n{self.printed()}")
        return int(children[0])

    @property
    def peak_memory(self) -> int:
        """The most memory that the serving process ever had, in bytes."""
        status = Path(f"/proc/{self.worker_pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def launch(self) -> None:
        """Start the process and do not wait."""
        settings = {f"CALOTYPE_{name.upper()}": str(value) for name, value in self.settings.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        command = [find_program("calotype", "pip install -e ."), "serve", *self.options]
        self._read_from = self.stdout.stat().st_size if self.stdout.exists() else 0
        variables = {**kept, "HOME": str(self.folder), **settings, **self.environment}
        self._group = ProcessGroup(command, self.folder, variables, self.stdout, self.stderr)

    def start(self, timeout: float = 120.0) -> Self:
        """Start it and wait for its greeting; raises RuntimeError with what it printed if none comes."""
        self.launch()
        self._started.wait_until(lambda: READY in self.greeting, timeout, self.printed)
        return self

    @property
    def greeting(self) -> str:
        """What this run printed on standard output."""
        return self.stdout.read_bytes()[self._read_from :].decode()

    @property
    def exit_code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._group.exit_code if self._group else None

    def wait(self, timeout: float) -> int:
        """Wait for its end and give the exit code; raises RuntimeError if it goes on."""
        try:
            code = self._started.wait(timeout)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"calotype did not end in {timeout:.0f} s; it printed:\n{self.printed()}") from None
        self._started.kill()
        return code

    def interrupt(self) -> None:
        """Do what Ctrl-C in a terminal does: SIGINT to the whole group."""
        os.killpg(self.pid, signal.SIGINT)

    def hang_up(self) -> None:
        """Do what closing the terminal does: SIGHUP to the whole group."""
        os.killpg(self.pid, signal.SIGHUP)

    def terminate(self) -> None:
        """Do what a supervisor does: SIGTERM to the parent."""
        os.kill(self.pid, signal.SIGTERM)

    def kill_worker(self) -> None:
        """End the serving process at once, and wait until it is gone; the parent starts another one."""
        worker = self.worker_pid
        os.kill(worker, signal.SIGKILL)
        while _is_alive(worker):
            time.sleep(0.01)

    def stop(self, timeout: float = 120.0) -> int:
        """End it in good order and give the exit code."""
        self.terminate()
        return self.wait(timeout)

    def kill(self) -> None:
        """End parent and worker at once, as a power cut does; one that is not running is no error."""
        if self._group is not None:
            self._group.kill()

    @property
    def _started(self) -> ProcessGroup:
        if self._group is None:
            raise RuntimeError("calotype was not started")
        return self._group

    def log_lines(self) -> list[dict[str, Any]]:
        """Give the log of all runs, one object a line; lines that are no JSON are left out."""
        lines = []
        for line in self.stderr.read_text(errors="replace").splitlines():
            with suppress(json.JSONDecodeError):
                lines.append(json.loads(line))
        return [line for line in lines if isinstance(line, dict)]

    def printed(self, size: int = 6000) -> str:
        """Give the end of all that it printed, for people."""
        texts = [path.read_bytes()[-size:].decode(errors="replace") for path in (self.stdout, self.stderr)]
        return "\n".join(texts)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: object, *exc: object) -> None:
        self.kill()
        if kind is not None:
            print(f"calotype at {self.url} printed:\n{self.printed()}")
        if self._temporary:
            self._temporary.cleanup()


def _is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
