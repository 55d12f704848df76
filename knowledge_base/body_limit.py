"""Refuses a request body that is too large: by its declared length before a byte is read, or while it arrives."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _TooLarge(Exception):
    pass


class BodyLimit:
    def __init__(self, app: ASGIApp, usual: int, larger: Mapping[str, int]) -> None:
        self._app, self._usual, self._larger = app, usual, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"], self._usual)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(send, limit)
            return
        read, is_too_large, has_answered = 0, False, False

        async def counted() -> Message:
            nonlocal read, is_too_large
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                is_too_large = True
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal has_answered
            if is_too_large and not has_answered:
                return  # the framework's own idea of why the body could not be read
            has_answered = True
            await send(message)

        with contextlib.suppress(_TooLarge):
            await self._app(scope, counted, watched)
        if is_too_large and not has_answered:
            await _refuse(send, limit)


async def _refuse(send: Send, limit: int) -> None:
    body = json.dumps(
        {
            "type": "about:blank",
            "title": "Content Too Large",
            "status": 413,
            "code": "too_large",
            "detail": f"请求体超过 {limit // 1024} KB",
        },
        ensure_ascii=False,
    ).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
