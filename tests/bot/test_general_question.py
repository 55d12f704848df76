"""An errand that is doubted asks the knowledge base first; a customer's own order is never answered with a rule."""

from __future__ import annotations

from typing import Any

import pytest
from neighbours import SmallKnowledgeBase

from bot.actions.general_question import answered_as_rule
from bot.actions.reply import Reply
from bot.actions.turn_context import TurnContext


def turn(text: str, intent: str = "ask_logistics", confidence: float = 0.68, **rest: Any) -> TurnContext:
    return TurnContext(text=text, intent=intent, confidence=confidence, **{"guest": False, **rest})


async def test_the_surer_of_the_two_answers(base: SmallKnowledgeBase) -> None:
    reply = Reply()

    assert await answered_as_rule(turn("你们发什么快递"), reply)
    assert reply.messages[0]["entry_id"] == "courier-default"


@pytest.mark.parametrize(
    "about",
    [
        turn("发什么快递", confidence=0.9),
        turn("你们发什么快递", intent="greet"),
        turn("我的快递发到哪了"),
        turn("88260000000101发什么快递", entities=(("order_no", "88260000000101"),)),
        turn("邮费的规则"),
        turn("石墨烯是什么"),
    ],
    ids=["sure", "no errand", "his own", "numbered", "half an answer", "no answer"],
)
async def test_else_the_errand_goes_its_way(base: SmallKnowledgeBase, about: TurnContext) -> None:
    reply = Reply()

    assert not await answered_as_rule(about, reply)
    assert reply.messages == [] and reply.slots == {}


async def test_what_the_shop_always_does_is_a_rule_however_sure_the_look_up(base: SmallKnowledgeBase) -> None:
    reply = Reply()

    assert await answered_as_rule(turn("你们发什么快递", confidence=0.99), reply)
    assert reply.messages[0]["type"] == "answer"


async def test_a_guest_hears_the_rule_before_he_is_asked_to_sign_in(base: SmallKnowledgeBase) -> None:
    reply = Reply()

    assert await answered_as_rule(turn("发什么快递", confidence=0.99, guest=True), reply)
    assert [message["type"] for message in reply.messages] == ["answer", "text"]
    assert "登录" in reply.messages[1]["text"]


@pytest.mark.parametrize("text", ["我的快递发到哪了", "石墨烯是什么"], ids=["his own", "no answer"])
async def test_a_guest_is_asked_to_sign_in_where_no_rule_answers(base: SmallKnowledgeBase, text: str) -> None:
    assert not await answered_as_rule(turn(text, confidence=0.99, guest=True), Reply())


async def test_without_a_knowledge_base_the_errand_goes_its_way(base: SmallKnowledgeBase) -> None:
    base.down = True

    assert not await answered_as_rule(turn("你们发什么快递"), Reply())
