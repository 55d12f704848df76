"""Where the parcel is, and hurrying it on."""

from __future__ import annotations

from bot.actions import errand
from bot.actions.errands import ERRANDS
from bot.actions.reply import Reply
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext


class Logistics(Topic):
    def name(self) -> str:
        return "action_logistics"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["ask_logistics"], turn, reply)


class Hurry(Topic):
    def name(self) -> str:
        return "action_hurry"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["hurry"], turn, reply)
