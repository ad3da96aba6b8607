"""A slow line: a TCP proxy that lets through so many bytes a second, over all connections together.

Owns its thread and port. Must never take in much more than it lets out, or the sender would not feel it.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Self

_BLOCK = 2**16


class SlowLine:
    """Stands before a port of this machine; what comes back from there is not slowed down. Use it in a ``with``."""

    def __init__(self, target: int, rate: int) -> None:
        """``rate`` is in bytes a second."""
        self._target, self._rate = target, rate
        self._free_at = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listener = socket.socket()
        # A small buffer, taken over by the connections: the kernel's own would swallow whole parts.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BLOCK)
        self._listener.bind(("127.0.0.1", 0))

    @property
    def endpoint(self) -> str:
        """The address of its near end."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        start = asyncio.start_server(self._connection, sock=self._listener, limit=_BLOCK)
        asyncio.run_coroutine_threadsafe(start, self._loop).result()
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._listener.close()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):  # the line ends; its server would report that as an error
            far, out = await asyncio.open_connection("127.0.0.1", self._target)
            await asyncio.gather(self._pass_on(near, out, slow=True), self._pass_on(far, back, slow=False))

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, slow: bool) -> None:
        with suppress(ConnectionError):
            while block := await source.read(_BLOCK):
                if slow:
                    await self._wait_for(len(block))
                target.write(block)
                await target.drain()
        target.close()

    async def _wait_for(self, size: int) -> None:
        """Wait until the line has had time for so many bytes."""
        now = self._loop.time()
        self._free_at = max(now, self._free_at) + size / self._rate
        await asyncio.sleep(self._free_at - now)
