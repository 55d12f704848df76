"""The demo shop with a way to begin anew: `POST /fresh` seeds it again, `GET /done` tells what was changed since.

Runs in the main environment (`python bot/evaluation/fresh_shop.py PORT`); a process per dialogue would cost minutes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent)]

import uvicorn  # noqa: E402

from training_data.shop.app import create_app  # noqa: E402
from training_data.shop.settings import Settings  # noqa: E402


class FreshShop:
    """An ASGI application around the shop's."""

    def __init__(self) -> None:
        self._shop: Any = None
        self._open = AsyncExitStack()
        self._keys: set[str] = set()
        self._done: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/fresh":
            await self._begin()
            await _answer(send, {"fresh": True})
        elif scope["path"] == "/done":
            await _answer(send, self._done)
        else:
            await self._pass_on(scope, receive, send)

    async def _begin(self) -> None:
        await self._open.aclose()
        home = self._open.enter_context(tempfile.TemporaryDirectory(prefix="jieli-shop-"))
        self._shop = create_app(Settings(home=Path(home)))
        await self._open.enter_async_context(self._shop.router.lifespan_context(self._shop))
        self._keys, self._done = set(), []

    async def _pass_on(self, scope: Any, receive: Any, send: Any) -> None:
        if self._shop is None:
            await self._begin()

        async def send_and_note(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                self._note(scope)
            await send(message)

        await self._shop(scope, receive, send_and_note)

    def _note(self, scope: Any) -> None:
        key = dict(scope["headers"]).get(b"idempotency-key", b"").decode()
        if scope["method"] != "POST" or not key or key in self._keys:
            return
        self._keys.add(key)
        *_, order_no, action = scope["path"].split("/")
        self._done.append(f"{action} {order_no}")


async def _answer(send: Any, body: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


if __name__ == "__main__":
    uvicorn.run(FreshShop(), host="127.0.0.1", port=int(sys.argv[1]), lifespan="off", log_level="warning")
