"""Memory that transfers share beyond the one buffer that each of them always has.

Owns one number. Must never block: who gets nothing goes on with less parallelism, so nobody waits for a slow
neighbour.
"""

from __future__ import annotations

import threading


class Budget:
    """Counts bytes that are lent out."""

    def __init__(self, total: int) -> None:
        self._total = self._left = total
        self._lock = threading.Lock()

    def try_take(self, amount: int) -> bool:
        """Borrow some bytes, all or none."""
        with self._lock:
            if amount > self._left:
                return False
            self._left -= amount
            return True

    def give_back(self, amount: int) -> None:
        """Return what was borrowed."""
        with self._lock:
            self._left += amount

    @property
    def lent(self) -> int:
        """Bytes that are borrowed."""
        return self._total - self._left

    @property
    def left(self) -> int:
        """Bytes that nobody has borrowed."""
        return self._left
