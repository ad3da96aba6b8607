"""How many requests an address may send, before anybody asks who it is.

Owns the count. Must never grow without a bound, whoever sends from however many addresses.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, request

from catalog.clock import Monotonic
from catalog.errors import TooMany

_MOST = 2**16
"""Addresses that are counted; the one that sent longest ago makes room."""
_FREE = "health"
"""Routes that balancers ask, all from one address."""


class Rate:
    """Token buckets (``rate`` a second, ``burst`` at once), one for each address. Safe for many threads."""

    def __init__(self, rate: float, burst: int, monotonic: Monotonic, most: int = _MOST) -> None:
        self._rate, self._burst, self._monotonic, self._most = rate, float(burst), monotonic, most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> float:
        """Take one request of an address; gives the seconds after which it may be sent, 0 for now."""
        sender = _sender(address)
        with self._lock:
            now = self._monotonic()
            left, at = self._buckets.pop(sender, (self._burst, now))
            left = min(self._burst, left + (now - at) * self._rate)
            allowed = left >= 1
            self._buckets[sender] = left - allowed, now
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._rate


def _sender(address: str) -> str:
    """Give what is counted together: one network of 64 bits is one sender, since each host may use all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def register(app: Flask, rate: float, burst: int, monotonic: Monotonic) -> None:
    """Refuse what is more than ``rate`` requests a second from one address; 0 refuses nothing."""
    if not rate:
        return
    count = Rate(rate, burst, monotonic)

    def limit() -> None:
        if request.blueprint == _FREE:
            return
        wait = count.wait(request.remote_addr or "")
        if wait:
            raise TooMany("Too many requests; come back later.", {"Retry-After": str(math.ceil(wait))})

    app.before_request(limit)
