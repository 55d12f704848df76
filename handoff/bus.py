"""Wakes: short hints that something changed, told after the commit; losing one is slower, never wrong."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import redis.asyncio
import redis.exceptions
import structlog

log = structlog.get_logger(__name__)

WakeKind = Literal["conversation", "typing", "read", "presence", "rows", "invited"]

# A listener this far behind asks the database anyway; old hints only delay the fresh ones.
QUEUE_LENGTH = 1000
CHANNEL = "jieli:wakes"
CANCEL_AGAIN_SECONDS = 0.1
RECONNECT_SECONDS = 0.5
# A silent Redis connection is probed so often; twice that without an answer means that it is gone.
REDIS_PROBE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Wake:
    kind: WakeKind
    id: str
    data: dict[str, Any] | None = None


class Bus(Protocol):
    @property
    def healthy(self) -> bool: ...
    async def publish(self, wake: Wake) -> None: ...
    def listen(self) -> Listener: ...
    async def close(self) -> None: ...


class Listener:
    """Receives every wake from the moment it exists; ends when the bus closes or `aclose` is called."""

    def __init__(self, owner: set[Listener]) -> None:
        self._owner = owner
        self._queue: asyncio.Queue[Wake | None] = asyncio.Queue(QUEUE_LENGTH)
        owner.add(self)

    def put(self, wake: Wake | None) -> None:
        while True:
            try:
                return self._queue.put_nowait(wake)
            except asyncio.QueueFull:
                self._queue.get_nowait()

    def __aiter__(self) -> AsyncIterator[Wake]:
        return self

    async def __anext__(self) -> Wake:
        wake = await self._queue.get()
        if wake is None:
            self._owner.discard(self)
            raise StopAsyncIteration
        return wake

    async def aclose(self) -> None:
        self._owner.discard(self)
        self.put(None)


class InProcessBus:
    """One desk process needs no server to wake itself."""

    healthy = True

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    async def publish(self, wake: Wake) -> None:
        for listener in tuple(self._listeners):
            listener.put(wake)

    def listen(self) -> Listener:
        return Listener(self._listeners)

    async def close(self) -> None:
        for listener in tuple(self._listeners):
            await listener.aclose()


class RedisBus:
    """Wakes own listeners at once and those of other desks through Redis; `healthy` is false while Redis is away.

    `publish` never waits for Redis: a hung server must not slow a request down.
    """

    def __init__(self, url: str) -> None:
        self._local = InProcessBus()
        self._origin = uuid.uuid4().hex
        self._redis = redis.asyncio.Redis.from_url(
            url, socket_connect_timeout=REDIS_PROBE_SECONDS, socket_timeout=REDIS_PROBE_SECONDS, decode_responses=True
        )
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(QUEUE_LENGTH)
        self._tasks: list[asyncio.Task[None]] = []
        self._receiving = False
        self._sending = True

    @property
    def healthy(self) -> bool:
        return self._receiving and self._sending

    async def publish(self, wake: Wake) -> None:
        self._start()
        await self._local.publish(wake)
        line = json.dumps({"from": self._origin, **asdict(wake)}, ensure_ascii=False)
        if self._outgoing.full():
            self._outgoing.get_nowait()
        self._outgoing.put_nowait(line)

    def listen(self) -> Listener:
        self._start()
        return self._local.listen()

    async def close(self) -> None:
        # Asked again until they end: the client library can take a cancellation for the end of its own time limit.
        while pending := [task for task in self._tasks if not task.done()]:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=CANCEL_AGAIN_SECONDS)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._local.close()
        with contextlib.suppress(redis.exceptions.RedisError, OSError):
            await self._redis.aclose()

    def _start(self) -> None:
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._send())]

    async def _send(self) -> None:
        while True:
            line = await self._outgoing.get()
            try:
                await self._redis.publish(CHANNEL, line)
                self._sending = True
            except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
                if self._sending:
                    log.warning("redis_send_failed", error=type(error).__name__)
                self._sending = False

    async def _receive(self) -> None:
        while True:
            try:
                await self._receive_until_broken()
            except (redis.exceptions.RedisError, OSError, TimeoutError) as error:
                if self._receiving:
                    log.warning("redis_away", error=type(error).__name__)
            self._receiving = False
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _receive_until_broken(self) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(CHANNEL)
            unanswered_probes = 0
            while unanswered_probes < 2:
                message = await subscription.get_message(timeout=REDIS_PROBE_SECONDS)
                if message is None:
                    # A half-open connection would look merely quiet for ever.
                    unanswered_probes += 1
                    await subscription.ping()
                    continue
                unanswered_probes = 0
                self._receiving = True
                if message["type"] == "message":
                    await self._pass_on(message["data"])

    async def _pass_on(self, line: str) -> None:
        try:
            heard = json.loads(line)
            wake = Wake(heard["kind"], heard["id"], heard["data"])
        except (ValueError, KeyError, TypeError):
            log.warning("strange_wake")
            return
        if heard.get("from") != self._origin:
            await self._local.publish(wake)
