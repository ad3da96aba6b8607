"""A sweep over many live images: what it asks the store, request by request.

Owns the counting of requests as the SDK sends them. Must never count what fills the store or starts the catalog.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import Any
from unittest.mock import patch

import catalog
from backends.s3 import S3Store
from backends.wrap.checked import CheckedStore
from bench.deletion import put_data
from bench.report import Row, Target
from bench.seed import fill, seed
from bench.stage import BUCKET, PREFIX, Plan, store
from catalog.app import EXTENSION, Catalog
from catalog.sweeper.report import Report
from catalog.sweeper.rules import RULES
from catalog.sweeper.sweep import Sweep
from tests.servers.seaweedfs import SeaweedFS

_IMAGES = 100_000
_PAGE = 1000
_OTHER_LISTS = 5
"""One for each of: tasks (for two rules), epochs of the index, signs of life, unfinished uploads."""


def sweeping(plan: Plan) -> list[Row]:
    """Fill a store, and sweep once with nothing to do."""
    with store() as weed:
        plan.say(f"sweep: storing {_IMAGES} images")
        put_data(weed, fill(weed, _IMAGES), 1)
        plan.say("sweep: their index")
        with patch.dict(os.environ, weed.environment):
            seed(f"s3://{BUCKET}/{PREFIX}", _IMAGES, {"CALOTYPE_S3_ENDPOINT": weed.endpoint})
        plan.say("sweep: the catalog starts")
        requests, seconds = _sweep(weed)
    lists = sum(count for name, count in requests.items() if name.startswith("List"))
    most = Target(high=2 * _IMAGES / _PAGE + _OTHER_LISTS)
    told = ", ".join(f"{count} {name}" for name, count in sorted(requests.items()))
    what = f"sweep over {_IMAGES} live images and their data"
    return [Row(f"{what}: lists", [lists], "requests", most, told), Row(what, [seconds], "s")]


def _sweep(weed: SeaweedFS) -> tuple[Counter[str], float]:
    """Give the requests of a sweep by name, and its seconds."""
    client, requests = weed.client(), Counter[str]()

    def count(event_name: str, **_: Any) -> None:
        requests[event_name.rpartition(".")[2]] += 1

    client.meta.events.register("before-send.s3", count)
    app = catalog.create_app(store=CheckedStore(S3Store(client, BUCKET, PREFIX)), sweep_interval=0)
    opened: Catalog = app.extensions[EXTENSION]
    try:
        now = opened.services.core.clock()
        requests.clear()
        began = time.monotonic()
        report: Report = Sweep(opened.world, RULES).run(now)
        seconds, counted = time.monotonic() - began, requests.copy()
    finally:
        opened.close()
    if report.found or report.errors:
        raise RuntimeError(f"sweep: {report.document()}")
    return counted, seconds
