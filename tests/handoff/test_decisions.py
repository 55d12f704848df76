"""Decisions about fetching a person: kept with their inputs, also when the bot goes on, and judged by the agent."""

from __future__ import annotations

import pytest

from handoff.desk import Desk
from handoff.errors import NotFound
from handoff.triggers import Noticed
from tests.factories import agent_on_duty, open_chat, waiting_chat
from tests.stand_ins import ScriptedBot, answer, faq


async def test_a_decision_that_keeps_the_bot_is_stored_with_its_inputs(any_desk: Desk, bot: ScriptedBot) -> None:
    chat = await open_chat(any_desk)
    bot.reply = answer(faq(), triggers=(Noticed("negative_emotion", 0.7, "有点慢"),))

    await chat.asks("有点慢")

    found = (await any_desk.decisions(chat.id))[0]
    assert (found.hand_over, found.reason, found.attention, found.handoff_id) == (False, None, 0.7, None)
    assert [(each.reason, each.score, each.evidence) for each in found.reasons] == [("negative_emotion", 0.7, "有点慢")]
    assert found.inputs["level"] == "gold" and found.inputs["thresholds"]["negative_emotion"] == 0.85


async def test_several_reasons_at_once_are_all_kept_and_the_gravest_is_shown(any_desk: Desk, bot: ScriptedBot) -> None:
    chat = await open_chat(any_desk)
    both = (Noticed("repeated", 0.8, "怎么还没到"), Noticed("sensitive_word", 1.0, "12315"))
    bot.reply = answer(faq(), triggers=both)

    await chat.asks("我打12315了，怎么还没到")

    found = (await any_desk.decisions(chat.id))[0]
    assert (found.hand_over, found.reason) == (True, "sensitive_word")
    assert {each.reason for each in found.reasons} == {"repeated", "sensitive_word"}
    assert found.handoff_id == (await any_desk.card(chat.id)).handoff_id


async def test_the_agents_click_stands_beside_the_decision_and_on_the_card(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await waiting_chat(any_desk)
    await any_desk.claim(chat.id, lin.id)
    card = await any_desk.card(chat.id)
    assert card.person_was_needed is None and card.handoff_id is not None

    await any_desk.give_verdict(chat.id, lin.id, card.handoff_id, False)

    decided = [each for each in await any_desk.decisions(chat.id) if each.hand_over]
    assert [(each.person_was_needed, each.verdict_by) for each in decided] == [(False, lin.id)]
    assert (await any_desk.card(chat.id)).person_was_needed is False


async def test_an_ordinary_answer_needs_no_decision(desk: Desk) -> None:
    chat = await open_chat(desk)
    await chat.asks("运费谁出")

    assert await desk.decisions(chat.id) == []
    with pytest.raises(NotFound):
        await desk.decisions("nothing")


async def test_what_the_bot_promises_is_owed_by_the_group(any_desk: Desk, bot: ScriptedBot) -> None:
    chat = await open_chat(any_desk)
    bot.reply = answer("已为您登记，24小时内会给您答复")

    await chat.asks("麻烦查一下")

    made = (await chat.of_kind("promise_made"))[0]
    assert (made.author.role, made.body["owner"], made.body["kind"]) == ("bot", "group:order", "follow_up")
