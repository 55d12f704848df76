"""After the parcel: return, exchange, refund, and how far a refund is."""

from __future__ import annotations

from bot.actions import errand
from bot.actions.errands import ERRANDS
from bot.actions.reply import Reply
from bot.actions.shop import shop
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext
from bot.actions.wording import SIGN_IN, day, money, short_title

KINDS = {"return": "退货", "exchange": "换货", "refund": "退款", "repair": "维修"}
SHOWN = 3


class ReturnGoods(Topic):
    def name(self) -> str:
        return "action_return_goods"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["return_goods"], turn, reply)


class ExchangeGoods(Topic):
    def name(self) -> str:
        return "action_exchange_goods"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["exchange_goods"], turn, reply)


class Refund(Topic):
    def name(self) -> str:
        return "action_refund"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["refund"], turn, reply)


class RefundProgress(Topic):
    def name(self) -> str:
        return "action_refund_progress"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        reply.keep(misses=0, topic="refund_progress")
        if turn.guest:
            reply.say(SIGN_IN)
            return
        cases = await shop().after_sales(turn.customer_id)
        number = turn.entity("order_no")
        cases = [case for case in cases if case.get("order_no") == number] if number else cases
        if not cases and await self._cancelled(turn, reply):
            return
        if not cases:
            reply.say("没有查到您的售后申请。如果想退货或退款，告诉我是哪个订单，我来帮您申请。")
            return
        cases.sort(key=lambda case: str(case.get("opened_at")), reverse=True)
        lines = []
        for case in cases[:SHOWN]:
            kind = KINDS.get(str(case.get("kind")), "售后")
            amount = f"，金额 {money(case['amount'])}" if case.get("amount") else ""
            step = f"\n最新：{case['steps'][0]['text']}" if case.get("steps") else ""
            number = case.get("after_sale_no")
            lines.append(f"{kind}单 {number}（{day(case.get('opened_at'))}申请{amount}）：{case.get('state')}{step}")
        reply.keep(order_no=cases[0].get("order_no"))
        reply.say("\n\n".join(lines))

    async def _cancelled(self, turn: TurnContext, reply: Reply) -> bool:
        """The money of a paid order that was cancelled comes back without a case."""
        orders = [
            o for o in await shop().orders(turn.customer_id) if o.get("state") == "cancelled" and o.get("paid_at")
        ]
        if not orders:
            return False
        order = orders[0]
        reply.keep(order_no=order["order_no"])
        reply.send(
            "order", text=f"{short_title(order)}已经取消，实付 {money(order['amount'])} 会原路退回。", order=order
        )
        return True
