"""The catalog as process 1 of a container: the kernel drops a signal that such a process has no handler for."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

AS_FIRST = "import os; os.getpid = lambda: 1; from catalog.cli.main import main; main()"
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


def test_it_ends_while_it_starts(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        store = {
            "CALOTYPE_STORE": "s3://bucket/x",
            "CALOTYPE_S3_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}",
        }
        environment = {**os.environ, **KEYS, **store, "CALOTYPE_BIND": "127.0.0.1:0"}
        command = [sys.executable, "-c", AS_FIRST, "serve"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment) as catalog:
            connection, _ = silent.accept()  # it looks at the store, which is before it serves
            with connection:
                catalog.terminate()
                assert catalog.wait(20) == 128 + signal.SIGTERM
