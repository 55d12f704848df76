"""Changes before dispatch: another address, or no order after all."""

from __future__ import annotations

from bot.actions import address, errand
from bot.actions.errands import ERRANDS
from bot.actions.faq import answer_from_knowledge
from bot.actions.reply import Reply
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext


class ChangeAddress(Topic):
    def name(self) -> str:
        return "action_change_address"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        found = address.parse(turn.text)
        await errand.begin(ERRANDS["change_address"], turn, reply, new_address=found)


class GiveAddress(Topic):
    """An address out of the blue means: send it there. Anything else that looked like one is a question."""

    def name(self) -> str:
        return "action_give_address"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        found = address.parse(turn.text)
        if found is None:
            await answer_from_knowledge(turn, reply)
            return
        await errand.begin(ERRANDS["change_address"], turn, reply, new_address=found)


class CancelOrder(Topic):
    def name(self) -> str:
        return "action_cancel_order"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["cancel_order"], turn, reply)
