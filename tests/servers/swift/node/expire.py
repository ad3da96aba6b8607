"""One pass of the daemon that removes expired objects; runs in Swift's own environment: ``expire.py FOLDER SECONDS``.

Owns the clock of that daemon, which is SECONDS ahead: so it removes what is due by then. Must never read /etc/swift.
"""

from __future__ import annotations

import sys
import time
import warnings

ahead = 0
real = time.time
time.time = lambda: real() + ahead  # before anything of Swift takes it

from swift.common import storage_policy, utils  # noqa: E402
from swift.container.updater import ContainerUpdater  # noqa: E402
from swift.obj.expirer import ObjectExpirer  # noqa: E402

warnings.filterwarnings("ignore")


def once(daemon, folder: str, file: str, section: str) -> None:
    path = f"{folder}/etc/{file}"
    daemon({**utils.readconf(path, section, log_name=section), "__file__": path}).run_once()


if __name__ == "__main__":
    folder, seconds = sys.argv[1], int(sys.argv[2])
    utils.set_swift_dir(f"{folder}/etc")
    utils.validate_configuration()
    storage_policy.reload_storage_policies()
    # The list of what expires is shown only when the containers' server has told the accounts' server of it.
    once(ContainerUpdater, folder, "container.conf", "container-updater")
    ahead = seconds
    once(ObjectExpirer, folder, "expirer.conf", "object-expirer")
