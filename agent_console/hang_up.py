"""Lets the desk hang up on a reader who does not read; uvicorn alone would wait for him for ever.

Its `send` waits until the network has room, also for a close frame, and closing its transport waits for the buffer.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.http11 import Request

EXTENSION = "jieli.hang_up"

LAST_WORDS_SECONDS = 3.0
"""A reader who wakes up within this time still learns why; then the connection is cut."""


class HangingUpProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, offering `hang_up` to the application in the scope's extensions."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][EXTENSION] = {"hang_up": self._hang_up}

    def _hang_up(self, code: int, reason: str) -> None:
        if self.disconnected or self.close_sent or self.transport.is_closing():
            return
        try:
            self.conn.send_close(code, reason)
        except InvalidState:
            self.transport.abort()
            return
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        # Who stopped reading is often paused mid-message; his close answer must be let in to end it early.
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LAST_WORDS_SECONDS, self.transport.abort)
