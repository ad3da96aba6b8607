"""One client in a process of its own: ``python -m bench.client``, started by ``bench.apart``.

Owns the talk with the parent: a job comes in, the client gets ready, waits for the word, and tells what it did. Must
never import more than its job needs.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable


def main() -> None:
    """Do one job."""
    job = json.loads(sys.stdin.readline())
    module, _, function = job.pop("run").partition(":")
    run = getattr(importlib.import_module(module), function)(**job)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    values = run()
    print(json.dumps({"began": began, "ended": time.monotonic(), "values": values}), flush=True)


def repeat(one: Callable[[int], None], duration: float) -> list[float]:
    """Do something over and over for ``duration`` seconds; give the seconds that each took."""
    taken: list[float] = []
    now = time.monotonic()
    end = now + duration
    while now < end:
        one(len(taken))
        before, now = now, time.monotonic()
        taken.append(now - before)
    return taken


if __name__ == "__main__":
    main()
