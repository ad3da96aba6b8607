"""A TCP proxy that lets only so many bytes a second pass, or no answers, for a store behind a bad line.

Owns its thread and port. Must never change a byte.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self

_BLOCK = 1 << 16
_TRICKLE = 1 << 18
"""Bytes a second of a connection that is in no hurry."""


class Throttle:
    """Forwards connections to a local port; ``rate`` is bytes a second of all of them together, each way.

    While ``answers`` is false, requests arrive and their answers are lost; the first request that begins with
    ``lose_from`` makes it so. ``slow_after`` are bytes of answers on one connection after which the rest of them takes
    very long, so that what waits for it is still going on whenever a test looks. Use it in a ``with``.
    """

    def __init__(self, target_port: int, rate: float = float("inf")) -> None:
        self.answers = True
        self.lose_from: bytes | None = None
        self.slow_after = float("inf")
        self._target_port, self._rate = target_port, rate
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._free_at = [0.0, 0.0]
        self.port = 0

    @property
    def endpoint(self) -> str:
        """The address that clients use instead of the server's."""
        return f"http://127.0.0.1:{self.port}"

    def hurry(self) -> None:
        """Let the rest come as quickly as the line can."""
        self.slow_after = float("inf")

    def __enter__(self) -> Self:
        self._thread.start()
        server = self._run(asyncio.start_server(self._forward, "127.0.0.1", 0, limit=_BLOCK))
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *exc: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _end(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target_port, limit=_BLOCK)
            await asyncio.gather(self._copy(reader, back, 0), self._copy(there, writer, 1))
        except OSError:
            writer.close()

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: int) -> None:
        passed = 0
        with suppress(OSError):
            while block := await source.read(_BLOCK):
                if way == 0 and self.lose_from and block.startswith(self.lose_from):
                    self.answers = False
                if way == 1 and not self.answers:
                    continue
                now, passed = time.monotonic(), passed + len(block)
                self._free_at[way] = max(self._free_at[way], now) + len(block) / self._rate
                await asyncio.sleep(self._free_at[way] - now)
                if way == 1 and passed > self.slow_after:
                    await asyncio.sleep(len(block) / _TRICKLE)
                sink.write(block)
                await sink.drain()
        sink.close()
