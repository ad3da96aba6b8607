"""The cache that tempauth keeps its tokens in, a folder that all proxies share: no memcached is needed.

Owns values and when they end. Must never show a value that is half written.
"""

from __future__ import annotations

import pickle
import time
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile


class Cache:
    """What Swift's middleware asks of a memcache client."""

    def __init__(self, folder):
        self._folder = Path(folder)

    def get(self, key, raise_on_error=False):
        try:
            value, until = pickle.loads(self._path(key).read_bytes())
        except FileNotFoundError:
            return None
        return None if until and until < _now() else value

    def set(self, key, value, serialize=True, time=0, min_compress_len=0, raise_on_error=False):
        with NamedTemporaryFile(dir=self._folder, delete=False) as file:
            pickle.dump((value, _now() + time if time else 0), file)
        Path(file.name).replace(self._path(key))

    def incr(self, key, delta=1, time=0):
        value = max(0, int(self.get(key) or 0) + int(delta))
        self.set(key, value, time=time)
        return value

    def decr(self, key, delta=1, time=0):
        return self.incr(key, -int(delta), time)

    def delete(self, key, server_key=None):
        self._path(key).unlink(missing_ok=True)

    def set_multi(self, mapping, server_key, serialize=True, time=0, min_compress_len=0):
        for key, value in mapping.items():
            self.set(key, value, time=time)

    def get_multi(self, keys, server_key=None):
        return [self.get(key) for key in keys]

    def _path(self, key):
        return self._folder / sha256(str(key).encode()).hexdigest()


def _now():
    return time.time()


def filter_factory(global_conf, cache_dir, **conf):
    """Give the paste filter that puts the cache into every request."""
    cache = Cache(cache_dir)

    def factory(app):
        def middleware(env, start_response):
            env["swift.cache"] = cache
            return app(env, start_response)

        return middleware

    return factory
