"""The bridge to the bot: one turn in, a complete answer out, and anything else is a failure."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp
from pydantic import BaseModel, Field, ValidationError

from handoff.bodies import bot_body
from handoff.errors import BotFailed, JieliError
from handoff.triggers import Noticed
from handoff.views import Json

# Rasa slows and misreads beyond this; nobody asks a bot a question of more than 500 characters.
TEXT_LIMIT = 500
RECENT_LIMIT = 6
FAILURES_TO_OPEN = 5
PROBE_SECONDS = 10.0
# The breaker spares customers the wait for a bot that hangs. A refused connection is known at once and a full bot is
# well: sparing it turns would only keep them from a bot that is back.
NOT_FOR_THE_BREAKER = frozenset({"unreachable", "overloaded"})
# Several desks share one bot and do not know how much work the others give it: whoever is refused asks again so soon.
ASK_AGAIN_SECONDS = 0.05
# Shorter than servers keep an idle connection, so that a turn is not sent into one that is just being closed.
KEEP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class TurnRequest:
    turn_id: str
    conversation_id: str
    text: str
    customer: Json
    payload: Json | None = None
    locale: str = "zh-CN"
    slots: Json = field(default_factory=dict)
    recent: tuple[str, ...] = ()
    session: int = 1
    note: str | None = None
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    messages: tuple[Json, ...]
    intent: str | None
    confidence: float
    ranking: list[Json]
    entities: list[Json]
    slots: Json
    triggers: tuple[Noticed, ...]
    request: Noticed | None


class Bot(Protocol):
    async def turn(self, request: TurnRequest, timeout_seconds: float) -> TurnAnswer:
        """Raises BotFailed within the time given, whatever happens."""

    async def close(self) -> None: ...


class Breaker:
    """Opens after five failures in a row; then one turn in ten seconds goes through to see whether the bot is back."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._next_probe = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES_TO_OPEN

    def lets_through(self) -> bool:
        if not self.is_open:
            return True
        if self._monotonic() < self._next_probe:
            return False
        self._next_probe = self._monotonic() + PROBE_SECONDS
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self.is_open:
            self._next_probe = self._monotonic() + PROBE_SECONDS


class RasaBot:
    """Rasa behind our own channel (docs/api.md section 6)."""

    def __init__(self, url: str, token: str = "", *, breaker: Breaker | None = None) -> None:
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._session: aiohttp.ClientSession | None = None
        self._in_flight: set[str] = set()
        self.breaker = breaker or Breaker()

    async def turn(self, request: TurnRequest, timeout_seconds: float) -> TurnAnswer:
        if not request.conversation_id:
            # Rasa gives all nameless senders one common memory.
            raise ValueError("a turn needs its conversation's id")
        if request.conversation_id in self._in_flight:
            raise BotFailed("overlapping", "a turn of this conversation is in flight")
        if not self.breaker.lets_through():
            raise BotFailed("breaker_open")
        self._in_flight.add(request.conversation_id)
        try:
            answer = await self._ask_until_admitted(request, timeout_seconds)
        except BotFailed as failure:
            if failure.kind not in NOT_FOR_THE_BREAKER:
                self.breaker.failed()
            raise
        finally:
            self._in_flight.discard(request.conversation_id)
        self.breaker.succeeded()
        return answer

    async def is_ready(self) -> bool:
        """What the bot itself says; for the readiness page, never for a decision about a turn."""
        try:
            async with asyncio.timeout(2.0):
                status, body = await self._answer_of(self._http.get(f"{self.url}/webhooks/jieli/health"))
            return status == 200 and body.get("ready") is True
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, AttributeError):
            return False

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def _http(self) -> aiohttp.ClientSession:
        """Opened with the first turn: a session belongs to the running loop. It costs half of what httpx does."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_SECONDS)
            forever = aiohttp.ClientTimeout(total=None)
            self._session = aiohttp.ClientSession(connector=connector, headers=self._headers, timeout=forever)
        return self._session

    async def _answer_of(self, asking: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> tuple[int, Any]:
        async with asking as answer:
            return answer.status, json.loads(await answer.read())

    async def _ask_until_admitted(self, request: TurnRequest, timeout_seconds: float) -> TurnAnswer:
        overloaded: BotFailed | None = None
        try:
            async with asyncio.timeout(timeout_seconds):
                while True:
                    try:
                        return await self._ask(request)
                    except BotFailed as failure:
                        if failure.kind != "overloaded":
                            raise
                        overloaded = failure
                    await asyncio.sleep(ASK_AGAIN_SECONDS)
        except TimeoutError as error:
            raise overloaded or BotFailed("timeout") from error

    async def _ask(self, request: TurnRequest) -> TurnAnswer:
        try:
            asking = self._http.post(f"{self.url}/webhooks/jieli/turn", json=as_wire(request))
            status, body = await self._answer_of(asking)
        except (aiohttp.ClientError, OSError) as error:
            raise BotFailed("unreachable", type(error).__name__) from error
        except ValueError as error:
            raise BotFailed("garbage", "not JSON") from error
        if status != 200:
            raise BotFailed(_error_code(body), f"status {status}")
        return read_answer(body, request.turn_id)


def as_wire(request: TurnRequest) -> Json:
    return {
        "turn_id": request.turn_id,
        "conversation_id": request.conversation_id,
        "text": neutralised(request.text) if request.text or request.payload is None else "",
        "payload": request.payload,
        "customer": request.customer,
        "locale": request.locale,
        "slots": request.slots,
        "recent": [neutralised(line) for line in request.recent[-RECENT_LIMIT:]],
        "session": request.session,
        "note": request.note,
        **({"waiting": True} if request.waiting else {}),
    }


_COMMAND = re.compile(r"^(?:[\s/／\\]+|EXTERNAL\s*[:：])+", re.IGNORECASE)


def neutralised(text: str) -> str:
    """Rasa runs `/intent{…}` and `EXTERNAL: …` as commands, also after spaces; a customer's words are never one."""
    return _COMMAND.sub("", text)[:TEXT_LIMIT].strip() or "…"


class _Trigger(BaseModel):
    reason: str
    score: float = Field(ge=0, le=1)
    evidence: str = ""

    def noticed(self) -> Noticed:
        return Noticed(self.reason, self.score, self.evidence[:200])


class _Understanding(BaseModel):
    intent: str | None = None
    confidence: float = 0.0
    ranking: list[dict[str, Any]] = []
    entities: list[dict[str, Any]] = []


class _Answer(BaseModel):
    turn_id: str
    complete: bool
    messages: list[dict[str, Any]]
    understanding: _Understanding
    slots: dict[str, Any] = {}
    triggers: list[_Trigger] = []
    request: _Trigger | None = None


def read_answer(body: Any, turn_id: str) -> TurnAnswer:
    """Raises BotFailed for anything but a complete answer to this very turn."""
    try:
        answer = _Answer.model_validate(body)
        messages = tuple(bot_body(message) for message in answer.messages)
    except (ValidationError, JieliError) as error:
        raise BotFailed("garbage", type(error).__name__) from error
    if answer.turn_id != turn_id or not answer.complete:
        raise BotFailed("incomplete")
    if not messages and answer.request is None:
        # The customer asked and would hear nothing: for him that is a failure, whatever it was for the bot.
        raise BotFailed("empty")
    return TurnAnswer(
        messages=messages,
        intent=answer.understanding.intent,
        confidence=answer.understanding.confidence,
        ranking=answer.understanding.ranking[:10],
        entities=answer.understanding.entities[:50],
        slots=answer.slots,
        triggers=tuple(trigger.noticed() for trigger in answer.triggers),
        request=answer.request.noticed() if answer.request else None,
    )


def _error_code(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if code in ("action_failed", "timeout", "bad_request", "overloaded") else "bad_status"
