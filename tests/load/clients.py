"""Customers and agents as programs: they speak the public interface and remember what was promised to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

Frame = dict[str, Any]
Event = dict[str, Any]


class Refused(Exception):
    """The desk declined a message; code and sentence are its arguments."""


@dataclass
class Thread:
    """One conversation as a client holds it: events by seq, and the proof that none is missing or doubled."""

    conversation_id: str
    events: dict[int, Event] = field(default_factory=dict)
    arrived_at: dict[int, float] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)

    def take(self, event: Event) -> None:
        seq = int(event["seq"])
        known = self.events.get(seq)
        if known is not None and known.get("id") != event.get("id"):
            self.contradictions.append(f"seq {seq} is both {known.get('id')} and {event.get('id')}")
        if known is None:
            self.arrived_at[seq] = time.perf_counter()
        self.events[seq] = event

    @property
    def contiguous(self) -> int:
        """The last seq up to which nothing is missing."""
        seq = 0
        while seq + 1 in self.events:
            seq += 1
        return seq

    def messages(self) -> list[Event]:
        return [event for _, event in sorted(self.events.items()) if event["kind"] == "message"]


class Client:
    """A socket that reconnects and resumes, and an outbox sent again under the same ids until it is answered."""

    def __init__(self) -> None:
        self.threads: dict[str, Thread] = {}
        self.acks: dict[str, Frame] = {}
        self.refusals: dict[str, Frame] = {}
        self.frames: list[Frame] = []
        self.outbox: dict[str, Frame] = {}
        self.reconnections = 0
        self._changed = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._loop: asyncio.Task[None] | None = None
        self.opened = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    async def _open(self) -> ClientConnection:
        raise NotImplementedError

    async def _greet(self) -> None:
        for thread in self.threads.values():
            await self._send({"v": 1, "t": "watch", "c": thread.conversation_id, "d": {"after": thread.contiguous}})
        for frame in list(self.outbox.values()):
            await self._send(frame)

    async def start(self) -> Self:
        self._loop = asyncio.create_task(self._stay_connected())
        await asyncio.wait_for(self.opened.wait(), 20)
        return self

    async def stop(self) -> None:
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
        if self._socket is not None:
            await self._socket.close()

    async def _stay_connected(self) -> None:
        while True:
            try:
                self._socket = await self._open()
                await self._greet()
                self.opened.set()
                async for text in self._socket:
                    await self._take(json.loads(text))
            except (OSError, ConnectionClosed, InvalidHandshake, EOFError, httpx.HTTPError, TimeoutError):
                # Also a desk that died in the middle of the handshake: a lost line like any other.
                pass
            self._socket = None
            self.reconnections += 1
            await asyncio.sleep(0.2)

    async def _send(self, frame: Frame) -> None:
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(json.dumps(frame, ensure_ascii=False))

    async def _take(self, frame: Frame) -> None:
        kind, data = frame["t"], frame.get("d", {})
        if kind == "event":
            thread = self.threads.setdefault(frame["c"], Thread(frame["c"]))
            thread.take(data)
        elif kind == "ack":
            self.acks[data["client_msg_id"]] = data
            self.outbox.pop(data["client_msg_id"], None)
        elif kind == "refused" and frame.get("id"):
            self.refusals[frame["id"]] = data
            self.outbox.pop(frame["id"], None)
        elif kind == "heartbeat":
            for conversation_id, head in data["heads"].items():
                thread = self.threads.get(conversation_id)
                if thread is not None and head > thread.contiguous:
                    after = {"after": thread.contiguous}
                    await self._send({"v": 1, "t": "watch", "c": conversation_id, "d": after})
        else:
            self.frames.append(frame)
        async with self._changed:
            self._changed.notify_all()

    async def until(self, condition: Callable[[], Any], seconds: float = 20) -> Any:
        """Wait for a condition over what has arrived; returns its value. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            while not (value := condition()):
                await self._changed.wait()
            return value

    async def watch(self, conversation_id: str) -> Thread:
        thread = self.threads.setdefault(conversation_id, Thread(conversation_id))
        await self._send({"v": 1, "t": "watch", "c": conversation_id, "d": {"after": thread.contiguous}})
        return thread

    async def say(self, conversation_id: str, text: str, client_msg_id: str | None = None) -> str:
        """Put a text into the outbox and send it; returns its client_msg_id at once."""
        sent = client_msg_id or uuid.uuid4().hex
        frame = {"v": 1, "t": "say", "c": conversation_id, "id": sent, "d": {"body": {"type": "text", "text": text}}}
        self.outbox[sent] = frame
        await self._send(frame)
        return sent

    async def acked(self, client_msg_id: str, seconds: float = 20) -> Frame:
        """The acknowledgement of one message. Raises Refused when the desk declined it, TimeoutError on silence."""
        frame: Frame = await self.until(
            lambda: self.acks.get(client_msg_id) or self.refusals.get(client_msg_id), seconds
        )
        if client_msg_id in self.refusals:
            raise Refused(frame.get("code"), frame.get("detail"))
        return frame


def _is_outcome(event: Event) -> bool:
    return event["kind"] == "handed_over" or (event["kind"] == "message" and event["author"]["role"] != "customer")


class Customer(Client):
    """A shopper or guest in the chat."""

    def __init__(self, desk: str, token: str | None = None, app: str = "demo") -> None:
        super().__init__()
        self.desk = desk
        self.token = token
        self.app = app
        self.session: Frame = {}
        # No certificate is ever looked at here; reading them all in costs each of many customers twenty milliseconds.
        self.http = httpx.AsyncClient(base_url=desk, timeout=10, verify=False)

    @property
    def conversation_id(self) -> str:
        return str(self.session["conversation"]["id"])

    @property
    def thread(self) -> Thread:
        return self.threads[self.conversation_id]

    @property
    def proof(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session['visitor']}"} if self.session.get("visitor") else {}

    async def _open(self) -> ClientConnection:
        if not self.session:
            asked = await self.http.post("/api/v1/widget/sessions", json={"app": self.app, "token": self.token})
            asked.raise_for_status()
            self.session = asked.json()
            self.threads[self.conversation_id] = Thread(self.conversation_id)
            ticket = self.session["ticket"]
        else:
            asked = await self.http.post("/api/v1/widget/tickets", headers=self.proof)
            asked.raise_for_status()
            ticket = asked.json()["ticket"]
        address = self.desk.replace("http", "ws", 1) + f"/api/v1/widget/socket?ticket={ticket}"
        return await connect(address, origin=self.desk, open_timeout=10, max_size=None)  # type: ignore[arg-type]

    async def ask(self, text: str, seconds: float = 20) -> Event:
        """Say something and wait for what comes of it: the bot's (or anyone's) message, or the hand-over.

        A hand-over that was decided before the line came in is its outcome too: nothing else has to follow.
        """
        known = self.thread.contiguous
        ack = await self.acked(await self.say(self.conversation_id, text), seconds)

        def outcome() -> Event | None:
            events = [event for seq, event in sorted(self.thread.events.items()) if seq > known]
            later = (event for event in events if event["seq"] > ack["seq"] and _is_outcome(event))
            overtaken = (event for event in events if event["seq"] < ack["seq"] and event["kind"] == "handed_over")
            return next(later, None) or next(overtaken, None)

        event: Event = await self.until(outcome, seconds)
        return event

    @property
    def was_handed_over(self) -> bool:
        return any(event["kind"] == "handed_over" for event in self.thread.events.values())

    async def ask_for_person(self) -> None:
        asked = await self.http.post(
            f"/api/v1/widget/conversations/{self.conversation_id}/handoff",
            json={"client_msg_id": uuid.uuid4().hex},
            headers=self.proof,
        )
        asked.raise_for_status()

    async def stop(self) -> None:
        await super().stop()
        await self.http.aclose()


class Agent(Client):
    """A person in the console."""

    def __init__(self, desk: str, login: str, password: str) -> None:
        super().__init__()
        self.desk = desk
        self.login = login
        self.password = password
        self.me: Frame = {}
        self.http = httpx.AsyncClient(base_url=desk, timeout=10, headers={"X-Jieli-Console": "1", "Origin": desk})

    async def _open(self) -> ClientConnection:
        if not self.me:
            asked = await self.http.post(
                "/api/v1/console/sign-in", json={"login": self.login, "password": self.password}
            )
            asked.raise_for_status()
            self.me = asked.json()
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)
        address = self.desk.replace("http", "ws", 1) + "/api/v1/console/socket"
        return await connect(
            address,
            origin=self.desk,
            additional_headers={"Cookie": cookies},
            open_timeout=10,
            max_size=None,  # type: ignore[arg-type]
        )

    async def _greet(self) -> None:
        await self._send({"v": 1, "t": "lists", "d": {}})
        await super()._greet()

    async def call(self, method: str, path: str, body: Frame | None = None) -> Frame:
        asked = await self.http.request(method, f"/api/v1/console/{path}", json=body)
        asked.raise_for_status()
        return dict(asked.json()) if asked.content else {}

    async def go_online(self) -> None:
        await self.call("PUT", "me/presence", {"presence": "online"})

    async def claim(self, conversation_id: str) -> None:
        await self.call("POST", f"conversations/{conversation_id}/claim", {})
        await self.watch(conversation_id)

    async def stop(self) -> None:
        await super().stop()
        await self.http.aclose()
