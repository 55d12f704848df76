"""One open socket's way out: a bounded queue, and the one writer that empties it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable

from agent_console.protocol import Closing

MOST_FRAMES = 256
MOST_BYTES = 1024 * 1024
"""What a slow reader may have outstanding before it is closed; it reconnects and catches up from the log."""

STUCK_SECONDS = 30.0
"""A single frame that the network does not take for this long means that nobody reads any more."""


class Connection:
    """Queues frames for one socket. Everyone else's frames go on whatever this one's reader does."""

    def __init__(self, write: Callable[[str], Awaitable[None]]) -> None:
        self._write = write
        self._waiting: deque[str] = deque()
        self._bytes = 0
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._writing_since: float | None = None
        self._ended: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()

    @property
    def is_open(self) -> bool:
        return not self._ended.done()

    def offer(self, text: str) -> None:
        """Queue one frame, or end the connection when its reader is too slow. Never waits."""
        if not self.is_open:
            return
        size = len(text.encode())
        if len(self._waiting) >= MOST_FRAMES or self._bytes + size > MOST_BYTES:
            self.end(Closing.TOO_SLOW, "reader too slow")
            return
        self._waiting.append(text)
        self._bytes += size
        if len(self._waiting) >= MOST_FRAMES // 4 or self._bytes >= MOST_BYTES // 4:
            self._room.clear()
        self._something.set()

    async def room(self) -> None:
        """Wait until most of the queue is free: catching up on ten thousand events goes at the reader's pace."""
        await self._room.wait()

    def end(self, code: int, reason: str) -> None:
        """Ask for the socket to be closed; the first reason given is the one the client hears."""
        if not self._ended.done():
            self._ended.set_result((code, reason))
            self._waiting.clear()
            self._bytes = 0
            self._room.set()

    async def ended(self) -> tuple[int, str]:
        return await asyncio.shield(self._ended)

    def end_if_stuck(self) -> None:
        if self._writing_since is not None and time.monotonic() - self._writing_since > STUCK_SECONDS:
            self.end(Closing.TOO_SLOW, "reader gone")

    async def write_all(self) -> None:
        """Send queued frames in order until cancelled."""
        while True:
            while self._waiting:
                text = self._waiting.popleft()
                self._bytes -= len(text.encode())
                if len(self._waiting) < MOST_FRAMES // 4 and self._bytes < MOST_BYTES // 4:
                    self._room.set()
                self._writing_since = time.monotonic()
                await self._write(text)
                self._writing_since = None
            self._something.clear()
            await self._something.wait()
