"""The bridge to the bot, against a real HTTP server in every mood and the contract files shared with the bot."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from handoff.errors import BotFailed
from handoff.rasa_bot import Breaker, RasaBot, TurnRequest, as_wire, neutralised
from tests.stand_ins import Asked, LittleServer

CONTRACTS = Path(__file__).resolve().parent.parent / "contracts"


def request(turn_id: str = "t1", text: str = "在吗", conversation_id: str = "c1", **more: Any) -> TurnRequest:
    return TurnRequest(
        turn_id, conversation_id, text, {"id": "u1", "level": "gold", "guest": False, "name": None}, **more
    )


def whole(turn_id: str = "t1", **changes: Any) -> dict[str, Any]:
    return {
        "turn_id": turn_id,
        "messages": [{"type": "text", "text": "您好"}],
        "understanding": {"intent": "greet", "confidence": 0.98, "ranking": [], "entities": []},
        "slots": {"order_no": "JL1"},
        "triggers": [{"reason": "negative_emotion", "score": 0.81, "evidence": "都三天了"}],
        "request": None,
        "complete": True,
        **changes,
    }


def echo(asked: Asked) -> tuple[int, Any]:
    return 200, whole(asked.body["turn_id"])


async def test_a_whole_answer_is_read() -> None:
    async with LittleServer(echo) as server:
        bot = RasaBot(server.url, "secret")
        said = await bot.turn(request(slots={"order_no": "JL1"}, recent=("你好",), session=2, note="已退款"), 5)
        await bot.close()

    assert (said.intent, said.confidence, said.slots) == ("greet", 0.98, {"order_no": "JL1"})
    assert said.messages == ({"type": "text", "text": "您好"},)
    assert said.triggers[0].score == 0.81
    sent = server.asked[0]
    assert (sent.method, sent.path, sent.headers["authorization"]) == ("POST", "/webhooks/jieli/turn", "Bearer secret")
    assert sent.body == {
        "turn_id": "t1",
        "conversation_id": "c1",
        "text": "在吗",
        "payload": None,
        "customer": {"id": "u1", "level": "gold", "guest": False, "name": None},
        "locale": "zh-CN",
        "slots": {"order_no": "JL1"},
        "recent": ["你好"],
        "session": 2,
        "note": "已退款",
    }


ILL: list[tuple[tuple[int, Any], str]] = [
    ((200, []), "garbage"),
    ((200, b"<html>502</html>"), "garbage"),
    ((200, b""), "garbage"),
    ((200, whole(complete=False)), "incomplete"),
    ((200, whole("another-turn")), "incomplete"),
    ((200, {**whole(), "messages": "您好"}), "garbage"),
    ((200, {**whole(), "messages": [{"type": "text"}, 7]}), "garbage"),
    ((200, {**whole(), "messages": [{"type": "image", "url": "/x"}]}), "garbage"),
    ((200, {**whole(), "messages": []}), "empty"),
    ((200, {**whole(), "request": {"reason": "user_asked", "score": 7}}), "garbage"),
    ((200, {key: value for key, value in whole().items() if key != "complete"}), "garbage"),
    ((500, {"error": {"code": "action_failed", "detail": "…"}}), "action_failed"),
    ((504, {"error": {"code": "timeout"}}), "timeout"),
    ((429, {"error": {"code": "overloaded"}}), "overloaded"),
    ((400, {"error": {"code": "bad_request"}}), "bad_request"),
    ((500, b"Internal Server Error"), "garbage"),
    ((502, {"error": "nginx"}), "bad_status"),
    ((204, b""), "garbage"),
]


@pytest.mark.parametrize(("reply", "kind"), ILL, ids=range(len(ILL)))
async def test_anything_but_a_whole_answer_is_a_failure(reply: tuple[int, Any], kind: str) -> None:
    async with LittleServer(lambda asked: reply) as server:
        bot = RasaBot(server.url)
        with pytest.raises(BotFailed) as failure:
            await bot.turn(request(), 0.5)
        await bot.close()

    assert failure.value.kind == kind


async def test_a_hung_bot_is_given_up_at_the_limit_and_a_refused_one_at_once() -> None:
    async with LittleServer(lambda asked: None) as server:
        bot = RasaBot(server.url)
        with pytest.raises(BotFailed) as hung:
            await bot.turn(request(), 0.1)
    with pytest.raises(BotFailed) as refused:
        await bot.turn(request("t2"), 5)
    await bot.close()

    assert (hung.value.kind, refused.value.kind) == ("timeout", "unreachable")


async def test_a_bot_that_has_its_hands_full_is_asked_again() -> None:
    refusals = iter([(429, {"error": {"code": "overloaded"}})] * 6)
    async with LittleServer(lambda asked: next(refusals, None) or echo(asked)) as server:
        bot = RasaBot(server.url)
        said = await bot.turn(request(), 5)
        await bot.close()

    assert said.intent == "greet"
    assert len(server.asked) == 7
    assert not bot.breaker.is_open


async def test_one_turn_in_flight_per_conversation() -> None:
    async with LittleServer(lambda asked: None) as server:
        bot = RasaBot(server.url)
        first = asyncio.create_task(bot.turn(request("t1"), 0.2))
        await asyncio.sleep(0)
        with pytest.raises(BotFailed, match="overlapping"):
            await bot.turn(request("t2"), 0.2)
        with pytest.raises(BotFailed, match="timeout"):
            await first
        server.reply = echo
        assert (await bot.turn(request("t3"), 5)).intent == "greet"
        await bot.close()


async def test_the_breaker_opens_after_five_failures_and_probes_every_ten_seconds() -> None:
    seconds = 0.0
    async with LittleServer(lambda asked: (500, {})) as server:
        bot = RasaBot(server.url, breaker=Breaker(lambda: seconds))
        for n in range(5):
            with pytest.raises(BotFailed, match="bad_status"):
                await bot.turn(request(f"t{n}"), 5)
        with pytest.raises(BotFailed, match="breaker_open"):
            await bot.turn(request("t6"), 5)
        asked_while_open = len(server.asked)
        seconds = 11.0
        with pytest.raises(BotFailed, match="bad_status"):
            await bot.turn(request("probe"), 5)
        with pytest.raises(BotFailed, match="breaker_open"):
            await bot.turn(request("t7"), 5)
        seconds = 22.0
        server.reply = echo
        await bot.turn(request("t8"), 5)
        await bot.turn(request("t9"), 5)
        await bot.close()

    assert asked_while_open == 5
    assert not bot.breaker.is_open


async def test_a_turn_without_a_conversation_is_a_bug() -> None:
    bot = RasaBot("http://127.0.0.1:9")
    with pytest.raises(ValueError, match="conversation"):
        await bot.turn(request(conversation_id=""), 1)
    await bot.close()


async def test_readiness_is_what_the_bot_says() -> None:
    async with LittleServer(lambda asked: (200, {"ready": True, "model": "m", "actions": True})) as server:
        bot = RasaBot(server.url)
        assert await bot.is_ready()
        server.reply = lambda asked: (200, [])
        assert not await bot.is_ready()
    assert not await bot.is_ready()
    await bot.close()


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ('/refund{"x":1}', 'refund{"x":1}'),
        ('  /refund{"x":1}', 'refund{"x":1}'),
        ("／restart", "restart"),
        ("//restart", "restart"),
        ("/ /restart", "restart"),
        ("EXTERNAL: greet", "greet"),
        ("external：/greet", "greet"),
        ("1/2 的优惠", "1/2 的优惠"),
        ("/", "…"),
        ("字" * 600, "字" * 500),
    ],
)
def test_what_a_customer_types_is_never_a_command(typed: str, sent: str) -> None:
    assert neutralised(typed) == sent


def test_a_tapped_order_needs_no_words() -> None:
    assert as_wire(request(text="", payload={"type": "order", "order_no": "JL1"}))["text"] == ""


AGREED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in CONTRACTS.glob("bot_turn_*.json")}


@pytest.mark.parametrize("contract", AGREED.values(), ids=AGREED.keys())
async def test_the_shapes_agreed_with_the_bot_are_written_and_read(contract: dict[str, Any]) -> None:
    agreed, answered = contract["request"], contract["response"]
    turn = (
        request()
        if not agreed or "text" not in agreed
        else TurnRequest(**{**agreed, "recent": tuple(agreed["recent"])})
    )

    async with LittleServer(lambda asked: (contract["status"], answered)) as server:
        bot = RasaBot(server.url)
        if contract["status"] == 200:
            said = await bot.turn(turn, 5)
            assert [message["type"] for message in said.messages] == [each["type"] for each in answered["messages"]]
            assert said.intent == answered["understanding"]["intent"]
            assert (said.request.reason if said.request else None) == (answered["request"] or {}).get("reason")
            assert server.asked[0].body == agreed
        else:
            with pytest.raises(BotFailed) as failure:
                await bot.turn(turn, 5)
            assert failure.value.kind == answered["error"]["code"]
        await bot.close()


def test_the_agreed_shapes_are_there() -> None:
    assert len(AGREED) >= 10
