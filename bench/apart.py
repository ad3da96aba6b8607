"""Clients in processes of their own, let go at the same time.

Owns the client processes. Must never do a client's work itself: its interpreter would be measured, too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

Job = Mapping[str, Any]
"""``run``: "module:function", which prepares and gives the function to time; the other items are its arguments."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one client did; times are those of the machine's monotonic clock."""

    began: float
    ended: float
    values: list[float]


def run_at_once(
    jobs: Sequence[Job], environment: Mapping[str, str], before: Callable[[], None] = lambda: None
) -> list[Outcome]:
    """Run every job in its own process; ``before`` is called when all are ready, before the first may go."""
    with ExitStack() as stack:
        clients = [stack.enter_context(_client(environment)) for _ in jobs]
        for client, job in zip(clients, jobs, strict=True):
            _tell(client, json.dumps(job))
        for client in clients:
            _hear(client)
        before()
        for client in clients:
            _tell(client, "go")
        return [Outcome(**json.loads(_hear(client))) for client in clients]


def seconds(outcomes: Sequence[Outcome]) -> float:
    """Give the time from the first beginning to the last end."""
    return max(outcome.ended for outcome in outcomes) - min(outcome.began for outcome in outcomes)


def _client(environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.client"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **environment},
        text=True,
    )


def _tell(client: subprocess.Popen[str], line: str) -> None:
    if client.stdin is not None:
        client.stdin.write(line + "\n")
        client.stdin.flush()


def _hear(client: subprocess.Popen[str]) -> str:
    line = client.stdout.readline() if client.stdout is not None else ""
    if not line:
        raise RuntimeError(f"a client ended with code {client.wait()}; what it said is above")
    return line
