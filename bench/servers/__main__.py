"""Prints the comparison: ``python -m bench.servers [--only SERVER,...] [PART ...]``.

Parts: framing, early, stop, speed, slow. All of them take about 20 minutes.
"""

import argparse
import signal
from typing import Any

from . import early, framing, launch, slow, stop, throughput

PARTS = ["framing", "early", "stop", "speed", "slow"]


def _part(part: str, name: str) -> dict[str, Any]:
    """One part against a freshly started server."""
    if part == "stop":
        out = {
            f"{number.name} {key}": value
            for number in (signal.SIGTERM, signal.SIGINT)
            for key, value in stop.stopping(name, number).items()
        }
        with launch.running(name) as (port, _):
            return out | stop.clients(port)
    with launch.running(name) as (port, _):
        if part == "framing":
            return framing.run(port)
        if part == "early":
            return early.run(port)
        if part == "speed":
            return throughput.run(port)
        return {
            "100 idle + 100 slow headers": slow.run(port, 100, 100),
            "100 idle + 450 slow headers": slow.run(port, 100, 450, 14),
        }


def main() -> None:
    """Run the asked parts and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--only", default=",".join(launch.SERVERS))
    args = parser.parse_args()
    for part in args.parts or PARTS:
        for name in args.only.split(","):
            print(f"\n== {part}: {name}", flush=True)
            for key, value in _part(part, name).items():
                print(f"{key:34} {value}", flush=True)


if __name__ == "__main__":
    main()
