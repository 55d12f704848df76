"""Service clocks: they warn, they run out, they stop outside hours and when somebody answers."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.desk import Desk
from handoff.errors import Invalid
from tests.factories import Chat, agent_on_duty, member, text, waiting_chat
from tests.stand_ins import Clock

STANDARDS: dict[str, Any] = {
    "first_response": {"default": 100, "diamond": 50},
    "next_response": {"default": 200},
    "resolution": {"default": 3600},
}


async def alerts(chat: Chat) -> list[tuple[str, str]]:
    return [(event.body["code"], event.body.get("clock", "")) for event in await chat.of_kind("alert")]


async def served_chat(desk: Desk, level: str = "gold") -> tuple[Chat, str]:
    agent = await agent_on_duty(desk)
    await desk.set_group("order", standards=STANDARDS)
    return await waiting_chat(desk, member("u9", level=level)), agent.id


async def test_a_row_shows_the_worst_standard_that_is_still_in_question(desk: Desk, clock: Clock) -> None:
    chat, agent = await served_chat(desk)
    clock.pass_time(seconds=90)
    await desk.sweep()
    warned = (await desk.row(chat.id)).alert
    clock.pass_time(seconds=20)
    await desk.sweep()
    broken = (await desk.row(chat.id)).alert
    await desk.claim(chat.id, agent)
    await desk.say(chat.id, agent, "m1", text("您好"))
    answered = (await desk.row(chat.id)).alert

    assert warned is not None and (warned.clock, warned.state) == ("first_response", "warning")
    assert broken is not None and broken.state == "breach"
    assert answered is None


async def test_a_first_answer_that_is_late_warns_once_and_breaches_once(desk: Desk, clock: Clock) -> None:
    chat, _ = await served_chat(desk)

    for _ in range(3):
        clock.pass_time(seconds=40)
        await desk.sweep()
        await desk.sweep()

    assert await alerts(chat) == [("standard_warning", "first_response"), ("standard_breach", "first_response")]
    assert "alert" not in [event.kind for event in await chat.seen_by_customer()]


async def test_important_customers_have_their_own_standard(desk: Desk, clock: Clock) -> None:
    chat, _ = await served_chat(desk, "diamond")
    clock.pass_time(seconds=51)

    await desk.sweep()

    assert await alerts(chat) == [("standard_breach", "first_response")]


async def test_an_answer_stops_the_clock_and_the_next_question_starts_another(desk: Desk, clock: Clock) -> None:
    chat, agent_id = await served_chat(desk)
    await desk.claim(chat.id, agent_id)
    await desk.say(chat.id, agent_id, "a1", text("您好"))
    clock.pass_time(seconds=150)
    await desk.sweep()
    assert await alerts(chat) == []

    await chat.writes("到底什么时候发货")
    clock.pass_time(seconds=30)
    await chat.writes("在吗")
    clock.pass_time(seconds=171)
    await desk.sweep()
    assert await alerts(chat) == [("standard_breach", "next_response")], "counted from the first unanswered word"

    await desk.say(chat.id, agent_id, "a2", text("今天发"))
    clock.pass_time(seconds=900)
    await desk.sweep()
    assert len(await alerts(chat)) == 1


async def test_the_whole_time_until_the_end_has_a_standard_too(desk: Desk, clock: Clock) -> None:
    chat, agent_id = await served_chat(desk)
    await desk.claim(chat.id, agent_id)
    await desk.say(chat.id, agent_id, "a1", text("您好"))
    clock.pass_time(seconds=3601)
    await desk.sweep()
    await desk.close(chat.id, agent_id, "solved")
    clock.pass_time(days=1)
    await desk.sweep()

    assert await alerts(chat) == [("standard_breach", "resolution")]


async def test_clocks_stand_still_outside_hours(desk: Desk, clock: Clock) -> None:
    """START is Monday 16:00 in the shop."""
    chat, _ = await served_chat(desk)
    await desk.set_group("order", hours={"1": [["09:00", "16:01"]], "2": [["09:00", "18:00"]]})

    clock.pass_time(hours=16)
    await desk.sweep()
    assert await alerts(chat) == []

    clock.pass_time(hours=1, seconds=41)
    await desk.sweep()
    assert await alerts(chat) == [("standard_breach", "first_response")]


async def test_an_overdue_promise_is_told_to_the_staff_once(desk: Desk, clock: Clock) -> None:
    chat = await waiting_chat(desk)
    clock.pass_time(seconds=desk.workplace.rules.message_answer_seconds + 1)

    await desk.sweep()
    await desk.sweep()

    assert [code for code, _ in await alerts(chat)].count("promise_overdue") == 1


@pytest.mark.parametrize("wrong", [[], {"speed": {}}, {"resolution": 5}, {"resolution": {"default": 0}}])
async def test_standards_that_make_no_sense_are_refused(desk: Desk, wrong: Any) -> None:
    with pytest.raises(Invalid):
        await desk.set_group("order", standards=wrong)
