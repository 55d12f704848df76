"""A question about the rules that sounds like an errand: 你们发什么快递 is no question about a parcel."""

from __future__ import annotations

import re

from bot.actions.choosing import named_number
from bot.actions.errand import ERRANDS_BY_INTENT
from bot.actions.knowledge import KnowledgeAway, answers, knowledge, send_answer
from bot.actions.reply import Reply
from bot.actions.turn_context import TurnContext
from bot.actions.wording import SIGN_IN_FOR_ORDERS

SURE_OF_ERRAND = 0.85
"""From here on the errand is not doubted (chosen on training_data/evaluation/nlu_dev.tsv)."""

CLEARLY_MORE = 0.1
"""By this much the knowledge base must be surer of its answer than the understanding is of the errand."""

_OWN = re.compile(
    r"我(?:的|那|这|买|拍|下|订|昨|前|上|要退|要换|收|想|申请|付)|帮我|给我|替我|俺|这[单笔件个]|那[单笔件个]|这条|昨天|前天|刚才|刚[买拍下]"
    r"|到哪|还没|还不|怎么不|一直|催|查(?:一?下|查)?(?:我|订|快|物|包|单)"
)
"""Words of somebody who speaks of his own order; to him a rule would be no answer."""


_HABIT = re.compile(r"你们|你家|店里|咱家|一般|默认|平时|通常")
LOOK_UPS = frozenset({"ask_logistics", "order_status"})


def asks_about_habits(turn: TurnContext) -> bool:
    """你家都发哪家快递: about what the shop always does, however surely it was taken for a look-up."""
    return turn.intent in LOOK_UPS and _HABIT.search(turn.folded) is not None


def is_doubted(turn: TurnContext) -> bool:
    """Whether the line is as likely a question about the rule as the errand it was taken for."""
    return turn.confidence < SURE_OF_ERRAND or asks_about_habits(turn)


def may_be_general(turn: TurnContext) -> bool:
    """Whether the line, taken for an errand, could as well be answered with the rule."""
    return (
        turn.intent in ERRANDS_BY_INTENT
        and (is_doubted(turn) or turn.guest)
        and named_number(turn) is None
        and turn.entity("phone_tail") is None
        and not _OWN.search(turn.folded)
    )


async def answered_as_rule(turn: TurnContext, reply: Reply) -> bool:
    """Whether the knowledge base answered instead; when it is away, the errand goes its way.

    A guest has no orders that could be looked at: to him the rule is what can be said, not a request to sign in.
    """
    if not may_be_general(turn):
        return False
    try:
        found = await knowledge().search(turn.text, [])
    except KnowledgeAway:
        return False
    sure = float(found.get("probability") or 0.0)
    must_be_surer = not asks_about_habits(turn) and not turn.guest
    if not answers(found) or (must_be_surer and sure < turn.confidence + CLEARLY_MORE):
        return False
    reply.keep(topic="faq")
    send_answer(found, found["results"][0], reply)
    if not is_doubted(turn):
        reply.say(SIGN_IN_FOR_ORDERS)  # a guest who may have meant his own order after all
    return True
