"""Calls of the API on a catalog of 10,000 images: latency and rate, alone and with eight clients.

Owns which calls are measured and what they are compared with. Must never measure a list after creating images: the
catalog would have grown.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from statistics import median, quantiles

from bench.apart import Job
from bench.report import Row, Target, number
from bench.seed import fill
from bench.stage import BARE_PREFIX, BUCKET, PREFIX, Plan, Stage, catalog, store
from catalog.model import Image, encode
from catalog.store import keys

_IMAGES = 10_000
_SECONDS = 3.0
_CLIENTS = (1, 8)
_LIST = Target(high=5.0)
_BARE_OF = {"show": "boto3 GET", "create": "boto3 PUT if none match"}
Latencies = Mapping[tuple[str, int], list[list[float]]]
"""Seconds of each call: by name and number of clients, then by round."""


def calls(plan: Plan) -> list[Row]:
    """Measure all calls on one catalog, whose index is filled anew when it starts."""
    with store() as weed:
        plan.say(f"calls: storing {_IMAGES} records")
        images = fill(weed, _IMAGES)
        plan.say("calls: starting the catalog")
        began = time.monotonic()
        with catalog(weed, plan.settings) as stage:
            started = time.monotonic() - began
            latencies = _measure(stage, plan, images)
    rows = [Row(f"start with {_IMAGES} images and no index", [started], "s")]
    names = [name for name in _jobs(stage, images) if name not in _BARE_OF.values()]
    return rows + [_row(name, clients, latencies) for name in names for clients in _CLIENTS]


def _jobs(stage: Stage, images: Sequence[Image]) -> Mapping[str, Job]:
    """Give one client's job for each call, in the order in which they are to be measured."""
    ids = [image.id for image in images[:: max(1, len(images) // 1000)]]
    ours = {"port": stage.catalog.port, "duration": _SECONDS}
    where = {"endpoint": stage.weed.endpoint, "bucket": BUCKET, "prefix": BARE_PREFIX}
    bare = {"run": "bench.bare:calls", "duration": _SECONDS, **where}
    body = encode(images[0]).decode()
    return {
        "list 25": {**ours, "run": "bench.calling:page", "limit": 25, "ids": []},
        "list 25 after a marker": {**ours, "run": "bench.calling:page", "limit": 25, "ids": ids},
        "list 1000": {**ours, "run": "bench.calling:page", "limit": 1000, "ids": []},
        "show": {**ours, "run": "bench.calling:show", "ids": ids},
        _BARE_OF["show"]: {**bare, "body": "", "keys": [PREFIX + keys.sidecar(image_id) for image_id in ids]},
        "create": {**ours, "run": "bench.calling:create"},
        _BARE_OF["create"]: {**bare, "body": body, "keys": []},
    }


def _measure(stage: Stage, plan: Plan, images: Sequence[Image]) -> Latencies:
    """Measure what only reads in all rounds first, then what makes images."""
    jobs = _jobs(stage, images)
    found: dict[tuple[str, int], list[list[float]]] = {(name, clients): [] for name in jobs for clients in _CLIENTS}
    writing = {"create", _BARE_OF["create"]}
    for group in ([name for name in jobs if name not in writing], [name for name in jobs if name in writing]):
        for turn in range(plan.rounds):
            for name, clients in ((name, clients) for name in group for clients in _CLIENTS):
                sample = stage.measure([jobs[name]] * clients)
                taken = [value for outcome in sample.outcomes for value in outcome.values]
                found[name, clients].append(taken)
                rate = len(taken) / sample.seconds
                plan.say(f"calls, round {turn + 1}: {name}, {clients} clients: {rate:.0f}/s, {sample}")
    return found


def _row(name: str, clients: int, latencies: Latencies) -> Row:
    rounds = latencies[name, clients]
    target = _LIST if name.startswith("list 25") and clients == 1 else None
    last = median(quantiles(taken, n=100)[98] * 1000 for taken in rounds)
    beside = f"p99 {number(last)} ms, {number(_rate(rounds, clients))}/s"
    if name in _BARE_OF:
        bare = latencies[_BARE_OF[name], clients]
        rate = _rate(bare, clients)
        middle = median(median(taken) * 1000 for taken in bare)
        beside += f"; {_BARE_OF[name]}: {number(middle)} ms, {number(rate)}/s"
    what = f"{name} of {_IMAGES} images, {clients} client{'s' * (clients > 1)}"
    return Row(what, [median(taken) * 1000 for taken in rounds], "ms", target, beside)


def _rate(rounds: Sequence[Sequence[float]], clients: int) -> float:
    """Give calls a second of all clients together."""
    return median(clients * len(taken) / sum(taken) for taken in rounds)
