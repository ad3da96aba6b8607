"""Peak memory of the server while many uploads wait for a slow store.

Owns the slow line between catalog and store. Must never measure speed: the line alone decides it.
"""

from __future__ import annotations

from bench.apart import Job
from bench.report import Row, Target
from bench.slow_line import SlowLine
from bench.stage import Plan, catalog, store
from bench.usage import MIB, forget_peak, peak_memory

_UPLOADS = 8
_SIZE = 100 * MIB
_RATE = 20 * MIB


def memory(plan: Plan) -> list[Row]:
    """Upload eight images of unknown length at once, far faster than the store takes them."""
    peaks, before = [], []
    for turn in range(plan.rounds):
        begin, peak = _peak(plan)
        before.append(begin)
        peaks.append(peak)
        plan.say(f"memory, round {turn + 1}: {begin:.0f} MiB before, {peak:.0f} MiB at most")
    what = f"{_UPLOADS} x chunked upload {_SIZE // MIB} MiB, store takes {_RATE // MIB} MiB/s: peak memory"
    return [Row(what, peaks, "MiB", Target(high=256), f"{max(before):.0f} MiB before")]


def _peak(plan: Plan) -> tuple[float, float]:
    with store() as weed, SlowLine(weed.port, _RATE) as line, catalog(weed, plan.settings, line.endpoint) as stage:
        job: Job = {"run": "bench.moving:upload", "port": stage.catalog.port, "size": _SIZE, "chunk": 2**16}
        jobs = [{**job, "path": f"{stage.new_image()}/file"} for _ in range(_UPLOADS)]
        worker = stage.catalog.worker_pid
        forget_peak(worker)
        before = peak_memory(worker)
        stage.measure(jobs)
        return before, peak_memory(worker)
