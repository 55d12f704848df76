"""Two desks on one database, many conversations at once: one voice, one order, every turn done once."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack

import pytest

from handoff.bus import InProcessBus
from handoff.clock import utc_now
from handoff.desk import Desk
from handoff.errors import JieliError
from handoff.rasa_bot import TurnAnswer, TurnRequest
from handoff.rules import Rules
from handoff.store import line, outbox
from tests.factories import Chat, agent_on_duty, make_desk, member, open_chat, text, until
from tests.stand_ins import ScriptedBot, answer, faq

# Enough for every pair of acts to meet many times over; more only take longer (suppressed replies are asserted below).
CONVERSATIONS = 16


class ThinkingBot(ScriptedBot):
    """Takes a little while for each answer, always a different one."""

    def __init__(self) -> None:
        super().__init__()
        self.dice = random.Random(7)
        self.turns: dict[str, int] = {}

    async def turn(self, request: TurnRequest, timeout_seconds: float) -> TurnAnswer:
        self.turns[request.turn_id] = self.turns.get(request.turn_id, 0) + 1
        await asyncio.sleep(self.dice.uniform(0.001, 0.08))
        return answer(faq(f"答：{request.text}"))


async def everything_is_done(desk: Desk) -> bool:
    async with desk.workplace.store.reading() as connection:
        return not [due for due in await outbox.undone(connection) if due.kind == "bot_turn"]


async def one_customer(desks: list[Desk], chat: Chat, agent_ids: list[str], dice: random.Random) -> None:
    """Writes, asks for a person and is grabbed by several agents at any moment, through either desk."""
    for n in range(3):
        await dice.choice(desks).hear(chat.id, chat.customer_id, f"m{n}", text(f"第{n}句"))
        await asyncio.sleep(dice.uniform(0, 0.05))
    await dice.choice(desks).ask_for_person(chat.id, chat.customer_id, "p")
    await asyncio.sleep(dice.uniform(0, 0.03))

    async def grab(agent_id: str) -> None:
        desk = dice.choice(desks)
        try:
            await desk.claim(chat.id, agent_id)
            await desk.say(chat.id, agent_id, f"hello-{agent_id}", text("您好"))
        except JieliError:
            return

    await asyncio.gather(*(grab(agent_id) for agent_id in dice.sample(agent_ids, 3)))


async def test_one_voice_and_one_order_while_everybody_acts_at_once(sqlite_url: str) -> None:
    await everybody_acts_at_once(sqlite_url, desks_count=1)


@pytest.mark.servers
async def test_two_desks_on_one_database_keep_one_voice_and_do_each_turn_once(postgres_url: str) -> None:
    await everybody_acts_at_once(postgres_url, desks_count=2)


async def everybody_acts_at_once(url: str, desks_count: int) -> None:
    bus, bot, dice = InProcessBus(), ThinkingBot(), random.Random(3)
    rules = Rules(outbox_poll_seconds=0.02, bot_concurrency=8)
    desks = [await make_desk(url, bot=bot, bus=bus, rules=rules, now=utc_now) for _ in range(desks_count)]
    agent_ids = [(await agent_on_duty(desks[0], f"客服{n}", capacity=CONVERSATIONS)).id for n in range(4)]
    chats = [await open_chat(desks[0], member(f"u{n}")) for n in range(CONVERSATIONS)]

    async with AsyncExitStack() as stack:
        for desk in desks:
            await stack.enter_async_context(desk.working())
        await asyncio.gather(*(one_customer(desks, chat, agent_ids, dice) for chat in chats))
        await until(lambda: everything_is_done(desks[0]), timeout_seconds=30)

    suppressed = 0
    for chat in chats:
        log = await chat.log()
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        claimed = [event.seq for event in log if event.kind == "claimed"]
        assert len(claimed) == 1
        bots = [event for event in log if event.kind == "message" and event.author.role == "bot"]
        assert all(event.seq < claimed[0] for event in bots)
        assert len({event.body["text"] for event in bots}) == len(bots)
        asked = {event.seq: event.body["text"] for event in log if event.author.role == "customer"}
        assert [event.body["text"] for event in bots] == sorted(event.body["text"] for event in bots)
        understood = [event.body["of_seq"] for event in log if event.kind == "understood"]
        assert set(understood) <= set(asked)
        assert len(understood) == len(set(understood))
        suppressed += sum(event.kind == "suppressed" for event in log)
    assert suppressed > 0, "no reply was ever late, so nothing was proved"
    async with desks[0].workplace.store.reading() as connection:
        assert await line.without_place(connection) == []
        assert await line.places_of_nobody(connection) == []
    for desk in desks:
        await desk.workplace.store.close()
