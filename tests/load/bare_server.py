"""The least that a chat server can do: what comes from one end of a pair goes to the other; nothing is kept.

`python -m tests.load.bare_server PORT`, on the same server library with the same settings as the desk.
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

from agent_console.protocol import MOST_SOCKET_BYTES

ends: dict[str, Any] = {}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Sockets `/7/a` and `/7/b` are a pair; any HTTP request is answered with nothing."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})
        return
    if scope["type"] != "websocket":
        return
    _, pair, end = scope["path"].split("/")
    await receive()
    await send({"type": "websocket.accept"})
    ends[pair + end] = send
    other = pair + ("b" if end == "a" else "a")
    while (message := await receive())["type"] == "websocket.receive":
        if other in ends:
            await ends[other]({"type": "websocket.send", "text": message["text"]})


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        ws="websockets",
        ws_max_size=MOST_SOCKET_BYTES,
        ws_per_message_deflate=False,
        log_level="error",
        access_log=False,
        lifespan="off",
    )
