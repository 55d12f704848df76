"""Invoices, coupons and price protection."""

from __future__ import annotations

from bot.actions import errand
from bot.actions.errands import ERRANDS
from bot.actions.reply import Reply
from bot.actions.shop import shop
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext
from bot.actions.wording import SIGN_IN, day
from bot.actions.wording import money as in_yuan

SHOWN = 5


class Invoice(Topic):
    def name(self) -> str:
        return "action_invoice"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["invoice"], turn, reply)


class PriceProtection(Topic):
    def name(self) -> str:
        return "action_price_protection"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        await errand.begin(ERRANDS["price_protection"], turn, reply)


class CouponTrouble(Topic):
    """Why a coupon does not work, from the shop's own reason for each."""

    def name(self) -> str:
        return "action_coupon_trouble"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        reply.keep(misses=0, topic="coupon_trouble")
        if turn.guest:
            reply.say(SIGN_IN)
            return
        coupons = await shop().coupons(turn.customer_id)
        if not coupons:
            reply.say("您的账号下目前没有优惠券。如果应该有，请说一下是什么活动的券，我帮您看规则。")
            return
        lines = []
        for coupon in coupons[:SHOWN]:
            why = coupon.get("why_unusable")
            use = (
                f"不能用：{why}"
                if why
                else f"可用，满 {in_yuan(coupon.get('threshold') or 0)}减 {in_yuan(coupon.get('amount') or 0)}"
            )
            lines.append(f"· {coupon.get('title')}（{day(coupon.get('valid_to'))}到期）：{use}")
        reply.say("我看了一下您的优惠券：\n" + "\n".join(lines))
