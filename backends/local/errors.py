"""What an error of the operating system means to a store.

Owns the table from errno to store errors. Must never decide what is written.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.store.errors import Denied, Full, NotSupported, StoreError, Unavailable

_KINDS: dict[int, type[StoreError]] = {
    errno.ENOSPC: Full,
    errno.EDQUOT: Full,
    errno.EROFS: Denied,
    errno.EACCES: Denied,
    errno.EPERM: Denied,
    errno.EISDIR: NotSupported,
    errno.ENOTDIR: NotSupported,
    errno.ENAMETOOLONG: NotSupported,
    errno.EFBIG: NotSupported,
    errno.ELOOP: NotSupported,
    errno.EOPNOTSUPP: NotSupported,
}


def store_error(error: OSError, what: str) -> StoreError:
    """Give the store error for ``error``; anything that may pass by itself is Unavailable."""
    kind = _KINDS.get(error.errno or 0, Unavailable)
    reason = os.strerror(error.errno) if error.errno else str(error)
    if kind is NotSupported and error.errno in (errno.EISDIR, errno.ENOTDIR):
        reason = "a name cannot be an object and the beginning of other names at once"
    if error.errno == errno.ENOENT:
        reason = "the folder is gone or was never prepared"
    return kind(f"{what}: {reason}")


@contextmanager
def os_errors(what: str) -> Iterator[None]:
    """Raise store errors in place of those of the operating system."""
    try:
        yield
    except OSError as error:
        raise store_error(error, what) from error
