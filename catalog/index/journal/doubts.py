"""Images whose sidecars may have changed unseen, since the answer to a write was lost.

Owns which they are. Must never lose one that came up again while it was looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Doubts:
    """Ids in lower case, each with how often it came up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._times)

    def add(self, image_id: str) -> None:
        """Take note of an image."""
        with self._lock:
            key = image_id.lower()
            self._times[key] = self._times.get(key, 0) + 1

    def settle(self, look: Callable[[str], None]) -> None:
        """Look at each image, and forget it unless it came up again meanwhile."""
        for image_id, times in list(self._times.items()):
            look(image_id)
            with self._lock:
                if self._times.get(image_id) == times:
                    del self._times[image_id]
