"""The few stand-ins that tests share: a scripted bot, a shop in memory, and a clock that moves when told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from handoff.errors import BotFailed, NotFound, ShopAway
from handoff.rasa_bot import TurnAnswer, TurnRequest, read_answer
from handoff.triggers import Noticed

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self, start: datetime = START) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def pass_time(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


def answer(
    *messages: dict[str, Any] | str,
    intent: str | None = "faq",
    confidence: float = 0.95,
    slots: dict[str, Any] | None = None,
    triggers: tuple[Noticed, ...] = (),
    request: Noticed | None = None,
) -> TurnAnswer:
    """What a healthy bot says; plain strings are texts."""
    bodies = tuple({"type": "text", "text": each} if isinstance(each, str) else each for each in messages)
    return TurnAnswer(bodies, intent, confidence, [], [], slots or {}, triggers, request)


def faq(text: str = "质量问题由商家承担运费，其余由买家承担。", entry_id: str = "e1", **more: Any) -> dict[str, Any]:
    body = {"type": "answer", "text": text, "html": f"<p>{text}</p>", "entry_id": entry_id, "question": "运费谁出"}
    return {**body, "probability": 0.93, "revision": 1, "related": [], **more}


def wants_person(text: str = "转人工") -> TurnAnswer:
    return answer(intent="ask_person", request=Noticed("user_asked", 1.0, text))


class ScriptedBot:
    """Answers by script; `mode` makes it ill: ok, slow, hang, fail, garbage, empty, late.

    In `slow` and `hang` a turn waits until the test calls `let_go` (or its time is up, as with the real bridge);
    `late` answers after `let_go` however long that takes. `asked` holds every request in order.
    """

    def __init__(self, reply: Callable[[TurnRequest], TurnAnswer] | TurnAnswer | None = None, mode: str = "ok") -> None:
        self.reply = reply if reply is not None else answer(faq())
        self.mode = mode
        self.asked: list[TurnRequest] = []
        self.in_flight: dict[str, int] = {}
        self.most_at_once = 0
        self.overlapped = False
        self.began = asyncio.Event()
        self._gate = asyncio.Event()

    def let_go(self) -> None:
        self._gate.set()

    def hold(self, mode: str = "slow") -> None:
        self.mode = mode
        self._gate = asyncio.Event()
        self.began = asyncio.Event()

    async def turn(self, request: TurnRequest, timeout_seconds: float) -> TurnAnswer:
        self.asked.append(request)
        same = self.in_flight.get(request.conversation_id, 0)
        self.overlapped = self.overlapped or same > 0
        self.in_flight[request.conversation_id] = same + 1
        self.most_at_once = max(self.most_at_once, sum(self.in_flight.values()))
        self.began.set()
        try:
            return await self._answer(request, timeout_seconds)
        finally:
            self.in_flight[request.conversation_id] -= 1

    async def _answer(self, request: TurnRequest, timeout_seconds: float) -> TurnAnswer:
        if self.mode == "fail":
            raise BotFailed("unreachable")
        if self.mode == "garbage":
            return read_answer({"turn_id": request.turn_id, "messages": "?"}, request.turn_id)
        if self.mode == "empty":
            return read_answer(as_wire(request, answer()), request.turn_id)
        if self.mode in ("slow", "hang"):
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._gate.wait()
            except TimeoutError:
                raise BotFailed("timeout") from None
        if self.mode == "late":
            await self._gate.wait()
        return self.reply(request) if callable(self.reply) else self.reply

    async def close(self) -> None:
        self.let_go()


def as_wire(request: TurnRequest, said: TurnAnswer) -> dict[str, Any]:
    """The JSON that the real bot would send for this answer."""
    return {
        "turn_id": request.turn_id,
        "messages": list(said.messages),
        "understanding": {"intent": said.intent, "confidence": said.confidence, "ranking": [], "entities": []},
        "slots": said.slots,
        "triggers": [{"reason": t.reason, "score": t.score, "evidence": t.evidence} for t in said.triggers],
        "request": None,
        "complete": True,
    }


class ShopInMemory:
    """A shop with one customer, u1, who has two orders; `is_away` makes it unreachable."""

    def __init__(self) -> None:
        self.is_away = False
        self.acts: list[tuple[str, str, str, dict[str, Any], str]] = []
        self.people: dict[str, dict[str, Any]] = {
            "u1": {
                "customer_id": "u1",
                "name": "陈晨",
                "level": "gold",
                "phone": "13812345678",
                "since": "2021-03-01",
                "tags": ["老客户"],
                "orders_count": 12,
                "spent": 3456.5,
            }
        }
        self.orders_of: dict[str, list[dict[str, Any]]] = {
            "u1": [order("JL20260103001", "shipped"), order("JL20260101002", "completed")]
        }

    async def customer(self, customer_id: str) -> dict[str, Any]:
        return self._known(self.people, customer_id)

    async def orders(self, customer_id: str, state: str = "all", limit: int = 20) -> list[dict[str, Any]]:
        self._known(self.people, customer_id)
        found = self.orders_of.get(customer_id, [])
        is_open = {"unpaid", "paid", "packing", "shipped", "delivering"}
        return [each for each in found if state == "all" or each["state"] in is_open][:limit]

    async def order(self, customer_id: str, order_no: str) -> dict[str, Any]:
        for each in await self.orders(customer_id):
            if each["order_no"] == order_no:
                return each
        raise NotFound

    async def logistics(self, customer_id: str, order_no: str) -> dict[str, Any]:
        await self.order(customer_id, order_no)
        traces = [{"at": "2026-01-04T10:00:00.000Z", "text": "快件已到达杭州转运中心"}]
        return {"order_no": order_no, "carrier": "顺丰", "tracking_no": "SF1", "status": "运输中", "traces": traces}

    async def after_sales(self, customer_id: str) -> list[dict[str, Any]]:
        self._known(self.people, customer_id)
        return []

    async def act(
        self, customer_id: str, order_no: str, action: str, body: dict[str, Any], idempotency_key: str
    ) -> dict[str, Any]:
        await self.order(customer_id, order_no)
        self.acts.append((customer_id, order_no, action, body, idempotency_key))
        return {"done": True, "text": "已为您催促"}

    async def coupons(self, customer_id: str) -> list[dict[str, Any]]:
        self._known(self.people, customer_id)
        return []

    async def product(self, product_id: str) -> dict[str, Any]:
        if self.is_away:
            raise ShopAway
        return {"product_id": product_id, "title": "羊毛大衣", "price": 599, "stock": 3, "image": None, "options": []}

    async def close(self) -> None: ...

    def _known(self, among: dict[str, dict[str, Any]], customer_id: str) -> dict[str, Any]:
        if self.is_away:
            raise ShopAway
        if customer_id not in among:
            raise NotFound
        return among[customer_id]


def order(order_no: str, state: str) -> dict[str, Any]:
    item = {"product_id": "p1", "title": "羊毛大衣", "option": "驼色 M", "quantity": 1, "price": 599, "image": None}
    return {
        "order_no": order_no,
        "state": state,
        "state_text": {"shipped": "已发货", "completed": "已完成"}.get(state, state),
        "placed_at": "2026-01-03T02:00:00.000Z",
        "amount": 599,
        "items": [item],
        "carrier": "顺丰",
        "tracking_no": "SF1",
    }


Said = tuple[int, Any] | None


@dataclass(frozen=True)
class Asked:
    """One HTTP request as a `LittleServer` got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class LittleServer:
    """A real HTTP server on a free port whose answers a test decides: `reply` gets what was asked and returns
    (status, body), at once or awaited; bytes go out as they are, other bodies as JSON, and None hangs until the
    server is closed. Entered again, it is back at the same address."""

    def __init__(self, reply: Callable[[Asked], Said | Awaitable[Said]]) -> None:
        self.reply = reply
        self.asked: list[Asked] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0

    async def __aenter__(self) -> LittleServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while line := await reader.readline():
                await self._answer(line.decode().split(), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, line: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        headers = {}
        while (header := (await reader.readline()).decode().strip()) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(line[0], line[1], headers, json.loads(raw) if raw else None)
        self.asked.append(asked)
        replied = self.reply(asked)
        said = await replied if isinstance(replied, Awaitable) else replied
        if said is None:
            await asyncio.Event().wait()
            return
        status, body = said
        sent = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(sent)}\r\n\r\n"
        writer.write(head.encode() + sent)
        await writer.drain()
