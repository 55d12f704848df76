"""What a customer is shown of an order: where it stands, and where its parcel is."""

from __future__ import annotations

from bot.actions.reply import Reply
from bot.actions.shop import Order, shop
from bot.actions.turn_context import TurnContext
from bot.actions.wording import day, short_title

OPEN = ("unpaid", "paid", "packing", "shipped", "delivering")
BEFORE_DISPATCH = ("unpaid", "paid", "packing")
ON_THE_WAY = ("shipped", "delivering")
RECEIVED = ("signed", "completed")

TRACES_SHOWN = 20

_AFTER = {
    "unpaid": "还没有付款，付款后会尽快安排发货。",
    "paid": "已付款，仓库正在安排发货。",
    "packing": "仓库正在打包，很快发出。",
    "shipped": "已经发出，正在运输途中。",
    "delivering": "正在派送，请保持电话畅通。",
    "signed": "已经签收。",
    "completed": "已经完成。",
    "cancelled": "已经取消。",
    "after_sale": "正在售后处理中。",
}


def show_order(order: Order, reply: Reply) -> None:
    sentence = _AFTER.get(str(order.get("state")), f"目前是「{order.get('state_text', '')}」。")
    if order.get("state") == "signed" and order.get("signed_at"):
        sentence = f"已于 {day(order['signed_at'])}签收。"
    reply.send("order", text=f"{short_title(order)}{sentence}", order=order)


async def show_parcel(order: Order, turn: TurnContext, reply: Reply) -> None:
    """The parcel's way; an order that has not left the warehouse is shown as it stands."""
    if order.get("state") in (*BEFORE_DISPATCH, "cancelled"):
        show_order(order, reply)
        return
    way = await shop().logistics(turn.customer_id, str(order["order_no"]))
    if not way or not way.get("traces"):
        show_order(order, reply)
        return
    latest = way["traces"][0]["text"]
    expected = way.get("expected_at")
    soon = f"预计 {day(expected)}送达。" if expected and order.get("state") in ON_THE_WAY else ""
    reply.send(
        "logistics",
        text=f"{short_title(order)}由{way.get('carrier')}承运，最新进展：{latest}。{soon}".replace("。。", "。"),
        order_no=order["order_no"],
        carrier=way.get("carrier"),
        tracking_no=way.get("tracking_no"),
        status=way.get("status"),
        traces=way["traces"][:TRACES_SHOWN],
    )
