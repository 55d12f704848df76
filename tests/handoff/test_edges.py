"""The edges of the relay, one test for each: where a customer is dropped elsewhere, here he is caught."""

from __future__ import annotations

import asyncio

import pytest

from handoff.desk import Desk
from handoff.errors import NobodyWaiting
from handoff.triggers import Noticed
from tests.factories import agent_on_duty, claimed_chat, member, open_chat, text, waiting_chat
from tests.stand_ins import Clock, ScriptedBot, answer, faq


async def test_low_confidence_answers_or_asks_back_or_hands_over_with_what_was_tried(
    desk: Desk, bot: ScriptedBot
) -> None:
    """Whether to ask back is the bot's to judge; the desk shows it, and hands over with everything that was tried."""
    chat = await open_chat(desk)
    bot.reply = answer(
        {"type": "did_you_mean", "text": "您是想问", "options": [{"entry_id": "e1", "question": "运费谁出"}]},
        confidence=0.4,
        triggers=(Noticed("low_confidence", 0.4, "运费险"),),
    )
    await chat.asks("运费险")
    assert await chat.holder() == "bot"
    bot.reply = answer(faq(), confidence=0.45)
    await chat.asks("运费险谁付")

    bot.reply = answer(intent="nlu_fallback", confidence=0.2, request=Noticed("low_confidence", 0.8, "说的不是这个"))
    await chat.asks("说的不是这个")

    assert await chat.holder() == "queue"
    card = await desk.card(chat.id)
    assert card.reason == "low_confidence"
    assert [tried.question for tried in card.tried] == ["运费谁出"]


async def test_the_customer_repeats_himself_or_the_bot_would_repeat_itself(desk: Desk, bot: ScriptedBot) -> None:
    chat = await open_chat(desk)
    await chat.asks("怎么还不发货")
    bot.reply = answer(faq(), triggers=(Noticed("repeated", 0.75, "怎么还不发货"),))

    await chat.asks("怎么还不发货")

    assert await chat.holder() == "queue"
    assert (await desk.card(chat.id)).reason == "repeated"


async def test_nobody_online_is_said_the_bot_stays_and_a_promise_has_owner_and_deadline(
    desk: Desk, bot: ScriptedBot, clock: Clock
) -> None:
    chat = await waiting_chat(desk)

    assert [event.body["code"] for event in await chat.of_kind("notice")] == ["nobody_online"]
    promise = (await chat.of_kind("promise_made"))[0].body
    assert promise["owner"].startswith("group:") and promise["due_at"] > "2026-01-05"
    before = len(await chat.said_by("bot"))
    await chat.asks("运费谁出")
    assert len(await chat.said_by("bot")) == before + 1, "the bot goes on helping"

    agent = await agent_on_duty(desk)
    await desk.claim(chat.id, agent.id)
    await desk.say(chat.id, agent.id, "a1", text("来了"))
    assert len(await chat.of_kind("promise_kept")) == 1


async def test_queue_full_or_outside_hours_overflows_then_takes_a_message_with_the_next_opening(desk: Desk) -> None:
    """START is a Monday, 16:00 in the shop."""
    await agent_on_duty(desk)
    night_shift = await agent_on_duty(desk, "夜班", groups=("aftersale",))
    await desk.set_group("order", hours={"2": [["09:00", "18:00"]]}, overflow_to="aftersale")
    helped_out = await waiting_chat(desk, member("u1"))
    await desk.set_presence(night_shift.id, "offline")

    left_a_message = await waiting_chat(desk, member("u2"))

    assert (await desk.row(helped_out.id)).group == "aftersale"
    assert await helped_out.of_kind("promise_made") == []
    notice = (await left_a_message.of_kind("notice"))[0].body
    assert notice["code"] == "outside_hours" and "1月6日 09:00" in notice["text"]
    assert len(await left_a_message.of_kind("promise_made")) == 1


async def test_queue_full_takes_a_message_and_everybody_already_in_line_keeps_his_place(desk: Desk) -> None:
    await agent_on_duty(desk)
    await desk.set_group("order", queue_limit=1)
    first = await waiting_chat(desk, member("u1"))

    second = await waiting_chat(desk, member("u2"))

    assert await first.of_kind("notice") == []
    assert [event.body["code"] for event in await second.of_kind("notice")] == ["queue_full"]
    promise = (await second.of_kind("promise_made"))[0].body
    assert (promise["owner"], promise["kind"]) == ("group:order", "answer")
    assert (await desk.waiting(first.id)).position == 1
    assert (await desk.waiting(second.id)).position == 2


async def test_a_person_takes_over_while_the_bot_is_answering(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    chat = await open_chat(desk)
    bot.hold("late")
    await chat.writes("运费谁出")
    thinking = asyncio.create_task(desk.work_until_idle())
    await bot.began.wait()

    await desk.take_over(chat.id, agent.id)
    bot.let_go()
    await thinking

    assert await chat.said_by("bot") == []
    assert len(await chat.of_kind("suppressed")) == 1
    assert "suppressed" not in [event.kind for event in await chat.seen_by_customer()]


async def test_an_agent_vanishes(desk: Desk, clock: Clock) -> None:
    agent, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国")
    patient = await waiting_chat(desk, member("u2"))
    clock.pass_time(seconds=30)
    chat = await claimed_chat(desk, agent, member("u1"))
    await desk.say(chat.id, agent.id, "a1", text("您好"))
    card, since = await desk.card(chat.id), (await chat.of_kind("handed_over"))[0].at
    desk.begin_watch()
    await desk.agent_gone(agent.id)

    clock.pass_time(seconds=59)
    assert (await desk.sweep()).requeued == 0
    clock.pass_time(seconds=2)
    await desk.sweep()

    waiting = (await desk.rows("waiting", other.id)).rows
    assert [row.id for row in waiting] == [chat.id, patient.id], "before somebody who has waited longer"
    assert waiting[0].waiting_since == since
    assert (await desk.card(chat.id)).handoff_id == card.handoff_id
    assert "排到最前面" in (await chat.of_kind("requeued"))[0].body["sentence"]


async def test_not_answered_in_time_is_given_to_somebody_else_and_alerted(desk: Desk, clock: Clock) -> None:
    agent, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国")
    chat = await claimed_chat(desk, agent)
    clock.pass_time(seconds=desk.workplace.rules.claim_timeout_seconds + 1)

    await desk.sweep()

    assert await chat.holder() == "queue"
    alert = [event.body for event in await chat.of_kind("alert") if event.body["code"] == "not_answered"]
    assert [each["agent_id"] for each in alert] == [agent.id]
    await desk.claim(chat.id, other.id)


async def test_not_answered_in_time_in_a_group_that_is_given_its_customers_goes_to_the_next_agent(
    desk: Desk, clock: Clock
) -> None:
    agent, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国")
    await desk.set_group("order", assignment="automatic")
    chat = await claimed_chat(desk, agent)
    clock.pass_time(seconds=desk.workplace.rules.claim_timeout_seconds + 1)

    await desk.sweep()

    assert await chat.holder() == f"agent:{other.id}"


async def test_back_to_the_bot_is_explicit_and_old_history_never_hands_over_again(desk: Desk, bot: ScriptedBot) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    await desk.return_to_bot(chat.id, agent.id, "已答应周三前发货")
    bot.reply = answer(faq(), triggers=(Noticed("negative_emotion", 0.95, "之前那么生气"),))

    await chat.asks("谢谢")

    assert await chat.holder() == "bot"
    assert bot.asked[-1].note == "已答应周三前发货"
    assert bot.asked[-1].recent == ()
    assert len(await chat.of_kind("returned_to_bot")) == 1


async def test_the_bot_dies_mid_answer(desk: Desk, bot: ScriptedBot) -> None:
    await agent_on_duty(desk)
    chat = await open_chat(desk)
    bot.mode = "fail"

    await chat.asks("运费谁出")

    assert await chat.holder() == "queue"
    assert (await chat.of_kind("notice"))[0].body["code"] == "bot_away"
    assert (await desk.card(chat.id)).reason == "bot_error"


async def test_a_second_handoff_of_the_same_customer_goes_to_the_last_agent_first(desk: Desk) -> None:
    agent = await agent_on_duty(desk)
    chat = await claimed_chat(desk, agent)
    await desk.return_to_bot(chat.id, agent.id, "")
    first = (await chat.of_kind("handed_over"))[0].body["handoff_id"]

    await chat.wants_person("again")

    assert await chat.holder() == "queue"
    assert (await chat.of_kind("handed_over"))[1].body["handoff_id"] != first
    async with desk.workplace.changing(chat.id) as change:
        from handoff.store import line

        place = await line.place_of(change.connection, chat.id)
    assert place is not None and place.preferred_agent_id == agent.id
    colleague = await agent_on_duty(desk, "建国")
    with pytest.raises(NobodyWaiting):
        await desk.claim_next(colleague.id)
    assert (await desk.claim_next(agent.id)).id == chat.id


async def test_a_handoff_is_never_said_but_not_done(desk: Desk, bot: ScriptedBot) -> None:
    """Every sentence about a change of hands stands in the event of that change, and the row is there with it."""
    await agent_on_duty(desk)
    for n, reply in enumerate((answer("马上为您转人工"), answer(request=Noticed("user_asked", 1.0, "转人工")))):
        bot.reply = reply
        chat = await open_chat(desk, member(f"u{n}"))
        await chat.asks("转人工")
        said = [event.body["sentence"] for event in await chat.of_kind("handed_over")]
        assert len(said) == 1 and await chat.holder() == "queue"
        assert chat.id in [row.id for row in (await desk.rows("waiting", "a")).rows]
