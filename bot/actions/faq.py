"""Answers from the knowledge base; twice without one in a row, and a person is asked for."""

from __future__ import annotations

import re
from typing import Any

from bot.actions import errand
from bot.actions.choosing import named_number
from bot.actions.errands import ERRANDS
from bot.actions.knowledge import answers, knowledge, send_answer
from bot.actions.reply import Reply
from bot.actions.topic import Topic
from bot.actions.trouble import Complain
from bot.actions.turn_context import TurnContext

MISSES_BEFORE_PERSON = 2
"""One clarifying question, no more (PRODUCT.md, edges)."""

SURE_OF_ERRAND = 0.3
"""When the knowledge base is no help, an errand guessed with this confidence is offered as a choice."""

OPTIONS = 3

LOOK_UPS = frozenset({"ask_logistics", "order_status"})

_COMPLAINT = re.compile(r"(?:我要|要|去|想)投诉|投诉(?:你们|你家|客服|快递|商家|店)")
"""Named outright, a complaint is one however the rest is worded."""


def _clarifying(found: dict[str, Any]) -> str:
    missing = found.get("missing")
    if missing:
        return f"为了答得准确，请再说一下：{missing}"
    return "我不太确定您的意思，能换个说法，或者说说是哪件商品、遇到了什么情况吗？"


def miss(turn: TurnContext, found: dict[str, Any], reply: Reply) -> None:
    """Nothing to answer with: options or one question the first time, a person the second."""
    misses = int(turn.slot("misses") or 0) + 1
    results = found.get("results") or []
    probability = float(found.get("probability") or 0.0)
    decision = found.get("decision")
    reason = "low_confidence" if decision in ("did_you_mean", "ask_back") and results else "no_answer"
    reply.keep(misses=misses, unclear=turn.text)
    if misses >= MISSES_BEFORE_PERSON:
        reply.say("抱歉，这个问题我没有查到可靠的答案。")
        reply.request(reason, 1.0 - probability, turn.text)
        return
    reply.notice(reason, 1.0 - probability, turn.text)
    if decision == "did_you_mean" and results:
        reply.send(
            "did_you_mean",
            text="您是想问下面的哪一个？都不是的话，请换个说法告诉我。",
            options=[{"entry_id": r["entry_id"], "question": r["question"]} for r in results[:OPTIONS]],
        )
    else:
        reply.say(_clarifying(found), may_repeat=True)


async def answer_from_knowledge(turn: TurnContext, reply: Reply) -> bool:
    """Whether the knowledge base had an answer, and it was given."""
    unclear = turn.slot("unclear")
    found = await knowledge().search(turn.text, [str(unclear)] if unclear else [])
    results = found.get("results") or []
    if answers(found):
        send_answer(found, results[0], reply)
        return True
    miss(turn, found, reply)
    return False


class Faq(Topic):
    def name(self) -> str:
        return "action_faq"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        reply.keep(topic="faq")
        await answer_from_knowledge(turn, reply)


class ChooseEntry(Topic):
    """A tapped question: its answer, without searching."""

    def name(self) -> str:
        return "action_choose_entry"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        entry = await knowledge().entry(turn.entity("entry_id") or "")
        if entry is None:
            reply.say("这个问题的答案刚刚更新，请直接打字问我一遍。")
            return
        send_answer({"revision": entry.get("revision"), "probability": 1.0}, entry, reply)


class Unsure(Topic):
    """Rasa could not tell: the knowledge base is asked, and a likely errand is offered beside its answer."""

    def name(self) -> str:
        return "action_unsure"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        if _COMPLAINT.search(turn.folded):
            await Complain().answer(turn, reply)
            return
        likely = next(((name, score) for name, score in turn.ranking if name in ERRANDS), None)
        if named_number(turn) and likely and likely[0] in LOOK_UPS:
            # Unsure which of two look-ups, but sure of which order: either shows how it stands.
            await errand.begin(ERRANDS[likely[0]], turn, reply)
            return
        found = await knowledge().search(turn.text, [])
        results = found.get("results") or []
        if answers(found):
            send_answer(found, results[0], reply)
            return
        if likely and likely[1] >= SURE_OF_ERRAND and int(turn.slot("misses") or 0) == 0:
            wish = ERRANDS[likely[0]]
            reply.keep(misses=1, unclear=turn.text)
            reply.notice("low_confidence", 1.0 - likely[1], turn.text)
            reply.choices(f"您是想办理「{wish.label}」吗？不是的话请换个说法。", wish.label, "都不是")
            return
        miss(turn, found, reply)


class Unhelpful(Topic):
    """没解决, 答非所问: once a question back, then a person."""

    def name(self) -> str:
        return "action_unhelpful"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        misses = int(turn.slot("misses") or 0) + 1
        reply.keep(misses=misses)
        if misses >= MISSES_BEFORE_PERSON:
            reply.say("抱歉，还是没能帮到您。")
            reply.request("low_confidence", 0.9, turn.text)
            return
        reply.notice("low_confidence", 0.7, turn.text)
        reply.say("抱歉没有帮到您。能再具体说说吗？比如是哪个订单、哪件商品、遇到了什么情况。")
