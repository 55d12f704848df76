"""Every row of the transition table, through the desk, and everything that is not in it."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from handoff.conversation import BOT_MAY_SHOW, MOVES, Act, Who, agent_holder, holder_kind, legal_move
from handoff.desk import Desk
from handoff.errors import AlreadyClaimed, IllegalMove, JieliError, NotHolder, NotWaiting
from handoff.events import KINDS
from handoff.rules import Rules
from tests.factories import Chat, agent_on_duty, claimed_chat, open_chat, waiting_chat
from tests.stand_ins import Clock, ScriptedBot, answer, wants_person

SUPERVISOR = "supervisor"
HOLDERS = {"bot": "bot", "queue": "queue", "agent": "agent:a1", "nobody": "nobody"}


async def in_bot(desk: Desk, agent_id: str) -> Chat:
    chat = await open_chat(desk)
    await chat.asks("你好")
    return chat


async def in_queue(desk: Desk, agent_id: str) -> Chat:
    return await waiting_chat(desk)


async def with_agent(desk: Desk, agent_id: str) -> Chat:
    return await claimed_chat(desk, await desk.agent(agent_id))


async def with_nobody(desk: Desk, agent_id: str) -> Chat:
    chat = await with_agent(desk, agent_id)
    await desk.close(chat.id, agent_id, "solved")
    return chat


ARRANGE = {"bot": in_bot, "queue": in_queue, "agent": with_agent, "nobody": with_nobody}


async def hands_over(desk: Desk, chat: Chat, mine: str, other: str) -> None:
    await chat.asks("转人工")


async def is_lost(desk: Desk, chat: Chat, mine: str, other: str) -> None:
    clock = desk.workplace.now
    assert isinstance(clock, Clock)
    desk.begin_watch()
    await desk.agent_gone(mine)
    clock.pass_time(seconds=desk.workplace.rules.grace_seconds + 1)
    await desk.sweep()


async def is_helped_out(desk: Desk, chat: Chat, mine: str, other: str) -> None:
    clock = desk.workplace.now
    assert isinstance(clock, Clock)
    await desk.set_group("order", overflow_to="aftersale", overflow_seconds=60)
    clock.pass_time(seconds=61)
    await desk.sweep()


async def goes_silent(desk: Desk, chat: Chat, mine: str, other: str) -> None:
    clock = desk.workplace.now
    assert isinstance(clock, Clock)
    clock.pass_time(seconds=desk.workplace.rules.bot_idle_close_seconds + 1)
    await desk.sweep()


async def sent_on_by_a_colleague(desk: Desk, mine: str) -> Chat:
    colleague = await agent_on_duty(desk, "同事")
    chat = await claimed_chat(desk, colleague)
    await desk.transfer(chat.id, colleague.id, to_agent=mine)
    return chat


async def owed_a_call(desk: Desk, mine: str) -> Chat:
    chat = await with_agent(desk, mine)
    promise = ("明天回电", desk.workplace.now() + timedelta(hours=20))
    await desk.close(chat.id, mine, "follow_up", promise=promise)
    return chat


Doing = Callable[[Desk, Chat, str, str], Awaitable[object]]
# Who does what: `mine` holds the conversation where an agent does, `other` is a colleague and supervisor.
DOINGS: dict[tuple[Who, Act], Doing] = {
    ("customer", "ask_for_person"): lambda d, c, mine, other: c.wants_person(),
    ("desk", "hand_over"): hands_over,
    ("customer", "cancel_waiting"): lambda d, c, mine, other: d.cancel_waiting(c.id, c.customer_id),
    ("agent", "claim"): lambda d, c, mine, other: d.claim(c.id, mine),
    ("agent", "take_over"): lambda d, c, mine, other: d.take_over(c.id, mine),
    ("supervisor", "take_over"): lambda d, c, mine, other: d.take_over(c.id, other, is_supervisor=True),
    ("desk", "requeue"): is_lost,
    ("agent", "transfer_to_agent"): lambda d, c, mine, other: d.transfer(c.id, mine, to_agent=other),
    ("agent", "transfer_to_group"): lambda d, c, mine, other: d.transfer(c.id, mine, to_group="aftersale"),
    ("desk", "overflow"): is_helped_out,
    ("desk", "close"): goes_silent,
    ("supervisor", "transfer_to_agent"): lambda d, c, mine, other: d.transfer(
        c.id, SUPERVISOR, to_agent=other, is_supervisor=True
    ),
    ("supervisor", "transfer_to_group"): lambda d, c, mine, other: d.transfer(
        c.id, SUPERVISOR, to_group="aftersale", is_supervisor=True
    ),
    ("agent", "follow_up"): lambda d, c, mine, other: d.follow_up(c.id, mine),
    ("agent", "decline"): lambda d, c, mine, other: d.decline(c.id, mine),
    ("agent", "return_to_bot"): lambda d, c, mine, other: d.return_to_bot(c.id, mine, "已说明"),
    ("agent", "close"): lambda d, c, mine, other: d.close(c.id, mine, "solved"),
    ("customer", "reopen"): lambda d, c, mine, other: c.writes("还有一个问题"),
}


@pytest.mark.parametrize("move", MOVES, ids=lambda m: f"{m.who}-{m.act}-{m.come_from}")
async def test_every_legal_move_changes_holder_version_and_log(desk: Desk, bot: ScriptedBot, move) -> None:
    mine, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国", groups=("aftersale",))
    await desk.add_agent("主管", [], ["supervisor"], 8, agent_id=SUPERVISOR)
    special = {"decline": sent_on_by_a_colleague, "follow_up": owed_a_call}
    arrange = special.get(move.act) or ARRANGE[move.come_from]
    chat = await arrange(desk, mine.id)
    before, head = await desk.conversation(chat.id), len(await chat.log())
    bot.reply = wants_person() if move.act == "hand_over" else answer("好的")

    await DOINGS[move.who, move.act](desk, chat, mine.id, other.id)

    after = await desk.conversation(chat.id)
    assert holder_kind(after.holder) == move.to
    assert after.holder_version == before.holder_version + 1
    assert move.event in [event.kind for event in (await chat.log())[head:]]
    place = await desk.rows("waiting", mine.id)
    assert [row.id for row in place.rows] == ([chat.id] if move.to == "queue" else [])


def test_what_is_not_in_the_table_is_refused() -> None:
    acts = {move.act for move in MOVES}
    whos: set[Who] = {move.who for move in MOVES}
    listed = {(move.who, move.act, move.come_from) for move in MOVES}

    for who, act, kind in itertools.product(whos, acts, HOLDERS):
        if (who, act, kind) not in listed:
            with pytest.raises(IllegalMove):
                legal_move(who, act, HOLDERS[kind], "a1")


def test_no_two_rows_disagree_and_every_event_kind_exists() -> None:
    keys = [(move.who, move.act, move.come_from) for move in MOVES]

    assert len(keys) == len(set(keys))
    assert {move.event for move in MOVES} <= set(KINDS)
    assert set(BOT_MAY_SHOW) == set(HOLDERS)


def test_an_agent_moves_only_what_he_holds_himself() -> None:
    assert legal_move("agent", "close", agent_holder("a1"), "a1").to == "nobody"

    with pytest.raises(IllegalMove):
        legal_move("agent", "close", agent_holder("a1"), "a2")


async def test_moves_that_come_too_late_say_what_is_the_matter(desk: Desk) -> None:
    mine, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国")
    chat = await claimed_chat(desk, mine)

    expected: list[tuple[Callable[[], Awaitable[object]], type[JieliError]]] = [
        (lambda: desk.claim(chat.id, other.id), AlreadyClaimed),
        (lambda: desk.take_over(chat.id, other.id), AlreadyClaimed),
        (lambda: desk.cancel_waiting(chat.id, chat.customer_id), NotWaiting),
        (lambda: desk.say(chat.id, other.id, "m1", {"type": "text", "text": "您好"}), NotHolder),
        (lambda: desk.transfer(chat.id, other.id, to_group="aftersale"), NotHolder),
        (lambda: desk.return_to_bot(chat.id, other.id), NotHolder),
        (lambda: desk.close(chat.id, other.id, "solved"), NotHolder),
    ]

    for doing, error in expected:
        with pytest.raises(error):
            await doing()
    assert (await desk.conversation(chat.id)).holder == agent_holder(mine.id)


async def test_claiming_what_is_still_with_the_bot_is_no_legal_move(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await open_chat(desk)

    with pytest.raises(IllegalMove):
        await desk.claim(chat.id, agent.id)


async def test_a_claim_of_an_older_state_is_refused(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await waiting_chat(desk)
    seen = (await desk.conversation(chat.id)).holder_version
    await desk.cancel_waiting(chat.id, chat.customer_id)
    await chat.wants_person("again")

    with pytest.raises(IllegalMove):
        await desk.claim(chat.id, agent.id, holder_version=seen)


async def test_customer_reads_a_sentence_at_every_change_of_hands(desk: Desk) -> None:
    mine, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国")
    chat = await claimed_chat(desk, mine)
    await desk.transfer(chat.id, mine.id, to_agent=other.id, note="客户很急")
    await desk.return_to_bot(chat.id, other.id, "已退款")

    told = [
        event
        for event in await chat.seen_by_customer()
        if event.kind in ("handed_over", "claimed", "transferred", "returned_to_bot")
    ]

    assert [event.body["sentence"] for event in told if event.kind != "hidden"] == [
        "正在为您转接人工客服，马上就到您，请稍候。",
        "晓琳 已接入，前面的对话我都看到了，不用再重复说明。",
        "已为您转给 建国，前面的对话已一并转交。",
        "人工服务已结束，接下来由机器人继续为您服务，需要时可随时转人工。",
    ]
    assert "客户很急" not in str(await chat.seen_by_customer())
    assert "已退款" not in str(await chat.seen_by_customer())


async def test_an_english_customer_is_told_in_english(desk: Desk) -> None:
    from tests.factories import member

    await agent_on_duty(desk)
    welcome = await desk.welcome(member(), locale="en-US")
    await desk.ask_for_person(welcome.conversation.id, welcome.customer.id, "p1")

    page = await desk.events(welcome.conversation.id, after=0)

    assert page.events[0].body["sentence"] == "Connecting you to a person; you are next."


def test_rules_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Rules().grace_seconds = 1  # type: ignore[misc]
