"""Starts a program with bounds.

Owns what is set in the new process before the program takes its place. Must never import anything of the catalog: it
is run as a file, in an interpreter of its own, as the catalog's process has threads and cannot set this after a fork:
``python launcher.py ADDRESS_SPACE FILE_SIZE CPU_SECONDS PROGRAM ARGUMENT...`` (bytes, bytes, seconds).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_STACK = 2**21
"""Bytes of each thread's stack, which count as address space; a system's own default may be unlimited."""


def main(words: list[str]) -> None:
    """Bound this process, let it die with its parent, and become the program."""
    limits = dict(zip((resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU), map(int, words), strict=False))
    for name, value in {**limits, resource.RLIMIT_CORE: 0, resource.RLIMIT_STACK: _STACK}.items():
        _, hard = resource.getrlimit(name)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (bound, bound))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that grows too large is an error that can be told
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.execv(words[3], words[3:])


if __name__ == "__main__":
    main(sys.argv[1:])
