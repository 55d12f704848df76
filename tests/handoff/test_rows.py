"""The console's lists: right rows, right order, whole pages, honest counts, and every change noticed."""

from __future__ import annotations

import asyncio

from handoff.desk import Desk
from handoff.views import ListName
from tests.factories import agent_on_duty, claimed_chat, member, open_chat, text, waiting_chat
from tests.stand_ins import Clock, ScriptedBot, answer


async def ids(desk: Desk, name: ListName, agent_id: str) -> list[str]:
    return [row.id for row in (await desk.rows(name, agent_id)).rows]


async def test_each_conversation_is_in_the_list_of_its_holder(any_desk: Desk, clock: Clock) -> None:
    agent, other = await agent_on_duty(any_desk), await agent_on_duty(any_desk, "建国")
    mine = await claimed_chat(any_desk, agent)
    waiting = await waiting_chat(any_desk, member("u2"))
    with_bot = await open_chat(any_desk, member("u3"))
    await with_bot.asks("在吗")
    await open_chat(any_desk, member("u4"))
    closed = await claimed_chat(any_desk, agent, member("u5"))
    await any_desk.close(closed.id, agent.id, "solved")

    assert await ids(any_desk, "mine", agent.id) == [mine.id]
    assert await ids(any_desk, "mine", other.id) == []
    assert await ids(any_desk, "waiting", agent.id) == [waiting.id]
    assert await ids(any_desk, "bot", agent.id) == [with_bot.id]
    assert await ids(any_desk, "closed", agent.id) == [closed.id]
    assert await ids(any_desk, "team", agent.id) == []
    assert await ids(any_desk, "team", other.id) == [mine.id]
    counts = await any_desk.counts(agent.id)
    assert (counts.mine, counts.waiting, counts.bot, counts.watch) == (1, 1, 1, 0)


async def test_a_conversation_is_found_by_name_words_or_order_number_wherever_it_is(
    any_desk: Desk, bot: ScriptedBot
) -> None:
    agent = await agent_on_duty(any_desk)
    bot.reply = answer("在路上", slots={"order_no": "88265026566641"})
    told = await open_chat(any_desk, member("u1", name="林悦"))
    await told.asks("我的_快递到哪了")
    bot.reply = answer("好的")
    await claimed_chat(any_desk, agent, member("u2", name="王晓雯"))

    async def found(words: str) -> list[str]:
        return [row.id for row in (await any_desk.search_rows(agent.id, words)).rows]

    assert await found("林") == [told.id]
    assert await found("26566641") == [told.id]
    assert await found("在路上") == [told.id]
    assert await found(" ") == []
    assert await found("%") == []


async def test_a_row_holds_what_an_agent_needs_to_choose(desk: Desk, bot: ScriptedBot, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    bot.reply = answer("查询中", intent="ask_logistics")
    chat = await waiting_chat(desk)
    row = await desk.row(chat.id)
    await desk.claim(chat.id, agent.id)
    await desk.save_draft(chat.id, agent.id, "您好，我来")
    drafted = await desk.row(chat.id, agent.id)
    await desk.say(chat.id, agent.id, "a1", text("您好"))

    assert (row.customer.name, row.customer.level, row.group, row.reason) == ("陈晨", "gold", "order", "user_asked")
    assert (row.intent, row.unread, row.waiting_since, row.last_author) == ("ask_logistics", 1, clock.moment, "bot")
    assert drafted.draft == "您好，我来"
    assert drafted.revision > row.revision
    assert (await desk.row(chat.id)).draft == ""


async def test_paging_shows_every_row_once(any_desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(any_desk)
    expected = []
    for n in range(7):
        clock.pass_time(seconds=n % 2)
        expected.append((await waiting_chat(any_desk, member(f"u{n}"))).id)

    seen: list[str] = []
    cursor = None
    while True:
        page = await any_desk.rows("waiting", agent.id, cursor, limit=3)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert sorted(seen) == sorted(expected)
    assert len(seen) == 7
    places = [(await any_desk.waiting(conversation_id)).position for conversation_id in seen]
    assert places == list(range(1, 8))


async def test_every_change_is_told_to_whoever_polls(any_desk: Desk) -> None:
    start = await any_desk.changed_rows()
    chats = [await open_chat(any_desk, member(f"u{n}")) for n in range(4)]
    opened = await any_desk.changed_rows(start.mark)
    await asyncio.gather(*(chat.writes("在吗") for chat in chats[:2]))
    written = await any_desk.changed_rows(opened.mark)
    nothing = await any_desk.changed_rows(written.mark)

    assert start.rows == []
    assert {row.id for row in opened.rows} == {chat.id for chat in chats}
    assert {row.id for row in written.rows} >= {chat.id for chat in chats[:2]}
    assert {row.last_text for row in written.rows if row.id in {chat.id for chat in chats[:2]}} == {"在吗"}
    assert nothing.rows == []


async def test_a_change_that_commits_late_is_not_missed_by_the_poll(any_desk: Desk) -> None:
    if any_desk.workplace.store.database.is_sqlite:
        return
    early, late = await open_chat(any_desk, member("u1")), await open_chat(any_desk, member("u2"))
    mark = (await any_desk.changed_rows()).mark
    async with any_desk.workplace.changing(late.id) as change:
        change.touch()
        await change.save()
        await early.writes("先提交")
        meanwhile = await any_desk.changed_rows(mark)
    after = await any_desk.changed_rows(meanwhile.mark)

    assert {row.id for row in meanwhile.rows} == {early.id}
    assert late.id in {row.id for row in after.rows}


async def test_heads_tell_a_reader_what_he_has_missed(desk: Desk) -> None:
    chat = await open_chat(desk)
    await chat.writes("在吗")

    heads = await desk.heads([chat.id, "unknown"])

    assert set(heads) == {chat.id}
    assert (heads[chat.id].head_seq, heads[chat.id].holder_version) == (1, 1)
    assert await desk.heads([]) == {}


async def test_agents_and_groups_show_who_is_there_and_how_busy(desk: Desk) -> None:
    agent = await agent_on_duty(desk, capacity=3)
    await desk.add_agent("阿福", ["aftersale", "aftersale"], ["agent", "supervisor", "agent"])
    await claimed_chat(desk, agent)
    await waiting_chat(desk, member("u2"))

    agents = {each.name: each for each in await desk.agents()}
    groups = {each.id: each for each in await desk.groups()}

    assert (agents["晓琳"].active, agents["晓琳"].capacity, agents["晓琳"].presence) == (1, 3, "online")
    assert (agents["阿福"].groups, agents["阿福"].roles, agents["阿福"].presence) == (
        ["aftersale"],
        ["agent", "supervisor"],
        "offline",
    )
    assert (groups["order"].name, groups["order"].waiting, groups["order"].online) == ("订单物流", 1, 1)
    assert groups["aftersale"].online == 0


async def test_changing_an_agent_keeps_his_presence(desk: Desk) -> None:
    agent = await agent_on_duty(desk)

    changed = await desk.add_agent("晓琳琳", ["presale"], ["agent"], 5, agent_id=agent.id)

    assert (changed.id, changed.name, changed.presence, changed.groups) == (agent.id, "晓琳琳", "online", ["presale"])
