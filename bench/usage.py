"""CPU time and memory of processes, from /proc.

Owns the reading of /proc (Linux only). Must never start or end a process.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
MIB, GIB = 2**20, 2**30


def _stat(pid: int) -> list[str]:
    """Give the fields of a process from the third one on: its name may hold blanks."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pid: int) -> float:
    """Give user and system time of a process with its threads, without its children."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICK


def peak_memory(pid: int) -> float:
    """Give the largest resident set of a process so far, in MiB."""
    for line in (_PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has no VmHWM")


def forget_peak(pid: int) -> None:
    """Let the largest resident set begin anew."""
    (_PROC / str(pid) / "clear_refs").write_text("5")


def _parents() -> dict[int, int]:
    found = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = int(_stat(int(entry.name))[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


class Watch:
    """CPU seconds from the making of this object on: ours, and those of programs that are not ours."""

    def __init__(self) -> None:
        self._began, self._busy, self._ours = time.monotonic(), _busy_seconds(), _our_seconds()

    def ours(self) -> float:
        """Give what this process and all its descendants took."""
        return _our_seconds() - self._ours

    def others(self) -> float:
        """Give what all others took, what a host took from a virtual machine included, in cores."""
        seconds = _busy_seconds() - self._busy - self.ours()
        return max(0.0, seconds / (time.monotonic() - self._began))


def wait_until_quiet(cores: float, at_most: float) -> None:
    """Wait until others take less than so many cores for half a second, or so many seconds have passed."""
    end = time.monotonic() + at_most
    while time.monotonic() < end:
        watch = Watch()
        time.sleep(0.5)
        if watch.others() < cores:
            return


def _busy_seconds() -> float:
    """Give what all cores did but idling, waiting and interrupts, which would count as nobody's."""
    fields = (_PROC / "stat").read_text().splitlines()[0].split()
    return sum(int(fields[index]) for index in (1, 2, 3, 8)) / _TICK


def _our_seconds() -> float:
    """Give what this process and all its descendants used, those that have ended included."""
    parents = _parents()
    total, generation = 0.0, [os.getpid()]
    while generation:
        for pid in generation:
            try:
                total += sum(int(field) for field in _stat(pid)[11:15]) / _TICK
            except (FileNotFoundError, ProcessLookupError):
                continue
        generation = [pid for pid, parent in parents.items() if parent in generation]
    return total
