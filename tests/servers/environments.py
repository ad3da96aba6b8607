"""Virtual environments of servers that cannot share ours: one for each, from its pinned requirements.

Owns when one is made anew: its requirements have changed. ``python -m tests.servers.environments NAME REQUIREMENTS``
makes one beforehand (`make test` does), so that no test waits for an installation.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_STAMP = "requirements.sha256"


def environment(name: str, requirements: Path) -> Path:
    """Give the folder of a virtual environment, ``.venv-NAME`` in the project, made or made anew if need be."""
    folder = _ROOT / f".venv-{name}"
    with folder.with_suffix(".lock").open("w") as lock:  # workers of one run must not make it side by side
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make(folder, requirements)
    return folder


def _make(folder: Path, requirements: Path) -> None:
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    stamp = folder / _STAMP
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    print(f"installing {requirements} into {folder.name}", file=sys.stderr)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", str(folder)], [*pip, "-r", str(requirements)]):
        subprocess.run(command, check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    environment(sys.argv[1], Path(sys.argv[2]))
