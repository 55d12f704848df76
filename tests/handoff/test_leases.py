"""Who works on what: a question is leased for this desk as it is stored, if there is room and nothing before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from sqlalchemy import select

from handoff.clock import utc_now
from handoff.desk import Desk
from handoff.rasa_bot import TurnAnswer, TurnRequest
from handoff.rules import Rules
from handoff.tables import outbox
from tests.factories import make_desk, member, open_chat, until
from tests.stand_ins import ScriptedBot


class ThinkingBot(ScriptedBot):
    """Needs a moment for each turn, so that turns overlap."""

    async def _answer(self, request: TurnRequest, timeout_seconds: float) -> TurnAnswer:
        await asyncio.sleep(0.002)
        return await super()._answer(request, timeout_seconds)


async def leases(desk: Desk) -> list[tuple[str | None, int]]:
    """Whose each undone turn is, and at which attempt, oldest first."""
    query = select(outbox.c.leased_by, outbox.c.attempts).where(outbox.c.done_at.is_(None), outbox.c.kind == "bot_turn")
    async with desk.workplace.store.reading() as connection:
        return [(row[0], row[1]) for row in await connection.execute(query.order_by(outbox.c.created_at, outbox.c.seq))]


@asynccontextmanager
async def at_work(bot: ScriptedBot, url: str, **rules: Any) -> AsyncIterator[Desk]:
    """A desk whose workers run, and look for work by themselves only every two seconds."""
    desk = await make_desk(url, bot=bot, rules=Rules(outbox_poll_seconds=2, **rules), now=utc_now)
    try:
        async with desk.working():
            await until(lambda: len(desk.workplace.bells) == 2)
            yield desk
    finally:
        await desk.workplace.store.close()


async def test_a_question_is_leased_for_the_desk_that_stored_it(database_url: str) -> None:
    bot = ScriptedBot(mode="slow")
    async with at_work(bot, database_url) as desk:
        chat = await open_chat(desk)
        await chat.writes("在吗")

        assert await leases(desk) == [(desk.node, 1)]
        await bot.began.wait()
        bot.let_go()
        await until(lambda: chat_is_answered(chat, 1))


async def test_a_second_question_waits_behind_the_first_and_is_done_next(database_url: str) -> None:
    bot = ScriptedBot(mode="slow")
    async with at_work(bot, database_url) as desk:
        chat = await open_chat(desk)
        await chat.writes("在吗")
        await chat.writes("运费谁出")

        assert await leases(desk) == [(desk.node, 1), (None, 0)]
        bot.let_go()
        await until(lambda: chat_is_answered(chat, 2))
    assert not bot.overlapped


async def test_a_full_worker_gets_no_more_than_it_has_places(database_url: str) -> None:
    bot = ScriptedBot(mode="slow")
    async with at_work(bot, database_url, bot_concurrency=2) as desk:
        chats = [await open_chat(desk, member(f"u{number}")) for number in range(5)]
        for chat in chats:
            await chat.writes("在吗")

        assert [attempts for _, attempts in await leases(desk)] == [1, 1, 0, 0, 0]
        bot.let_go()
        for chat in chats:
            await until(lambda chat=chat: chat_is_answered(chat, 1))  # type: ignore[misc]
    assert bot.most_at_once == 2


async def test_a_worker_that_is_looking_for_work_is_not_given_more_meanwhile(database_url: str) -> None:
    bot = ThinkingBot()
    async with at_work(bot, database_url, bot_concurrency=2) as desk:
        chats = [await open_chat(desk, member(f"u{number}")) for number in range(16)]

        async def keep_writing(chat: Any) -> None:
            for times in range(1, 9):
                await chat.writes("在吗")
                await until(partial(chat_is_answered, chat, times))

        await asyncio.gather(*(keep_writing(chat) for chat in chats))
    assert bot.most_at_once == 2


async def test_a_place_reserved_for_what_was_not_stored_is_free_again(database_url: str) -> None:
    bot = ScriptedBot()
    async with at_work(bot, database_url, bot_concurrency=1) as desk:
        chat = await open_chat(desk)
        try:
            async with desk.workplace.changing(chat.id) as change:
                await change.owe("bot_turn", 1, {})
                raise RuntimeError("the transaction ends here")
        except RuntimeError:
            pass
        await chat.writes("在吗")

        await until(lambda: chat_is_answered(chat, 1))


async def chat_is_answered(chat: Any, times: int) -> bool:
    return len(await chat.said_by("bot")) == times
