"""Yes and no without an errand, and words that need no answer from anywhere else."""

from __future__ import annotations

from bot.actions.reply import Reply
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext


class Affirm(Topic):
    def name(self) -> str:
        return "action_affirm"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        reply.say("好的。还有什么可以帮您？")


class Deny(Topic):
    def name(self) -> str:
        return "action_deny"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        reply.say("好的。有需要随时告诉我，比如查快递、退换货、改地址、开发票。")


class HoldOn(Topic):
    keeps_errand = False

    def name(self) -> str:
        return "action_hold_on"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        reply.say("好的，您先忙，我一直在。")
