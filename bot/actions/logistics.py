"""Where the parcel is."""

from __future__ import annotations

from bot.actions import errand, orders
from bot.actions.errands import BEFORE_DISPATCH, ERRANDS
from bot.actions.reply import Reply
from bot.actions.shop import Order, shop
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext
from bot.actions.wording import day, short_title

TRACES_SHOWN = 20


async def show(order: Order, turn: TurnContext, reply: Reply) -> None:
    """The parcel's way; an order that has not left the warehouse is shown as it stands."""
    if order.get("state") in (*BEFORE_DISPATCH, "cancelled"):
        orders.show(order, reply)
        return
    way = await shop().logistics(turn.customer_id, str(order["order_no"]))
    if not way or not way.get("traces"):
        orders.show(order, reply)
        return
    latest = way["traces"][0]["text"]
    expected = way.get("expected_at")
    soon = f"预计 {day(expected)}送达。" if expected and order.get("state") in ("shipped", "delivering") else ""
    reply.send(
        "logistics",
        text=f"{short_title(order)}由{way.get('carrier')}承运，最新进展：{latest}。{soon}".replace("。。", "。"),
        order_no=order["order_no"],
        carrier=way.get("carrier"),
        tracking_no=way.get("tracking_no"),
        status=way.get("status"),
        traces=way["traces"][:TRACES_SHOWN],
    )


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
