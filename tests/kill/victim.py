"""Catalog servers that kill themselves at a chosen store call: ``python -m tests.kill.victim``.

Owns one prepared process that forks a server for each line of JSON on its input, and says where that listens. Must
never kill but the group of the server itself. What ends the server is SIGKILL: nothing of it runs any further.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from typing import Any

from flask import Flask

from backends.wrap.mortal import Fate, MortalStore
from catalog.app import EXTENSION, Catalog, create_app
from catalog.clock import sleep
from catalog.model import HOME_STORE
from catalog.open_stores import open_stores
from catalog.server.run import Server, address, listen
from catalog.settings import Settings, build


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        settings = build(order["settings"])
        listener = listen(settings)
        url, pid = address(listener), os.fork()
        if pid == 0:
            serve(settings, listener, order)
        listener.close()
        print(json.dumps({"pid": pid, "url": url}), flush=True)
        sys.stdin.readline()  # the order to bury it
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL}), flush=True)


def serve(settings: Settings, listener: Any, order: dict[str, Any]) -> None:
    """Be a server until a signal ends it."""
    os.setsid()
    os.dup2(os.open(order["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY), 2)
    os.dup2(2, 1)
    try:
        Server(settings, listener, lambda: victim(settings, order), drain=lambda app: None, close=close).run()
    finally:
        traceback.print_exc()  # whatever it is, a server that ends by itself is no victim
        os._exit(1)


def victim(settings: Settings, order: dict[str, Any]) -> Flask:
    """Build the application; the calls of its start count as well."""
    fate = Fate(lambda: os.killpg(os.getpgrp(), signal.SIGKILL))
    if order["at"]:
        fate.arm(order["at"], order["after"])
    stores = {name: MortalStore(store, fate) for name, store in open_stores(settings, sleep, {}).items()}
    app = create_app(settings, store=stores.pop(HOME_STORE), blob_stores=stores)
    catalog: Catalog = app.extensions[EXTENSION]
    catalog.services.tasks.watch()
    return app


def close(app: Flask) -> None:
    app.extensions[EXTENSION].close()


if __name__ == "__main__":
    main()
