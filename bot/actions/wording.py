"""Sentences about orders that several topics say alike."""

from __future__ import annotations

from typing import Any

SIGN_IN = "您现在是访客身份，我还看不到您的订单。请先登录账号再来问我；也可以把订单号发给我。"
SIGN_IN_FOR_ORDERS = "要办自己的订单，请先登录账号，或者把订单号发给我。"
NOT_FOUND = "没有查到这个订单号，请核对一下，或者用下单的账号登录后再问我。"
NO_ORDERS = "您的账号下暂时没有订单记录。如果是用别的账号下的单，请换那个账号登录再看看。"
SHOP_AWAY = "订单系统暂时没有响应，我现在查不到准确的信息，不想跟您乱说。"
AFTER_PERSON = "刚才人工同事为您处理的情况我已经了解，不用再说一遍。"
"""Once, at the first answer after a person gave the conversation back; his note itself is for the shop only."""

KNOWLEDGE_AWAY = "资料库暂时打不开，我不想给您一个不准确的答案。"


def short_title(order: dict[str, Any]) -> str:
    """「天竺棉四件套」 or 「天竺棉四件套」等 3 件."""
    items = order.get("items") or []
    if not items:
        return f"订单 {order.get('order_no', '')}"
    count = sum(int(item.get("quantity") or 1) for item in items)
    title = f"「{items[0].get('title', '')}」"
    return f"{title}等 {count} 件" if len(items) > 1 else title


def money(amount: Any) -> str:
    return f"{float(amount):.2f}".rstrip("0").rstrip(".") + " 元"


def day(moment: Any) -> str:
    """6 月 3 日, from an RFC 3339 time; the shop's times are UTC and days are meant in China."""
    from datetime import datetime, timedelta, timezone

    try:
        when = datetime.fromisoformat(str(moment).replace("Z", "+00:00"))
    except ValueError:
        return str(moment)
    if when.tzinfo:
        when = when.astimezone(timezone(timedelta(hours=8)))
    return f"{when.month} 月 {when.day} 日"
