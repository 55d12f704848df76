"""What time decides: vanished agents, forgotten customers, promises, and the proof that nobody fell out of line."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import delete, insert

import handoff.watch
from handoff.audit import first_broken
from handoff.desk import Desk
from handoff.rules import Rules
from handoff.store import Store, audited, line, promised
from handoff.tables import queue
from handoff.workplace import Workplace
from tests.factories import (
    Chat,
    agent_on_duty,
    claimed_chat,
    make_desk,
    member,
    open_chat,
    text,
    until,
    waiting_chat,
)
from tests.stand_ins import Clock


async def order_of_waiting(desk: Desk, agent_id: str) -> list[str]:
    return [row.id for row in (await desk.rows("waiting", agent_id)).rows]


async def test_customers_of_a_vanished_agent_go_to_the_head_of_the_queue_with_everything_kept(
    any_desk: Desk, clock: Clock
) -> None:
    agent, other = await agent_on_duty(any_desk), await agent_on_duty(any_desk, "建国")
    any_desk.begin_watch()
    chat = await claimed_chat(any_desk, agent)
    since = (await chat.of_kind("handed_over"))[0].at
    clock.pass_time(minutes=2)
    waiting = await waiting_chat(any_desk, member("u2"))
    await any_desk.agent_gone(agent.id)
    card = await any_desk.card(chat.id)
    clock.pass_time(seconds=59)
    in_grace = await any_desk.sweep()
    clock.pass_time(seconds=1)

    swept = await any_desk.sweep()

    assert (in_grace.requeued, swept.requeued, swept.agents_lost) == (0, 1, 1)
    assert await order_of_waiting(any_desk, other.id) == [chat.id, waiting.id]
    row = await any_desk.row(chat.id)
    assert (row.waiting_since, row.group) == (since, "order")
    assert (await any_desk.card(chat.id)).handoff_id == card.handoff_id
    told = (await chat.of_kind("requeued"))[0].body
    assert told["sentence"] == "刚才的客服暂时离开了，已为您排到最前面，您说过的内容都已保留。"
    assert told["staff"] == {"why": "agent_lost", "from": agent.id}
    assert (await any_desk.agent(agent.id)).presence == "offline"
    assert (await any_desk.sweep()).requeued == 0


async def test_a_vanished_agent_who_comes_back_is_shown_as_there_but_not_one_who_said_he_is_away(
    desk: Desk, clock: Clock
) -> None:
    lost, away = await agent_on_duty(desk), await agent_on_duty(desk, "建国")
    desk.begin_watch()
    await desk.agent_gone(lost.id)
    clock.pass_time(seconds=61)
    await desk.sweep()
    await desk.set_presence(away.id, "offline", "午休")

    await desk.agent_seen(lost.id)
    await desk.agent_seen(away.id)

    assert ((await desk.agent(lost.id)).presence, (await desk.agent(away.id)).presence) == ("online", "offline")


@pytest.mark.parametrize("says_goodbye", [True, False], ids=["closed his window", "fell silent"])
async def test_an_agent_out_of_reach_is_shown_away_within_fifteen_seconds_and_keeps_his_customers(
    any_desk: Desk, clock: Clock, says_goodbye: bool
) -> None:
    agent = await agent_on_duty(any_desk)
    any_desk.begin_watch()
    chat = await claimed_chat(any_desk, agent)
    await any_desk.say(chat.id, agent.id, "a1", text("您好"))
    clock.pass_time(seconds=100)
    await any_desk.agent_seen(agent.id)
    if says_goodbye:
        await any_desk.agent_gone(agent.id)
    clock.pass_time(seconds=5)
    await any_desk.sweep()
    reloading = await any_desk.agent(agent.id)
    clock.pass_time(seconds=9)

    await any_desk.sweep()

    shown = await any_desk.agent(agent.id)
    assert reloading.presence == "online"
    assert (shown.presence, shown.presence_reason) == ("offline", "连接断开")
    assert await chat.holder() == f"agent:{agent.id}"
    clock.pass_time(seconds=47)
    assert (await any_desk.sweep()).requeued == 1, "the grace is counted from when he was gone"


async def test_an_agent_who_was_busy_when_his_line_was_cut_comes_back_busy(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    desk.begin_watch()
    await desk.set_presence(agent.id, "busy", "在处理工单")
    await desk.agent_gone(agent.id)
    clock.pass_time(seconds=20)
    await desk.sweep()

    await desk.agent_seen(agent.id)

    assert (await desk.agent(agent.id)).presence == "busy"


async def test_agents_are_looked_after_while_everything_else_takes_long(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of reminders that come due at once, on a desk that has its hands full, take minutes."""

    async def takes_for_ever(_: Workplace) -> int:
        await asyncio.Event().wait()
        return 0

    clock = Clock()
    desk = await make_desk(sqlite_url, now=clock, rules=Rules(watch_poll_seconds=0.01))
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    monkeypatch.setattr(handoff.watch, "remind", takes_for_ever)

    async with desk.working():
        await asyncio.sleep(0)
        clock.pass_time(seconds=desk.workplace.rules.claim_timeout_seconds + 1)
        await until(lambda: is_waiting(chat))

    await desk.workplace.store.close()


async def is_waiting(chat: Chat) -> bool:
    return await chat.holder() == "queue"


async def test_a_desk_that_has_just_started_shows_nobody_as_away(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    await desk.agent_seen(agent.id)
    clock.pass_time(minutes=5)
    desk.begin_watch()

    await desk.sweep()

    assert (await desk.agent(agent.id)).presence == "online"


async def test_an_agent_who_is_back_within_the_grace_keeps_his_customers(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    desk.begin_watch()
    chat = await claimed_chat(desk, agent)
    await desk.say(chat.id, agent.id, "a1", text("您好"))
    clock.pass_time(seconds=100)
    await desk.agent_gone(agent.id)
    clock.pass_time(seconds=50)
    await desk.agent_seen(agent.id)
    clock.pass_time(seconds=50)

    swept = await desk.sweep()

    assert (swept.requeued, swept.agents_lost) == (0, 0)
    assert await chat.holder() == f"agent:{agent.id}"


async def test_an_agent_whose_heartbeat_stops_without_goodbye_has_vanished_too(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    desk.begin_watch()
    chat = await claimed_chat(desk, agent)
    await desk.agent_seen(agent.id)
    clock.pass_time(seconds=61)

    await desk.sweep()

    assert await chat.holder() == "queue"


async def test_a_desk_that_was_down_itself_gives_everybody_the_grace_again(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    await desk.say(chat.id, agent.id, "a1", text("您好"))
    await desk.agent_seen(agent.id)
    clock.pass_time(hours=1)
    desk.begin_watch()

    swept = await desk.sweep()

    assert swept.requeued == 0
    assert await chat.holder() == f"agent:{agent.id}"


async def test_who_only_says_offline_keeps_his_customers(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    desk.begin_watch()
    chat = await claimed_chat(desk, agent)
    await desk.set_presence(agent.id, "offline", "午休")
    clock.pass_time(seconds=120)

    await desk.sweep()

    assert await chat.holder() == f"agent:{agent.id}"


async def test_a_claimed_customer_who_hears_nothing_goes_back_to_the_head_of_the_queue(
    desk: Desk, clock: Clock
) -> None:
    agent = await agent_on_duty(desk)
    silent, answered = await claimed_chat(desk, agent), await claimed_chat(desk, agent, member("u2"))
    await desk.say(answered.id, agent.id, "a1", text("您好"))
    clock.pass_time(seconds=desk.workplace.rules.claim_timeout_seconds)

    swept = await desk.sweep()

    assert swept.timed_out == 1
    assert (await silent.holder(), await answered.holder()) == ("queue", f"agent:{agent.id}")
    assert (await silent.of_kind("requeued"))[0].body["staff"]["why"] == "claim_timeout"


async def test_the_sweeper_mends_a_lost_and_a_stray_place_in_line_and_reports_them(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    lost, with_bot = await waiting_chat(desk), await open_chat(desk, member("u2"))
    async with desk.workplace.store.writing() as connection:
        await connection.execute(delete(queue))
        values = {"conversation_id": with_bot.id, "handoff_id": "x", "group_id": "order", "severity": 1}
        await connection.execute(insert(queue).values(values | {"waiting_since": clock(), "place": clock()}))

    swept = await desk.sweep()

    assert swept.mended == 2
    assert await order_of_waiting(desk, agent.id) == [lost.id]
    assert (await desk.sweep()).mended == 0


async def test_every_change_of_hands_keeps_exactly_one_place_for_whoever_waits(desk: Desk, clock: Clock) -> None:
    mine, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国", groups=("aftersale",))
    chat = await waiting_chat(desk)
    for doing in (
        lambda: desk.claim(chat.id, mine.id),
        lambda: desk.transfer(chat.id, mine.id, to_group="aftersale"),
        lambda: desk.claim(chat.id, other.id),
        lambda: desk.return_to_bot(chat.id, other.id),
        lambda: chat.wants_person("p2"),
        lambda: desk.cancel_waiting(chat.id, chat.customer_id),
        lambda: desk.take_over(chat.id, mine.id),
        lambda: desk.close(chat.id, mine.id, "solved"),
        lambda: chat.writes("再问一句", "again"),
    ):
        await doing()
        async with desk.workplace.store.reading() as connection:
            assert await line.without_place(connection) == []
            assert await line.places_of_nobody(connection) == []


async def test_a_group_with_nobody_on_duty_queues_all_the_same_and_promises_an_answer(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    await desk.set_presence(agent.id, "offline")
    chat = await waiting_chat(desk)
    await chat.asks("我的包裹坏了")

    assert await chat.holder() == "queue"
    notice = (await chat.of_kind("notice"))[0].body
    assert notice == {
        "code": "nobody_online",
        "text": "现在没有客服在线。您的留言不会丢失，我们会在 1月6日 16:00 前回复您。",
    }
    promise = (await desk.card(chat.id)).promises[0]
    assert (promise.owner, promise.text, promise.kept) == ("group:order", "在 1月6日 16:00 前回复您的留言", False)
    assert "已为您记下" in (await chat.of_kind("handed_over"))[0].body["sentence"]

    await desk.claim(chat.id, agent.id)
    await desk.say(chat.id, agent.id, "a1", text("久等了，我来处理"))

    kept = await chat.of_kind("promise_kept")
    assert [event.body["promise_id"] for event in kept] == [promise.promise_id]
    assert (await desk.card(chat.id)).promises == []


async def test_a_promise_past_its_deadline_is_counted(desk: Desk, clock: Clock) -> None:
    await waiting_chat(desk)
    clock.pass_time(days=1, seconds=1)

    assert (await desk.sweep()).promises_overdue == 1
    async with desk.workplace.store.reading() as connection:
        assert len(await promised.overdue(connection, clock())) == 1


async def test_a_very_long_queue_is_told_honestly(sqlite_url: str, clock: Clock) -> None:
    from handoff.rules import Rules
    from tests.factories import make_desk

    desk = await make_desk(sqlite_url, now=clock, rules=Rules(queue_limit=2))
    await agent_on_duty(desk)
    chats = [await waiting_chat(desk, member(f"u{n}")) for n in range(3)]

    codes = [[event.body["code"] for event in await chat.of_kind("notice")] for chat in chats]

    assert codes == [[], [], ["queue_full"]]
    await desk.workplace.store.close()


async def test_position_and_estimate_come_from_the_line_and_from_measured_times(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk, capacity=1)
    for n in range(6):
        served = await waiting_chat(desk, member(f"served{n}"))
        clock.pass_time(seconds=20)
        await desk.claim(served.id, agent.id)
        clock.pass_time(seconds=300)
        await desk.close(served.id, agent.id, "solved")
    busy = await waiting_chat(desk, member("busy"))
    await desk.claim(busy.id, agent.id)
    chats: list[Chat] = []
    for n in range(3):
        clock.pass_time(seconds=1)
        chats.append(await waiting_chat(desk, member(f"u{n}")))

    waits = [await desk.waiting(chat.id, chat.customer_id) for chat in chats]

    assert [wait.position for wait in waits] == [1, 2, 3]
    assert {wait.group for wait in waits} == {"订单物流"}
    estimates = [wait.estimate_seconds for wait in waits]
    assert [(each.low, each.high) for each in estimates if each] == [(300, 330), (600, 630), (900, 930)]


async def test_every_privileged_act_is_in_an_unbroken_audit_chain(any_desk: Desk) -> None:
    agent = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, agent)
    said = await any_desk.say(chat.id, agent.id, "a1", text("您好"))
    await any_desk.recall(chat.id, "agent", agent.id, said.seq)
    handoff_id = (await any_desk.card(chat.id)).handoff_id
    assert handoff_id is not None
    await any_desk.give_verdict(chat.id, agent.id, handoff_id, True)
    await any_desk.close(chat.id, agent.id, "solved")

    async with any_desk.workplace.store.reading() as connection:
        chain = await audited.chain(connection, chat.id)

    assert [row.act for row in chain] == ["ask_for_person", "claim", "recall", "verdict", "close"]
    assert chain[1].actor == f"agent:{agent.id}"
    assert first_broken([row._mapping for row in chain]) is None


async def test_starting_twice_changes_nothing(sqlite_url: str) -> None:
    store = Store.at(sqlite_url)
    await store.prepare()
    await store.prepare()
    await store.close()
