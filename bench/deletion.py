"""Deletion of many small images: how fast the calls answer, and the sweep after them.

Owns what is deleted and the rates. Must never measure with a store that other images are in: a walk lists them all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from bench.report import Row, Target
from bench.seed import fill
from bench.stage import BUCKET, PREFIX, Plan, Stage, catalog, store
from catalog.model import Image
from tests.servers.process import find_program
from tests.servers.seaweedfs import SeaweedFS

_IMAGES, _SIZE = 10_000, 64 * 2**10
_CLIENTS = 8
_RATE = Target(low=200.0)


def deletion(plan: Plan) -> list[Row]:
    """Delete all images of a full catalog, then sweep: what is deleted, and once more with nothing to do."""
    with store() as weed:
        plan.say(f"delete: storing {_IMAGES} images of {_SIZE // 2**10} KiB")
        images = fill(weed, _IMAGES)
        put_data(weed, images, _SIZE)
        with catalog(weed, {**plan.settings, "sweep_interval": "0"}) as stage:
            idle = _sweep(stage)
            plan.say(f"delete: a sweep with nothing to do took {idle:.1f} s")
            rate, beside = _delete(stage, images)
            plan.say(f"delete: {rate:.0f} calls/s")
        swept = _sweep(stage)
        plan.say(f"delete: the sweep took {swept:.1f} s")
    what = f"delete of {_IMAGES} images of {_SIZE // 2**10} KiB"
    return [
        Row(f"{what}, {_CLIENTS} clients", [rate], "/s", _RATE, beside),
        Row(f"{what}: the sweep removes their data", [_IMAGES / swept], "images/s", None, f"{swept:.1f} s in all"),
        Row(f"sweep over {_IMAGES} live images", [idle], "s", None, "start of the command and its index included"),
    ]


def put_data(weed: SeaweedFS, images: Sequence[Image], size: int) -> None:
    """Store so many bytes for each image, where its record says."""
    client, data = weed.client(), b"\0" * size

    def put(some: Sequence[Image]) -> None:
        connection = HTTPConnection("127.0.0.1", weed.port, timeout=60)
        for image in some:
            where = {"Bucket": BUCKET, "Key": PREFIX + image.locations[0].key}
            url = client.generate_presigned_url("put_object", where, 3600)
            connection.request("PUT", url.removeprefix(weed.endpoint), data)
            if connection.getresponse().read() is None:
                raise RuntimeError("delete: no answer")
        connection.close()

    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(pool.map(put, [images[first::_CLIENTS] for first in range(_CLIENTS)]))
    client.close()


def _delete(stage: Stage, images: Sequence[Image]) -> tuple[float, str]:
    """Give the calls in a second of all clients together, and what to say beside that."""
    jobs = [
        {"run": "bench.calling:delete", "port": stage.catalog.port, "ids": [image.id for image in images[n::_CLIENTS]]}
        for n in range(_CLIENTS)
    ]
    sample = stage.measure(jobs)
    taken = sorted(value for outcome in sample.outcomes for value in outcome.values)
    last, cpu = taken[len(taken) * 99 // 100] * 1000, sample.cpu / len(taken) * 1000
    beside = f"p99 {last:.0f} ms, CPU of the server {cpu:.1f} ms a call; others {sample.others:.2f} cores"
    return len(taken) / sample.seconds, beside


def _sweep(stage: Stage) -> float:
    """Run the command as an operator would, whatever the retention, and give its seconds."""
    settings = {"STORE": f"s3://{BUCKET}/{PREFIX}", "S3_ENDPOINT": stage.weed.endpoint, "DELETED_RETENTION": "0"}
    environment = {f"CALOTYPE_{name}": value for name, value in settings.items()}
    began = time.monotonic()
    command = [sys.executable, find_program("calotype", "pip install -e ."), "sweep"]
    subprocess.run(command, env={**os.environ, **stage.weed.environment, **environment}, check=True,
                   stdout=sys.stderr, stderr=subprocess.DEVNULL)  # fmt: skip
    return time.monotonic() - began
