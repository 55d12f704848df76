"""What a request may carry at all: bounded bytes, JSON that is JSON, text without half characters."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_console.problems import BadJson, BadRequest, TooLarge, told
from handoff.errors import BadText

MOST_BYTES = 256 * 1024
MOST_UPLOAD_BYTES = 8 * 1024 * 1024 + 64 * 1024
"""Eight megabytes of file and the wrapping of a multipart form."""

MOST_DRAINED_BYTES = 16 * 1024 * 1024
"""A refused body is read off up to here, so that the refusal reaches a client that is still writing."""

LARGE_PATHS = ("/api/v1/widget/uploads", "/api/v1/console/uploads", "/api/v1/console/kb/")


class BoundedBodies:
    """Takes each body in whole before anything else looks at it, and refuses what is above the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # Every page that can be got can be asked about; the server leaves the body out.
            scope = {**scope, "method": "GET"}
        if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
            await told(BadRequest())(scope, receive, send)
            return
        most = MOST_UPLOAD_BYTES if scope["path"].startswith(LARGE_PATHS) else MOST_BYTES
        announced = Headers(scope=scope).get("content-length", "0")
        content = bytearray()
        is_too_large = announced.isdigit() and int(announced) > most
        read = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return  # gone before it was all said
            part = message.get("body", b"")
            read += len(part)
            is_too_large = is_too_large or read > most
            if not is_too_large:
                content += part
            if not message.get("more_body", False) or read > MOST_DRAINED_BYTES:
                break
        if is_too_large:
            await told(TooLarge())(scope, receive, send)
            return
        is_given = False

        async def whole() -> Message:
            nonlocal is_given
            if is_given:
                return await receive()
            is_given = True
            return {"type": "http.request", "body": bytes(content), "more_body": False}

        await self._app(scope, whole, send)


def parsed(content: bytes | str) -> Any:
    """JSON with every NUL stripped. Raises BadJson, or BadText for a lone surrogate."""
    try:
        value = json.loads(content, parse_constant=_no_constant)
        return _clean(value)
    except (ValueError, RecursionError) as trouble:
        raise BadJson from trouble


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        if not _is_whole(value):
            raise BadText
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(each) for key, each in value.items()}
    return value


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
