"""All four servers of Swift in one eventlet process; runs in Swift's own environment: ``serve.py FOLDER PORT``.

Owns the process. Must never read /etc/swift: configuration and rings lie in ``FOLDER/etc``. The proxy listens on PORT,
account, container and object server on the three ports after it.
"""

from __future__ import annotations

import sys
import warnings
from array import array
from pathlib import Path

import eventlet
import eventlet.wsgi
from swift.common import utils, wsgi
from swift.common.ring import RingData

warnings.filterwarnings("ignore", message="capitalize_response_headers")
utils.monkey_patch()

_SERVERS = ("proxy", "account", "container", "object")
_PART_POWER = 3


def make_rings(folder: Path, port: int) -> None:
    """Write rings that know one device."""
    for offset, name in enumerate(_SERVERS[1:], start=1):
        device = {
            "id": 0, "region": 1, "zone": 1, "weight": 1.0, "device": "d0", "meta": "",
            "ip": "127.0.0.1", "port": port + offset, "replication_ip": "127.0.0.1", "replication_port": port + offset,
        }  # fmt: skip
        parts = [array("H", [0] * 2**_PART_POWER)]
        RingData(parts, [device], 32 - _PART_POWER).save(str(folder / "etc" / f"{name}.ring.gz"))


def serve(folder: Path, port: int) -> None:
    """Serve until a signal ends the process."""
    from swift.common.http_protocol import SwiftHttpProtocol

    make_rings(folder, port)
    utils.set_swift_dir(str(folder / "etc"))
    utils.validate_configuration()
    utils.disable_fallocate()
    threads = []
    for offset, name in enumerate(_SERVERS):
        app = wsgi.loadapp(str(folder / "etc" / f"{name}.conf"), global_conf={"log_name": name})
        listener = eventlet.listen(("127.0.0.1", port + offset), backlog=512)
        pool = eventlet.GreenPool(1024)
        options = {"protocol": SwiftHttpProtocol, "capitalize_response_headers": False, "custom_pool": pool}
        threads.append(eventlet.spawn(eventlet.wsgi.server, listener, app, utils.NullLogger(), **options))
    for thread in threads:
        thread.wait()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
