"""Which order does the customer mean? Pure rules over the orders at hand and his words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, Optional

from bot.actions.turn_context import TurnContext
from bot.text import bare, fold

Order = dict[str, Any]

SHORTEST_MENTION = 2
_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
_ORDINAL = re.compile(r"第([一二两三四五1-5])(?:个|单|条|件|笔)?")
_FIRST = re.compile(
    r"最(?:新|近)(?:的|那|这)?(?:一?[个单笔])?|最后(?:一?[个单笔])|刚(?:刚|才)?(?:买|下单?|拍)的?|上面那?[个单]"
)
_LAST = re.compile(r"最早的?(?:那?一?[个单笔])?|最下面|最底下")
_ANOTHER = re.compile(r"另(?:外)?(?:一|那)|别的|其他|其它|换一?个|不是这")
_COMMON = frozenset(
    [
        "订单",
        "快递",
        "包裹",
        "物流",
        "东西",
        "商品",
        "宝贝",
        "退货",
        "换货",
        "退款",
        "发货",
        "催",
        "那个",
        "这个",
        "什么",
        "时候",
        "怎么",
        "可以",
        "我的",
        "一个",
        "一件",
        "云杉",
        "我要",
        "我想",
        "申请",
        "帮我",
        "买的",
        "收到",
        "没有",
        "现在",
    ]
)


def title_words(order: Order) -> str:
    return fold(" ".join(f"{item.get('title', '')} {item.get('option', '')}" for item in order.get("items", ())))


def mentions(order: Order, text: str) -> int:
    """Length of the longest piece of the order's titles in the text; 0 when it is a common word."""
    titles, words = bare(title_words(order)), bare(text)
    match = SequenceMatcher(None, titles, words, autojunk=False).find_longest_match(0, len(titles), 0, len(words))
    piece = titles[match.a : match.a + match.size]
    if match.size < SHORTEST_MENTION or piece in _COMMON or any(piece in common for common in _COMMON):
        return 0
    return match.size


def named_number(turn: TurnContext) -> Optional[str]:
    """An order or parcel number in the text or in a tap."""
    return turn.entity("order_no") or turn.entity("tracking_no")


def by_number(orders: Sequence[Order], number: str) -> Optional[Order]:
    """By the whole number, the parcel's number, or at least four last digits."""
    for order in orders:
        if number in (str(order.get("order_no", "")).upper(), str(order.get("tracking_no") or "").upper()):
            return order
    tails = [order for order in orders if len(number) >= 4 and str(order.get("order_no", "")).endswith(number)]
    return tails[0] if len(tails) == 1 else None


def wants_another(turn: TurnContext) -> bool:
    return turn.intent == "wrong_order" or _ANOTHER.search(turn.folded) is not None


def choose(orders: Sequence[Order], turn: TurnContext, in_list: bool) -> Optional[Order]:
    """The one order that is meant, or None. `in_list`: he was shown a list, so 第二个 has a meaning."""
    tail = turn.entity("phone_tail")
    if tail and (order := by_number(orders, tail)):
        return order
    if in_list:
        ordinal = _ORDINAL.search(turn.folded)
        if ordinal and _NUMBERS[ordinal.group(1)] <= len(orders):
            return orders[_NUMBERS[ordinal.group(1)] - 1]
        if _LAST.search(turn.folded):
            return orders[-1]
    if orders and _FIRST.search(turn.folded):
        return orders[0]
    scores = sorted(((mentions(order, turn.text), place) for place, order in enumerate(orders)), reverse=True)
    if scores and scores[0][0] and (len(scores) == 1 or scores[0][0] > scores[1][0]):
        return orders[scores[0][1]]
    return None
