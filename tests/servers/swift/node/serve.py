"""All four servers of Swift; runs in Swift's own environment: ``serve.py FOLDER PORT WORKERS REPLICAS``.

Owns the processes: one for all with no workers, else so many of each server, proxies too. Must never read /etc/swift:
configuration and rings lie in ``FOLDER/etc``. The proxy listens on PORT, account, container and object server on the
three ports after it. Every replica is a folder of the one node.
"""

from __future__ import annotations

import os
import sys
import warnings
from array import array
from pathlib import Path

import eventlet
import eventlet.hubs
import eventlet.wsgi
from swift.common import utils, wsgi
from swift.common.ring import RingData

warnings.filterwarnings("ignore", message="capitalize_response_headers")
utils.monkey_patch()

_SERVERS = ("proxy", "account", "container", "object")
_PART_POWER = 3


def make_rings(folder: Path, port: int, replicas: int) -> None:
    """Write rings that know a device for each replica."""
    for offset, name in enumerate(_SERVERS[1:], start=1):
        devices = [
            {
                "id": number, "region": 1, "zone": 1, "weight": 1.0, "device": f"d{number}", "meta": "",
                "ip": "127.0.0.1", "port": port + offset,
                "replication_ip": "127.0.0.1", "replication_port": port + offset,
            }
            for number in range(replicas)
        ]  # fmt: skip
        parts = [array("H", [number] * 2**_PART_POWER) for number in range(replicas)]
        RingData(parts, devices, 32 - _PART_POWER).save(str(folder / "etc" / f"{name}.ring.gz"))


def prepare(folder: Path, port: int, replicas: int) -> None:
    """Make what all processes read."""
    make_rings(folder, port, replicas)
    utils.set_swift_dir(str(folder / "etc"))
    utils.validate_configuration()
    utils.disable_fallocate()


def serve(folder: Path, listeners: dict[str, eventlet.greenio.GreenSocket]) -> None:
    """Serve until a signal ends the process."""
    from swift.common.http_protocol import SwiftHttpProtocol

    threads = []
    for name, listener in listeners.items():
        app = wsgi.loadapp(str(folder / "etc" / f"{name}.conf"), global_conf={"log_name": name})
        pool = eventlet.GreenPool(1024)
        options = {"protocol": SwiftHttpProtocol, "capitalize_response_headers": False, "custom_pool": pool}
        threads.append(eventlet.spawn(eventlet.wsgi.server, listener, app, utils.NullLogger(), **options))
    for thread in threads:
        thread.wait()


def main(folder: Path, port: int, workers: int, replicas: int) -> None:
    """Serve in this process, or in as many as there are to be; who started us ends the whole group."""
    prepare(folder, port, replicas)
    listeners = {
        name: eventlet.listen(("127.0.0.1", port + offset), backlog=512) for offset, name in enumerate(_SERVERS)
    }
    for name in list(_SERVERS) * workers:
        if os.fork() == 0:
            eventlet.hubs.use_hub()  # one that is shared wakes all for what is one's own
            serve(folder, {name: listeners[name]})
    if not workers:
        serve(folder, listeners)
    os.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(word) for word in sys.argv[2:]))
