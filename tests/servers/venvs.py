"""Virtual environments of large servers, beside the project's own: their dependencies must not meet ours.

Owns where they lie and when they are made anew. Must never build from source: only wheels are taken.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def server_python(name: str) -> Path:
    """Give the Python of the environment ``.venv-<name>``, made from ``tests/servers/<name>/requirements.txt``.

    It is made, or made anew, if those requirements are not what it holds. Raises RuntimeError with pip's own words.
    """
    folder, wanted = _ROOT / f".venv-{name}", Path(__file__).parent / name / "requirements.txt"
    mark, digest = folder / ".requirements", sha256(wanted.read_bytes()).hexdigest()
    python = folder / "bin" / "python"
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != digest:
            venv.create(folder, clear=True, with_pip=True)
            _install(python, wanted)
            mark.write_text(digest)
    return python


def _install(python: Path, wanted: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r", str(wanted)]
    done = subprocess.run([python, "-m", "pip", "install", *options], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{wanted} cannot be installed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    for server in sys.argv[1:]:
        server_python(server)
