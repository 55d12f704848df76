"""The two sockets: who may open one, and what each frame does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, WebSocket
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from agent_console import metrics, protocol
from agent_console.auth import SignedIn
from agent_console.bodies import parsed
from agent_console.connection import Connection
from agent_console.doors import console_token
from agent_console.hang_up import EXTENSION
from agent_console.hub import Visit
from agent_console.parts import Parts, parts_of
from agent_console.permissions import CONSOLE_SOCKET, VERBS, WIDGET_SOCKET, is_let_in
from agent_console.problems import (
    BadJson,
    BadRequest,
    NotSignedIn,
    TooLarge,
    TooManyRequests,
    as_jieli_error,
    write_down,
)
from agent_console.protocol import Closing, frame
from agent_console.speakers import AgentSpeaker, CustomerSpeaker, Speaker
from handoff import views
from handoff.crash_points import crash_if_asked
from handoff.errors import Forbidden, Invalid, JieliError, NotFound, StorageUnavailable
from handoff.identifiers import new_id

log = structlog.get_logger(__name__)
router = APIRouter()

CLOSE_SECONDS = 2.0
"""How long a polite close may take before the rest of the desk stops caring."""

ALREADY_THERE_SECONDS = 0.02
"""Frames that wait in the socket's buffer come one after the other well within this; nobody types again so soon."""

MOST_REFUSED_FRAMES = 100
"""A client that keeps sending over its limit is broken or hostile; it comes back with a fresh socket."""


@router.websocket(WIDGET_SOCKET)
async def widget_socket(websocket: WebSocket) -> None:
    desk_parts = parts_of(websocket)
    widget_origins = [origin for app in desk_parts.settings.apps.values() for origin in app.allowed_origins]
    if not is_origin_allowed(websocket, [*widget_origins, desk_parts.settings.desk_public_url]):
        await websocket.close(Closing.ORIGIN)
        return
    await websocket.accept()
    try:
        visitor = await desk_parts.shoppers.use_ticket(websocket.query_params.get("ticket", ""))
    except NotSignedIn:
        await websocket.close(Closing.NOT_SIGNED_IN, "ticket used, late or unknown")
        return
    author = {"role": "customer", "id": visitor.customer_id, "name": ""}
    await _Socket(websocket, desk_parts, WIDGET_SOCKET, CustomerSpeaker(desk_parts, visitor)).serve(
        lambda connection: Visit(connection, "customer", visitor.customer_id, author)
    )


@router.websocket(CONSOLE_SOCKET)
async def console_socket(websocket: WebSocket) -> None:
    desk_parts = parts_of(websocket)
    settings = desk_parts.settings
    if not is_origin_allowed(websocket, [*settings.console_origins, settings.desk_public_url]):
        await websocket.close(Closing.ORIGIN)
        return
    await websocket.accept()
    try:
        who = await desk_parts.auth.whoever_has(console_token(websocket, settings))
    except NotSignedIn:
        await websocket.close(Closing.NOT_SIGNED_IN, "not signed in")
        return
    author = {"role": "agent", "id": who.id, "name": who.agent.name}
    await _Socket(websocket, desk_parts, CONSOLE_SOCKET, AgentSpeaker(desk_parts, who), who).serve(
        lambda connection: Visit(connection, "staff", who.id, author, who.token_hash)
    )


def is_origin_allowed(websocket: WebSocket, allowed: list[str]) -> bool:
    """A browser says which page opens the socket; other pages may not use its cookies. Programs send no origin."""
    origin = websocket.headers.get("origin")
    if origin is None:
        return True
    parts_of_origin = urlsplit(origin)
    if parts_of_origin.scheme in ("http", "https") and parts_of_origin.netloc == websocket.headers.get("host"):
        return True
    return origin.lower() in allowed


class _Socket:
    """One accepted socket: a reader of frames, a writer of frames, and an end."""

    def __init__(
        self, websocket: WebSocket, desk_parts: Parts, address: str, speaker: Speaker, who: SignedIn | None = None
    ) -> None:
        self._websocket = websocket
        self._parts = desk_parts
        self._address = address
        self._speaker = speaker
        self._who = who
        self._id = new_id()
        self._refused_frames = 0
        self._is_storage_away = False

    async def serve(self, new_visit: Callable[[Connection], Visit]) -> None:
        connection = Connection(self._websocket.send_text)
        visit = new_visit(connection)
        hub = self._parts.hub
        await hub.enter(visit)
        metrics.SOCKETS.labels(visit.reader).inc()
        settings = self._parts.settings
        connection.offer(
            frame(
                "welcome",
                {
                    "node": self._parts.node,
                    "heartbeat_seconds": settings.heartbeat_seconds,
                    "server_time": views.wire_time(self._parts.now()),
                },
            )
        )
        tasks = [
            asyncio.create_task(connection.write_all()),
            asyncio.create_task(self._read_all(visit)),
            asyncio.create_task(connection.ended()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            metrics.SOCKETS.labels(visit.reader).dec()
            if not connection.is_open:
                code, reason = await connection.ended()
                metrics.SOCKETS_CLOSED.labels(str(code)).inc()
                await self._close(code, reason)
            for trouble in results:
                if isinstance(trouble, Exception) and not isinstance(trouble, WebSocketDisconnect):
                    write_down(trouble, as_jieli_error(trouble), socket=self._id)
            await hub.leave(visit)

    async def _close(self, code: int, reason: str) -> None:
        hang_up = self._websocket.scope.get("extensions", {}).get(EXTENSION, {}).get("hang_up")
        if hang_up is not None:
            hang_up(code, reason)
            return
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._websocket.close(code, reason)

    async def _read_all(self, visit: Visit) -> None:
        while visit.connection.is_open:
            message = await (self._receive_after_refusal() if self._is_storage_away else self._websocket.receive())
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                visit.connection.end(Closing.NOT_THE_PROTOCOL, "text frames only")
                return
            await self._take(visit, text)

    async def _receive_after_refusal(self) -> Any:
        """What is there already came while its sender waited for a refusal: it would have to wait as long again."""
        receiving = asyncio.ensure_future(self._websocket.receive())
        try:
            await asyncio.wait({receiving}, timeout=ALREADY_THERE_SECONDS)
            self._is_storage_away = receiving.done()
            return await receiving
        finally:
            receiving.cancel()

    async def _take(self, visit: Visit, text: str) -> None:
        """Do what one frame asks and answer it; whatever is wrong with it concerns this frame only."""
        raw: dict[str, Any] = {}
        try:
            raw = self._opened(visit, text)
            self._parts.limits.frame(self._id)
            if len(text.encode()) > protocol.MOST_FRAME_BYTES:
                raise TooLarge
            await self._do(visit, protocol.incoming.validate_python(raw))
        except Exception as trouble:
            error = _from_frame(trouble) if isinstance(trouble, ValidationError) else as_jieli_error(trouble)
            self._is_storage_away = self._is_storage_away or isinstance(error, StorageUnavailable)
            if error.status >= 500:
                write_down(trouble, error, socket=self._id, conversation_id=_short(raw.get("c")))
            self._refuse(visit, raw, error)

    def _opened(self, visit: Visit, text: str) -> dict[str, Any]:
        try:
            raw = parsed(text)
        except BadJson:
            visit.connection.end(Closing.NOT_THE_PROTOCOL, "not JSON")
            raise
        if not isinstance(raw, dict) or raw.get("v", protocol.VERSION) != protocol.VERSION:
            visit.connection.end(Closing.NOT_THE_PROTOCOL, "not this protocol")
            raise BadRequest
        return raw

    def _refuse(self, visit: Visit, raw: dict[str, Any], error: JieliError) -> None:
        told: dict[str, Any] = {"code": error.code, "detail": error.detail, **error.extra}
        visit.connection.offer(frame("refused", told, c=_short(raw.get("c")), id=_short(raw.get("id"))))
        metrics.FRAMES_REFUSED.labels(error.code).inc()
        if isinstance(error, TooManyRequests):
            self._refused_frames += 1
            if self._refused_frames > MOST_REFUSED_FRAMES:
                visit.connection.end(Closing.TOO_MANY_FRAMES, "too many frames")

    async def _do(self, visit: Visit, asked: protocol.Incoming) -> None:
        cell = VERBS[self._address, asked.t]
        if not is_let_in(cell, self._who.stands_as if self._who is not None else cell.may):
            raise Forbidden
        match asked:
            case protocol.Watch():
                await self._watch(visit, asked)
            case protocol.Unwatch():
                self._parts.hub.unwatch(visit, asked.c)
            case protocol.Say():
                if self._is_storage_away:
                    raise StorageUnavailable
                receipt = await self._speaker.say(asked.c, asked.id, asked.d.body)
                crash_if_asked("after_commit_before_ack")
                visit.connection.offer(frame("ack", receipt.model_dump(mode="json"), c=asked.c, id=asked.id))
            case protocol.Typing():
                if asked.c not in visit.watching:
                    raise NotFound
                await self._parts.hub.tell_typing(visit, asked.c, asked.d.text)
            case protocol.Read():
                await self._speaker.mark_read(asked.c, asked.d.seq)
            case protocol.Lists():
                if self._who is None:
                    raise Forbidden
                self._parts.hub.list_rows(visit)
            case protocol.Ping():
                visit.connection.offer(frame("pong", id=asked.id))

    async def _watch(self, visit: Visit, asked: protocol.Watch) -> None:
        try:
            await self._speaker.may_watch(asked.c)
        except NotFound:
            if self._who is None:
                visit.connection.end(Closing.NOT_FOUND, "no such conversation")
            raise
        if len(visit.watching) >= protocol.MOST_WATCHED and asked.c not in visit.watching:
            raise Invalid("c", f"同时最多关注 {protocol.MOST_WATCHED} 个会话")
        self._parts.hub.watch(visit, asked.c, asked.d.after)


def _from_frame(trouble: ValidationError) -> JieliError:
    first = trouble.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return BadRequest("不认识的消息类型")
    return Invalid(".".join(str(part) for part in first["loc"][1:]), first["msg"])


def _short(value: object) -> str | None:
    """A client's own id back to it, as long as it could be one."""
    return value if isinstance(value, str) and 0 < len(value) <= 64 else None
