"""Customers and agents as tests see them: an HTTP client each, and sockets whose frames can be waited for."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
import jwt
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

Json = dict[str, Any]

APP = "demo"
KEY_ID = "demo-1"
KEY = "a-shared-secret-that-only-tests-know-0123456789"
PASSWORD = "correct horse battery"
PATIENCE_SECONDS = 10.0


def shop_token(subject: str = "u1", *, key: str = KEY, kid: str | None = KEY_ID, **claims: Any) -> str:
    """A JWT as the demo shop signs it."""
    whole = {"sub": subject, "aud": APP, "exp": int(time.time()) + 600, "name": "王小明", "level": "gold", **claims}
    return jwt.encode(whole, key, algorithm="HS256", headers={"kid": kid} if kid else None)


async def eventually(holds: Callable[[], Any]) -> None:
    """Look every few milliseconds until it holds; for what has no event to wait on."""
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never held")


@dataclass
class Socket:
    """An open socket; everything it received stays in `frames`."""

    connection: ClientConnection
    frames: list[Json] = field(default_factory=list)
    close_code: int | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _reading: asyncio.Task[None] | None = None

    def start(self) -> Self:
        self._reading = asyncio.create_task(self._read())
        return self

    async def _read(self) -> None:
        try:
            async for text in self.connection:
                async with self._changed:
                    self.frames.append(json.loads(text))
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        async with self._changed:
            self.close_code = self.connection.close_code
            self._changed.notify_all()

    async def send(self, t: str, d: Json | None = None, **members: Any) -> None:
        await self.connection.send(json.dumps({"v": 1, "t": t, "d": d or {}, **members}))

    async def say(self, conversation_id: str, text: str, client_msg_id: str | None = None) -> str:
        sent_as = client_msg_id or uuid.uuid4().hex
        await self.send("say", {"body": {"type": "text", "text": text}}, c=conversation_id, id=sent_as)
        return sent_as

    async def until(self, holds: Callable[[Socket], Any], seconds: float = PATIENCE_SECONDS) -> Any:
        """Wait until `holds(self)` is true and return what it returned."""
        async with asyncio.timeout(seconds), self._changed:
            while not (found := holds(self)):
                await self._changed.wait()
            return found

    async def frame(self, t: str, seconds: float = PATIENCE_SECONDS, **members: Any) -> Json:
        """The first frame of that type with those members, now or later."""

        def matching(socket: Socket) -> Json | None:
            for frame in socket.frames:
                if frame["t"] == t and all(frame.get(name) == value for name, value in members.items()):
                    return frame
            return None

        found: Json = await self.until(matching, seconds)
        return found

    async def event(self, kind: str, text: str | None = None) -> Json:
        """The first event of that kind (and text)."""

        def matching(socket: Socket) -> Json | None:
            for event in socket.events():
                if event["kind"] == kind and (text is None or event["body"].get("text") == text):
                    return event
            return None

        found: Json = await self.until(matching)
        return found

    def events(self, conversation_id: str | None = None) -> list[Json]:
        return [
            frame["d"]
            for frame in self.frames
            if frame["t"] == "event" and (conversation_id is None or frame["c"] == conversation_id)
        ]

    async def closed(self) -> int:
        code: int = await self.until(lambda socket: socket.close_code)
        return code

    async def fall_asleep(self) -> None:
        """Keep the connection and read nothing more from the network."""
        self.connection.transport.pause_reading()

    async def hang_up(self) -> None:
        if not self.connection.transport.is_reading():
            self.connection.transport.abort()
        await self.connection.close()
        if self._reading is not None:
            await self._reading


@dataclass
class Person:
    """Somebody with a browser of his own."""

    base: str
    http: httpx.AsyncClient
    sockets: list[Socket] = field(default_factory=list)

    async def open(self, address: str, **options: Any) -> Socket:
        connection = await connect(self.base.replace("http", "ws", 1) + address, **options)
        socket = Socket(connection).start()
        self.sockets.append(socket)
        return socket

    async def refused(self, address: str, origin: str) -> int:
        """The HTTP status with which a socket from that page is turned away."""
        cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)
        with pytest.raises(InvalidStatus) as met:
            await self.open(address, origin=origin, additional_headers={"Cookie": cookie})
        return int(met.value.response.status_code)

    async def leave(self) -> None:
        for socket in self.sockets:
            await socket.hang_up()
        await self.http.aclose()


@dataclass
class Customer(Person):
    """A customer; `session` is the answer that opened his chat."""

    session: Json = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.session["customer"]["id"])

    @property
    def conversation_id(self) -> str:
        return str(self.session["conversation"]["id"])

    @property
    def address(self) -> str:
        return f"/api/v1/widget/conversations/{self.conversation_id}"

    async def enter(self, **asked: Any) -> Self:
        answer = await self.http.post("/api/v1/widget/sessions", json={"app": APP, **asked})
        assert answer.status_code == 200, answer.text
        self.session = answer.json()
        return self

    async def socket(self, after: int = 0) -> Socket:
        """A watching socket that has caught up."""
        ticket = (await self.http.post("/api/v1/widget/tickets")).json()["ticket"]
        socket = await self.open(f"/api/v1/widget/socket?ticket={ticket}")
        await socket.send("watch", {"after": after}, c=self.conversation_id)
        await socket.frame("caught_up")
        return socket

    async def say(self, text: str, client_msg_id: str | None = None) -> Json:
        body = {"type": "text", "text": text}
        answer = await self.http.post(
            f"{self.address}/messages", json={"client_msg_id": client_msg_id or uuid.uuid4().hex, "body": body}
        )
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    async def ask_for_person(self) -> None:
        answer = await self.http.post(f"{self.address}/handoff", json={"client_msg_id": uuid.uuid4().hex})
        assert answer.status_code in (200, 201), answer.text

    async def log(self) -> list[Json]:
        answer = await self.http.get(f"{self.address}/events", params={"after": 0})
        return list(answer.json()["events"])


@dataclass
class Colleague(Person):
    """A console person, signed in; `me` is what the console says of him."""

    me: Json = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.me["id"])

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)

    async def sign_in(self, login: str, password: str = PASSWORD) -> Self:
        answer = await self.http.post("/api/v1/console/sign-in", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        self.me = answer.json()
        return self

    async def be_online(self) -> Self:
        answer = await self.http.put("/api/v1/console/me/presence", json={"presence": "online"})
        assert answer.status_code == 200, answer.text
        return self

    async def socket(self, **options: Any) -> Socket:
        socket = await self.open("/api/v1/console/socket", additional_headers={"Cookie": self.cookie}, **options)
        await socket.frame("welcome")
        return socket

    async def watch(self, socket: Socket, conversation_id: str, after: int = 0) -> Socket:
        await socket.send("watch", {"after": after}, c=conversation_id)
        await socket.frame("caught_up", c=conversation_id)
        return socket

    async def act(self, conversation_id: str, act: str, **asked: Any) -> httpx.Response:
        return await self.http.post(f"/api/v1/console/conversations/{conversation_id}/{act}", json=asked)

    async def say(self, conversation_id: str, text: str, client_msg_id: str | None = None) -> httpx.Response:
        body = {"type": "text", "text": text}
        return await self.act(conversation_id, "messages", client_msg_id=client_msg_id or uuid.uuid4().hex, body=body)

    async def look(self, conversation_id: str) -> Json:
        answer = await self.http.get(f"/api/v1/console/conversations/{conversation_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())
