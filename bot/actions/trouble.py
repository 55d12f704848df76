"""When something went wrong: damaged, missing or wrong goods, and complaints."""

from __future__ import annotations

from bot.actions import errand
from bot.actions.errands import ERRANDS
from bot.actions.reply import Reply
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext


class GoodsDamaged(Topic):
    def name(self) -> str:
        return "action_goods_damaged"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["goods_damaged"], turn, reply)


class GoodsMissing(Topic):
    def name(self) -> str:
        return "action_goods_missing"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["goods_missing"], turn, reply)


class GoodsWrong(Topic):
    def name(self) -> str:
        return "action_goods_wrong"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["goods_wrong"], turn, reply)


class Complain(Topic):
    """Soothe, record, and ask for a person: a complaint is never argued with by a machine."""

    keeps_errand = False

    def name(self) -> str:
        return "action_complain"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        errand.close(reply)
        reply.say("非常抱歉让您有这样的体验，您说的情况我已经如实记录下来。")
        reply.request("business_rule", max(0.5, turn.confidence), turn.text)
