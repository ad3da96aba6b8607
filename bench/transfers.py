"""Uploads and downloads, one and four at once, against boto3 on the same store.

Owns the ways that are compared and their order. Must never compare across rounds: a ratio belongs to one round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

from bench.apart import Job
from bench.report import Row, Target, number
from bench.stage import BARE_PREFIX, BUCKET, PREFIX, Plan, Sample, Stage, fresh
from bench.usage import GIB, MIB

_CPU = Target(high=4.5)
_WARM_UP = 64 * MIB
_DISTURBED = 0.3
"""Cores: with more than that taken by other programs, a measurement says little."""
_BARE, _DOWNLOAD = "boto3", "download"
_UPLOADS: Mapping[str, tuple[int, Target]] = {
    "Content-Length": (0, Target(low=0.85)),
    "64 KiB chunks": (65536, Target(low=0.8)),
    "1 MiB chunks": (MIB, Target(low=0.8)),
}
"""Bytes in a chunk, 0 for none, and the speed aimed at, as a part of boto3's."""

Way = Callable[[Stage, int, int], Sequence[Job]]
"""Prepares so many streams of so many bytes, and gives the clients that are to run at once."""
Round = Mapping[str, Sample]


def upload(streams: int, plan: Plan) -> list[Row]:
    """Measure uploads."""
    size = _size(streams, plan)
    ways: dict[str, Way] = {_BARE: _bare_uploads}
    ways |= {name: partial(_uploads, chunk) for name, (chunk, _) in _UPLOADS.items()}
    rounds = _rounds(f"{streams} x upload", plan, ways, streams, size)
    rows = []
    for name, (_, target) in _UPLOADS.items():
        what = f"{streams} x upload {size // MIB} MiB, {name}"
        rows += [_ratio(what, name, target, rounds, streams * size), _cpu(what, name, _CPU, rounds, streams * size)]
    return rows


def download(streams: int, plan: Plan) -> list[Row]:
    """Measure downloads."""
    size = _size(streams, plan)
    ways = {_BARE: _bare_downloads, _DOWNLOAD: _downloads}
    rounds = _rounds(f"{streams} x download", plan, ways, streams, size)
    what, total = f"{streams} x download {size // MIB} MiB", streams * size
    return [
        _ratio(what, _DOWNLOAD, Target(low=0.95), rounds, total),
        _cpu(what, _DOWNLOAD, None, rounds, total),
    ]


def _size(streams: int, plan: Plan) -> int:
    return (plan.size if streams == 1 else plan.size // 2) * MIB


def _uploads(chunk: int, stage: Stage, streams: int, size: int) -> Sequence[Job]:
    job = {"run": "bench.moving:upload", "port": stage.catalog.port, "size": size, "chunk": chunk}
    return [{**job, "path": f"{stage.new_image()}/file"} for _ in range(streams)]


def _bare_uploads(stage: Stage, streams: int, size: int) -> Sequence[Job]:
    job = {"run": "bench.bare:upload", "endpoint": stage.weed.endpoint, "bucket": BUCKET, "size": size}
    return [{**job, "key": f"{BARE_PREFIX}{size}-{stream}"} for stream in range(streams)]


def _downloads(stage: Stage, streams: int, size: int) -> Sequence[Job]:
    job = {"run": "bench.moving:download", "port": stage.catalog.port, "size": size}
    return [{**job, "path": path} for path in _stored(stage, streams, size)]


def _bare_downloads(stage: Stage, streams: int, size: int) -> Sequence[Job]:
    """Read what the catalog stored, so that both ways read objects of the same make."""
    job = {"run": "bench.bare:download", "endpoint": stage.weed.endpoint, "bucket": BUCKET, "size": size}
    return [{**job, "key": _blob(stage, path)} for path in _stored(stage, streams, size)]


def _stored(stage: Stage, streams: int, size: int) -> list[str]:
    jobs = _uploads(0, stage, streams, size)
    stage.measure(jobs)
    return [str(job["path"]) for job in jobs]


def _blob(stage: Stage, path: str) -> str:
    """Give the full name of the object that holds an image's data."""
    prefix = f"{PREFIX}images/{path.split('/')[-2]}/data-"
    client = stage.weed.client()
    found: str = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"][0]["Key"]
    client.close()
    return found


def _rounds(what: str, plan: Plan, ways: Mapping[str, Way], streams: int, size: int) -> list[Round]:
    """Measure until enough rounds were undisturbed, at most twice as many as asked for; give the quietest.

    In a round all ways are gone once; each round begins with another one.
    """
    rounds: list[Round] = []
    while len(rounds) < 2 * plan.rounds and sum(_others(samples) < _DISTURBED for samples in rounds) < plan.rounds:
        first = len(rounds) % len(ways)
        names = [*ways, *ways][first : first + len(ways)]
        rounds.append({name: _one(ways[name], plan, streams, size) for name in names})
        for name, sample in rounds[-1].items():
            plan.say(
                f"{what}, round {len(rounds)}: {name} {streams * size / MIB / sample.seconds:.0f} MiB/s, {sample}"
            )
    return sorted(rounds, key=_others)[: plan.rounds]


def _one(way: Way, plan: Plan, streams: int, size: int) -> Sample:
    """Measure one way on servers of its own, which have stored something by then."""
    with fresh(plan.settings) as stage:
        for warm_up in (_bare_uploads, partial(_uploads, 0)):
            stage.measure(warm_up(stage, 1, _WARM_UP))
        return stage.measure(way(stage, streams, size))


def _others(samples: Round) -> float:
    return max(sample.others for sample in samples.values())


def _ratio(what: str, name: str, target: Target, rounds: Sequence[Round], total: int) -> Row:
    values = [samples[_BARE].seconds / samples[name].seconds for samples in rounds]
    ours, bare = (median(total / MIB / samples[way].seconds for samples in rounds) for way in (name, _BARE))
    others = max(_others(samples) for samples in rounds)
    return Row(
        what, values, "of boto3's speed", target, f"{number(ours)} of {number(bare)} MiB/s; others {others:.2f}"
    )


def _cpu(what: str, name: str, target: Target | None, rounds: Sequence[Round], total: int) -> Row:
    values = [samples[name].cpu * GIB / total for samples in rounds]
    ours, bare = (median(samples[way].all_cpu * GIB / total for samples in rounds) for way in (name, _BARE))
    beside = f"all programs {number(ours)} s/GiB, with boto3 {number(bare)} s/GiB"
    return Row(f"{what}: CPU of the server", values, "s/GiB", target, beside)
