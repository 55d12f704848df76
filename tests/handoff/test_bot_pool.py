"""Several bots as one: a conversation keeps to its own, and no turn fails while any of them is there."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from handoff.bot_pool import BotPool
from handoff.errors import BotFailed
from handoff.rasa_bot import RasaBot
from tests.handoff.test_rasa_bot import request, whole
from tests.stand_ins import Asked, LittleServer

TALKS = [f"conversation-{number}" for number in range(40)]


def echo(asked: Asked) -> tuple[int, Any]:
    return 200, whole(asked.body["turn_id"])


@asynccontextmanager
async def pool_of(*servers: LittleServer, clock: Callable[[], float] = time.monotonic) -> AsyncIterator[BotPool]:
    pool = BotPool([RasaBot(server.url) for server in servers], clock)
    try:
        yield pool
    finally:
        await pool.close()


async def ask_everybody(pool: BotPool, round_: str) -> None:
    for talk in TALKS:
        await pool.turn(request(f"{round_} {talk}", conversation_id=talk), 5)


def heard_by(server: LittleServer) -> set[str]:
    return {asked.body["conversation_id"] for asked in server.asked}


async def test_a_conversation_keeps_to_one_bot_and_both_have_work() -> None:
    async with LittleServer(echo) as first, LittleServer(echo) as second, pool_of(first, second) as pool:
        for round_ in "abc":
            await ask_everybody(pool, round_)

    assert heard_by(first) & heard_by(second) == set()
    assert heard_by(first) | heard_by(second) == set(TALKS)
    assert min(len(heard_by(first)), len(heard_by(second))) >= 10


async def test_no_turn_fails_while_one_bot_takes_the_place_of_the_other() -> None:
    async with LittleServer(echo) as new, AsyncExitStack() as until_switched:
        old = await until_switched.enter_async_context(LittleServer(echo))
        async with pool_of(old, new) as pool:
            await ask_everybody(pool, "both")
            its_own = heard_by(new)
            await until_switched.aclose()
            await ask_everybody(pool, "the new one alone")

    assert its_own != set(TALKS)
    assert heard_by(new) == set(TALKS)


async def test_a_failure_of_a_bot_that_is_there_is_not_asked_away_elsewhere() -> None:
    ill = (500, {"error": {"code": "action_failed"}})
    async with (
        LittleServer(lambda _: ill) as first,
        LittleServer(lambda _: ill) as second,
        pool_of(first, second) as pool,
    ):
        with pytest.raises(BotFailed, match="action_failed"):
            await pool.turn(request(), 5)

    assert len(first.asked) + len(second.asked) == 1


async def test_when_all_are_away_a_turn_fails_at_once_and_none_is_given_up_for_good() -> None:
    seconds = 0.0
    async with LittleServer(echo) as first, LittleServer(echo) as second:
        both = (first, second)
    async with pool_of(*both, clock=lambda: seconds) as pool:
        for number in range(7):
            with pytest.raises(BotFailed, match="unreachable"):
                await pool.turn(request(f"t{number}"), 5)
        async with first:
            assert (await pool.turn(request("back"), 5)).intent == "greet"


async def test_the_pool_is_ready_while_one_of_its_bots_is() -> None:
    def healthy(_: Asked) -> tuple[int, Any]:
        return 200, {"ready": True}

    async with LittleServer(healthy) as well, LittleServer(lambda _: (200, {"ready": False})) as starting:
        async with pool_of(starting, well) as pool:
            assert await pool.is_ready()
        async with pool_of(starting) as pool:
            assert not await pool.is_ready()
