"""Who waits for a person is told what the shop's answer is, where there is one."""

from __future__ import annotations

from typing import Any

from neighbours import SmallKnowledgeBase
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.person import AskPerson
from bot.actions.topic import Topic
from bot.actions.trouble import Complain


async def said(action: Topic, text: str, intent: str, waiting: bool) -> list[dict[str, Any]]:
    dispatcher = CollectingDispatcher()
    message = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "metadata": {"waiting": waiting}}
    await action.run(dispatcher, Tracker("c1", {}, message, [], False, None, {}, None), {})
    return dispatcher.messages


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    custom = [each.get("custom") or {} for each in messages]
    return [each["message"]["type"] if "message" in each else next(iter(each), "text") for each in custom]


async def test_a_complaint_that_is_a_question_gets_its_answer_while_the_customer_waits(
    base: SmallKnowledgeBase,
) -> None:
    before = await said(Complain(), "你们发什么快递", "complain", waiting=False)
    waiting = await said(Complain(), "你们发什么快递", "complain", waiting=True)

    assert kinds(before) == ["text", "request"]
    assert kinds(waiting) == ["answer"]
    assert waiting[0]["custom"]["message"]["entry_id"] == "courier-default"


async def test_without_a_sure_answer_and_without_the_knowledge_base_nothing_changes(base: SmallKnowledgeBase) -> None:
    assert kinds(await said(Complain(), "石墨烯是什么", "complain", waiting=True)) == ["text", "request"]
    base.down = True
    assert kinds(await said(Complain(), "你们发什么快递", "complain", waiting=True)) == ["text", "request"]


async def test_asking_for_the_person_again_is_no_question(base: SmallKnowledgeBase) -> None:
    assert kinds(await said(AskPerson(), "你们发什么快递", "ask_person", waiting=True)) == ["request"]
