"""Where an order stands, and what a tapped order is good for."""

from __future__ import annotations

from bot.actions import errand
from bot.actions.errands import ERRANDS
from bot.actions.order_views import show_order
from bot.actions.reply import Reply
from bot.actions.shop import shop
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext
from bot.actions.wording import NOT_FOUND


class OrderStatus(Topic):
    def name(self) -> str:
        return "action_order_status"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["order_status"], turn, reply)


class ChooseOrder(Topic):
    """A tapped or typed order without an errand: show it and offer what can be done with it."""

    def name(self) -> str:
        return "action_choose_order"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        number = turn.entity("order_no") or turn.entity("tracking_no")
        if number is None:
            await errand.begin(ERRANDS["order_status"], turn, reply)
            return
        order = await shop().order(turn.customer_id, number)
        if order is None:
            reply.say(NOT_FOUND)
            return
        reply.keep(order_no=order["order_no"], misses=0)
        again = ERRANDS.get(str(turn.slot("topic") or ""))
        if again is not None and turn.slot("wrong_order"):
            reply.keep(wrong_order=None)
            await errand.with_order(again, order, dict(turn.slots), turn, reply)
            return
        show_order(order, reply)
        reply.choices("想办理什么？", *_offers(str(order.get("state"))))


def _offers(state: str) -> tuple[str, ...]:
    if state in ("unpaid", "paid", "packing"):
        return "催发货", "修改地址", "取消订单"
    if state in ("shipped", "delivering"):
        return "查物流", "催件", "申请退款"
    if state == "after_sale":
        return ("退款进度",)
    return "申请退货", "申请换货", "开发票"


class WrongOrder(Topic):
    """不是这个订单: the same errand again with another order."""

    def name(self) -> str:
        return "action_wrong_order"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        again = ERRANDS.get(str(turn.slot("topic") or ""), ERRANDS["order_status"])
        reply.keep(order_no=None)
        await errand.begin(again, turn, reply)
