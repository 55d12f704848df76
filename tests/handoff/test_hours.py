"""When a group works, who helps out, and what those are told who wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handoff.desk import Desk
from handoff.errors import Invalid, NotFound
from handoff.hours import Hours, read_hours
from handoff.sentences import SHOP_TIME
from tests.factories import Chat, agent_on_duty, member, open_chat, waiting_chat
from tests.stand_ins import Clock

NINE_TO_SIX = {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in "12345"}


def shop_time(day: int, hour: int, minute: int = 0) -> datetime:
    """January 2026; the 5th is a Monday."""
    return datetime(2026, 1, day, hour, minute, tzinfo=SHOP_TIME)


def hours(week: Any = None, holidays: Any = None) -> Hours:
    return read_hours(week if week is not None else NINE_TO_SIX, holidays)


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        (shop_time(5, 9), True, shop_time(5, 9)),
        (shop_time(5, 8, 59), False, shop_time(5, 9)),
        (shop_time(5, 12), False, shop_time(5, 13)),
        (shop_time(5, 18), False, shop_time(6, 9)),
        (shop_time(9, 20), False, shop_time(12, 9)),
        (shop_time(10, 10), False, shop_time(12, 9)),
    ],
)
def test_a_group_is_open_within_its_hours_and_knows_its_next_opening(
    moment: datetime, is_open: bool, opens: datetime
) -> None:
    assert hours().is_open(moment) is is_open
    assert hours().next_opening(moment.astimezone(UTC)) == opens


def test_a_holiday_closes_a_weekday_and_may_open_a_sunday() -> None:
    plan = hours(holidays={"2026-01-05": [], "2026-01-11": [["10:00", "16:00"]]})

    assert not plan.is_open(shop_time(5, 10))
    assert plan.next_opening(shop_time(5, 10)) == shop_time(6, 9)
    assert plan.is_open(shop_time(11, 10))


def test_a_group_without_hours_is_always_open_but_on_holidays() -> None:
    plan = read_hours(None, {"2026-01-05": []})

    assert Hours().is_open(shop_time(4, 3))
    assert not plan.is_open(shop_time(5, 3))


def test_a_group_that_never_opens_has_no_next_opening() -> None:
    assert hours({}).next_opening(shop_time(5, 9)) is None


def test_time_outside_hours_does_not_count() -> None:
    assert hours().open_seconds(shop_time(5, 17), shop_time(6, 10)) == 2 * 3600
    assert hours().open_seconds(shop_time(10, 0), shop_time(11, 0)) == 0
    assert Hours().open_seconds(shop_time(5, 17), shop_time(6, 17)) == 86400


@pytest.mark.parametrize(
    ("week", "holidays"),
    [
        ({"8": []}, None),
        ({"1": [["18:00", "09:00"]]}, None),
        ({"1": [["9 Uhr", "10:00"]]}, None),
        ({"1": "09:00-18:00"}, None),
        ([], None),
        (None, {"1. Oktober": []}),
        ({"1": [["09:00"]]}, None),
    ],
)
async def test_hours_that_make_no_sense_are_refused(desk: Desk, week: Any, holidays: Any) -> None:
    with pytest.raises(Invalid):
        await desk.set_group("order", hours=week, holidays=holidays)


async def test_the_plans_of_all_groups_can_be_read_with_what_is_open_now(desk: Desk) -> None:
    await desk.set_group("order", hours={}, holidays={"2026-10-01": []}, standards={"first_response": {"default": 60}})

    planned = {group.id: group for group in await desk.planned_groups()}

    closed, usual = planned["order"], planned["aftersale"]
    assert (closed.hours, closed.holidays, closed.is_open, closed.next_opening) == ({}, {"2026-10-01": []}, False, None)
    assert closed.standards == {"first_response": {"default": 60}}
    assert (usual.hours, usual.holidays, usual.is_open, usual.queue_limit) == (None, {}, True, None)


async def test_a_group_is_planned_in_parts_and_checked(desk: Desk) -> None:
    await desk.set_group("order", hours=NINE_TO_SIX)
    group = await desk.set_group("order", name="订单组", overflow_to="aftersale", queue_limit=3)

    assert group.name == "订单组"
    async with desk.workplace.store.reading() as connection:
        from handoff.store import groups

        plan = (await groups.plans(connection))["order"]
    assert (plan.hours, plan.queue_limit, plan.overflow_to) == (hours(), 3, "aftersale")
    for wrong in ({"overflow_to": "order"}, {"overflow_to": "nowhere"}, {"queue_limit": 0}, {"colour": "red"}):
        with pytest.raises(Invalid):
            await desk.set_group("order", **wrong)
    with pytest.raises(NotFound):
        await desk.set_group("nowhere", name="x")


async def test_outside_hours_the_customer_hears_the_next_opening_and_gets_a_promise(desk: Desk, clock: Clock) -> None:
    await agent_on_duty(desk)
    await desk.set_group("order", hours=NINE_TO_SIX)
    clock.moment = shop_time(9, 20).astimezone(UTC)

    chat = await waiting_chat(desk)

    notice = (await chat.of_kind("notice"))[0].body
    assert notice["code"] == "outside_hours"
    assert "1月12日 09:00" in notice["text"]
    promise = (await chat.of_kind("promise_made"))[0].body
    assert promise["due_at"] == "2026-01-12T03:00:00.000Z"
    assert await chat.holder() == "queue"


async def test_a_closed_group_sends_its_customers_to_the_one_that_helps_out(desk: Desk, clock: Clock) -> None:
    await agent_on_duty(desk)
    await agent_on_duty(desk, "夜班", groups=("aftersale",))
    await desk.set_group("order", hours={}, overflow_to="aftersale")

    chat = await waiting_chat(desk)

    assert (await desk.row(chat.id)).group == "aftersale"
    assert await chat.of_kind("promise_made") == []


async def test_a_full_line_overflows_and_without_help_leaves_a_message(desk: Desk) -> None:
    await agent_on_duty(desk)
    await agent_on_duty(desk, "建国", groups=("aftersale",))
    await desk.set_group("order", queue_limit=1)
    await waiting_chat(desk, member("u1"))

    left_a_message = await waiting_chat(desk, member("u2"))
    await desk.set_group("order", overflow_to="aftersale")
    helped_out = await waiting_chat(desk, member("u3"))

    assert (await left_a_message.of_kind("notice"))[0].body["code"] == "queue_full"
    assert len(await left_a_message.of_kind("promise_made")) == 1
    assert (await desk.row(helped_out.id)).group == "aftersale"


async def test_after_a_wait_another_group_takes_over_with_the_waiting_time_kept(desk: Desk, clock: Clock) -> None:
    await agent_on_duty(desk)
    helper = await agent_on_duty(desk, "建国", groups=("aftersale",))
    await desk.set_group("order", overflow_to="aftersale", overflow_seconds=60)
    await desk.set_group("aftersale", overflow_to="order", overflow_seconds=60)
    chat = await waiting_chat(desk)
    since = (await desk.row(chat.id)).waiting_since

    clock.pass_time(seconds=59)
    assert (await desk.sweep()).overflowed == 0
    clock.pass_time(seconds=2)
    assert (await desk.sweep()).overflowed == 1
    clock.pass_time(seconds=120)
    assert (await desk.sweep()).overflowed == 0, "nobody is sent to and fro"

    row = await desk.row(chat.id)
    assert (row.group, row.waiting_since) == ("aftersale", since)
    moved = (await chat.of_kind("requeued"))[0].body
    assert moved["staff"] == {"why": "overflow", "from": "order"}
    await desk.claim(chat.id, helper.id)


async def test_nobody_is_sent_to_a_group_where_nobody_is(desk: Desk, clock: Clock) -> None:
    await agent_on_duty(desk)
    await desk.set_group("order", overflow_to="aftersale", overflow_seconds=60)
    await waiting_chat(desk)
    clock.pass_time(seconds=600)

    assert (await desk.sweep()).overflowed == 0


async def test_who_waits_is_told_so_after_two_six_and_fourteen_minutes(desk: Desk, clock: Clock) -> None:
    await agent_on_duty(desk)
    chat = await waiting_chat(desk)
    told_after = []

    for minute in range(1, 16):
        clock.pass_time(minutes=1)
        if (await desk.sweep()).reminded:
            told_after.append(minute)

    assert told_after == [2, 6, 14]
    assert [event.body["code"] for event in await chat.of_kind("notice")] == ["still_waiting_first"] * 3


async def test_a_desk_that_was_down_reminds_once(desk: Desk, clock: Clock) -> None:
    await agent_on_duty(desk)
    await waiting_chat(desk)
    clock.pass_time(hours=1)

    assert [(await desk.sweep()).reminded for _ in range(2)] == [1, 0]


async def test_an_idle_conversation_with_the_bot_ends_without_being_called_solved(desk: Desk, clock: Clock) -> None:
    chat = await open_chat(desk)
    await chat.asks("运费谁出")
    clock.pass_time(seconds=desk.workplace.rules.bot_idle_close_seconds + 1)

    assert [(await desk.sweep()).idle_closed for _ in range(2)] == [1, 0]

    closed = (await chat.of_kind("closed"))[0]
    assert (closed.body["by"], closed.body["staff"]["outcome"]) == ("desk", None)
    await chat.writes("还在吗")
    assert await chat.holder() == "bot"


async def test_a_customer_who_writes_english_goes_to_the_group_that_speaks_it(any_desk: Desk) -> None:
    await agent_on_duty(any_desk)
    await agent_on_duty(any_desk, "Amy", groups=("presale",))
    await any_desk.set_group("presale", languages=["EN"])

    placed = []
    for subject, locale in (("u1", "en-US"), ("u2", "zh-CN"), ("u3", "fr-FR")):
        welcome = await any_desk.welcome(member(subject), locale=locale)
        chat = Chat(any_desk, welcome.conversation.id, welcome.customer.id)
        await chat.wants_person()
        placed.append((await any_desk.row(chat.id)).group)

    assert placed == ["presale", "order", "order"]


async def test_a_conversation_with_an_open_promise_is_not_closed_for_silence(desk: Desk, clock: Clock) -> None:
    chat = await open_chat(desk)
    await chat.asks("运费谁出")
    await chat.wants_person()
    await desk.cancel_waiting(chat.id, chat.customer_id)
    clock.pass_time(days=2)

    assert (await desk.sweep()).idle_closed == 0


async def test_somebody_set_aside_comes_back_in_time_or_when_he_writes(desk: Desk, clock: Clock) -> None:
    agent = await agent_on_duty(desk)
    chats = [await waiting_chat(desk, member(f"u{n}")) for n in range(2)]
    for chat in chats:
        await desk.claim(chat.id, agent.id)
        await desk.say(chat.id, agent.id, "hello", {"type": "text", "text": "稍等"})
        await desk.snooze(chat.id, agent.id, clock() + timedelta(hours=1), "等仓库回复")

    await chats[0].writes("有消息了吗", "news")
    clock.pass_time(seconds=3601)
    assert (await desk.sweep()).woken == 1

    assert [len(await chat.of_kind("woken")) for chat in chats] == [1, 1]
    assert await chats[1].holder() == f"agent:{agent.id}"
    for until in (clock(), clock() + timedelta(days=8)):
        with pytest.raises(Invalid):
            await desk.snooze(chats[0].id, agent.id, until)


async def test_an_invited_colleague_is_named_to_the_staff_and_the_customer_hears_one_voice(desk: Desk) -> None:
    agent, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国")
    chat = await waiting_chat(desk)
    await desk.claim(chat.id, agent.id)

    await desk.invite(chat.id, agent.id, other.id, "请看一下退款")

    assert (await chat.of_kind("invited"))[0].body["agent"]["name"] == "建国"
    assert "invited" not in [event.kind for event in await chat.seen_by_customer()]
    with pytest.raises(Invalid):
        await desk.invite(chat.id, agent.id, agent.id)
