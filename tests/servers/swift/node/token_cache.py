"""The cache that tempauth keeps its tokens in, inside the one process that serves: no memcached is needed.

Owns values and when they end. Must never be used by more than one proxy process.
"""

from __future__ import annotations

import time


class Cache:
    """What Swift's middleware asks of a memcache client."""

    def __init__(self):
        self._values = {}

    def get(self, key, raise_on_error=False):
        value, until = self._values.get(key, (None, 0))
        if until and until < time.time():
            self._values.pop(key, None)
            return None
        return value

    def set(self, key, value, serialize=True, time=0, min_compress_len=0, raise_on_error=False):
        self._values[key] = (value, _now() + time if time else 0)

    def incr(self, key, delta=1, time=0):
        value = max(0, int(self.get(key) or 0) + int(delta))
        self.set(key, value, time=time)
        return value

    def decr(self, key, delta=1, time=0):
        return self.incr(key, -int(delta), time)

    def delete(self, key, server_key=None):
        self._values.pop(key, None)

    def set_multi(self, mapping, server_key, serialize=True, time=0, min_compress_len=0):
        for key, value in mapping.items():
            self.set(key, value, time=time)

    def get_multi(self, keys, server_key=None):
        return [self.get(key) for key in keys]


def _now():
    return time.time()


def filter_factory(global_conf, **conf):
    """Give the paste filter that puts the cache into every request."""
    cache = Cache()

    def factory(app):
        def middleware(env, start_response):
            env["swift.cache"] = cache
            return app(env, start_response)

        return middleware

    return factory
