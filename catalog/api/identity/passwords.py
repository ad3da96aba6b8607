"""Whether a password is that of a user.

Owns what a check costs. Must never tell by its time whether a user exists, keep a password, or let checks take all
processors for themselves.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Mapping

import bcrypt

from catalog.api.identity.user_files import User
from catalog.clock import Monotonic
from catalog.errors import Unavailable

LIFETIME = 60.0
"""Seconds that a right password is not checked by bcrypt again."""
_PATIENCE = 10.0
"""Seconds that a check waits for those before it."""
_MOST = 72
"""bcrypt sees no further bytes: longer passwords are never right."""
_NOBODY = bcrypt.hashpw(secrets.token_bytes(16), bcrypt.gensalt(4))


class Passwords:
    """Checks passwords. Safe for many threads."""

    def __init__(self, monotonic: Monotonic, at_once: int | None = None) -> None:
        """``at_once`` is how many checks by bcrypt run at a time: half of the processors, if not given."""
        self._monotonic = monotonic
        self._room = threading.BoundedSemaphore(at_once or max(1, (os.cpu_count() or 1) // 2))
        self._key = secrets.token_bytes(32)
        self._known: dict[str, tuple[bytes, float]] = {}
        """What was right: user -> keyed digest of password and hash, and until when it is good."""

    def is_right(self, users: Mapping[str, User], name: str, password: bytes) -> bool:
        """Tell whether ``users`` have one with this name and password. Raises Unavailable when too many ask."""
        user = users.get(name)
        digest = self._digest(user, password)
        if self._is_known(name, digest):
            return True
        if not self._room.acquire(timeout=_PATIENCE):
            raise Unavailable("Too many sign in at the moment; try again later.")
        try:
            if self._is_known(name, digest):  # by a request that was waited for
                return True
            right = _check(user, password, max((one.cost for one in users.values()), default=4))
        finally:
            self._room.release()
        if right:
            self._known[name] = digest, self._monotonic() + LIFETIME
        return right

    def _is_known(self, name: str, digest: bytes) -> bool:
        kept, until = self._known.get(name, (b"", 0.0))
        return hmac.compare_digest(kept, digest) and self._monotonic() < until

    def _digest(self, user: User | None, password: bytes) -> bytes:
        """Give what stands for a password of a user; another one as soon as the file has another hash."""
        return hashlib.blake2b((user.hash if user else b"") + password, key=self._key).digest()


def _check(user: User | None, password: bytes, cost: int) -> bool:
    """Check a password at the price of ``cost``, whatever that of the user is and whether there is one."""
    seen = password[:_MOST].replace(b"\0", b"\xff")
    hashed = user.hash if user is not None else _with_cost(cost)
    right = bcrypt.checkpw(seen, hashed)
    for missing in range(int(hashed[4:6]), cost):  # 2^c + 2^c + 2^(c+1) + ... = 2^cost rounds
        bcrypt.checkpw(seen, _with_cost(missing))
    return right and user is not None and seen == password


def _with_cost(cost: int) -> bytes:
    """Give a hash that no password has, with a price."""
    return b"$2b$%02d" % cost + _NOBODY[6:]
