"""A customer who waits for a person still asks things: 怎么投诉快递员 then needs the answer, not a second person."""

from __future__ import annotations

from bot.actions.knowledge import KnowledgeAway, answers, knowledge, send_answer
from bot.actions.reply import Reply
from bot.actions.turn_context import TurnContext

SHOWN = frozenset({"answer", "did_you_mean", "order_picker", "order", "logistics"})
"""What the desk shows in the queue; it keeps back the rest, which would only be talk between two waits."""

WANTS_PERSON = "ask_person"


async def answer_instead(turn: TurnContext, reply: Reply) -> None:
    """Puts a sure answer in the place of words that would be kept from the customer; without one changes nothing."""
    if not turn.waiting or turn.intent == WANTS_PERSON:
        return
    if any(message["type"] in SHOWN for message in reply.messages):
        return
    try:
        found = await knowledge().search(turn.text, [])
    except KnowledgeAway:
        return
    if answers(found):
        # With what is not said goes what would be remembered of it: nobody confirms a question he never saw.
        reply.messages.clear()
        reply.slots.clear()
        reply.requested = None
        send_answer(found, found["results"][0], reply)
