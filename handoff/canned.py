"""Ready-made answers: which one an agent means by what he typed, and its blanks filled from what the card knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from handoff.card import Card
from handoff.errors import Invalid
from handoff.views import CannedReply, Customer, FilledReply

# What may stand in braces; anything else is a slip of the pen that a customer would read.
VARIABLES = ("客户", "客服", "店铺", "订单号", "商品", "金额", "快递公司", "快递单号", "物流状态")
SHOWN = 20

_BLANK = re.compile(r"\{([^{}\s]{1,20})\}")


@dataclass(frozen=True, slots=True)
class Filled:
    text: str
    missing: tuple[str, ...]


def blanks_of(text: str) -> list[str]:
    """The variables of a text in order, each once; Invalid for one that nobody can fill."""
    names = list(dict.fromkeys(_BLANK.findall(text)))
    for name in names:
        if name not in VARIABLES:
            raise Invalid("text", f"没有变量 {{{name}}}，可用：{'、'.join(VARIABLES)}")
    return names


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """What is not known stays visible in its braces, so that it is noticed before it is sent."""
    missing: list[str] = []

    def value_of(found: re.Match[str]) -> str:
        value = values.get(found[1], "")
        if not value and found[1] not in missing:
            missing.append(found[1])
        return value or found[0]

    return Filled(_BLANK.sub(value_of, text), tuple(missing))


def unfilled(text: str) -> list[re.Match[str]]:
    """Variables that were left open in a text about to be sent."""
    return [found for found in _BLANK.finditer(text) if found[1] in VARIABLES]


def values_for(customer: Customer, agent_name: str, shop_name: str, card: Card) -> dict[str, str]:
    """What the conversation knows: the order that is talked about first, else the only one there is."""
    values = {"客服": agent_name, "店铺": shop_name}
    if not customer.guest:
        values["客户"] = customer.name
    said = next((str(fact.value) for fact in card.facts if fact.name == "order_no"), "")
    orders = {str(each.order.get("order_no")): each for each in card.orders}
    chosen = orders.get(said) or (next(iter(orders.values())) if len(orders) == 1 and not said else None)
    values["订单号"] = said
    if chosen is not None:
        order, logistics = chosen.order, chosen.logistics or {}
        items = order.get("items") or [{}]
        values |= {
            "订单号": str(order.get("order_no") or said),
            "商品": str(items[0].get("title") or ""),
            "金额": _money(order.get("amount")),
            "快递公司": str(logistics.get("carrier") or order.get("carrier") or ""),
            "快递单号": str(logistics.get("tracking_no") or order.get("tracking_no") or ""),
            "物流状态": str(logistics.get("status") or order.get("state_text") or ""),
        }
    return {name: value for name, value in values.items() if value}


def matching(replies: Sequence[CannedReply], typed: str) -> list[CannedReply]:
    """By shortcut, words or pinyin (`kdyc` and `kuaidi` find 快递延迟), the closest first."""
    sought = typed.strip().lstrip("/").casefold()
    if not sought:
        return list(replies[:SHOWN])
    ranked = [(rank, each) for each in replies if (rank := _rank(each, sought)) is not None]
    return [each for _, each in sorted(ranked, key=lambda found: found[0])][:SHOWN]


def filled_reply(reply: CannedReply, values: Mapping[str, str]) -> FilledReply:
    filled = fill(reply.text, values)
    return FilledReply(**reply.model_dump(), filled=filled.text, missing=list(filled.missing))


def _rank(reply: CannedReply, sought: str) -> int | None:
    shortcut = reply.shortcut.casefold()
    if shortcut == sought:
        return 0
    if shortcut.startswith(sought):
        return 1
    if sought in reply.text.casefold() or sought in reply.category.casefold():
        return 2
    for words in (reply.shortcut, reply.category, reply.text):
        sounds, initials = _sounds(words)
        if sought in initials or any(sounds.startswith(sought, at) for at in _syllables(words)):
            return 3
    return None


@lru_cache(maxsize=2048)
def _sounds(words: str) -> tuple[str, str]:
    return (
        "".join(lazy_pinyin(words)).casefold(),
        "".join(lazy_pinyin(words, style=Style.FIRST_LETTER)).casefold(),
    )


@lru_cache(maxsize=2048)
def _syllables(words: str) -> tuple[int, ...]:
    """Where a syllable begins: `uaidi` is not how anybody looks for 快递."""
    starts, at = [], 0
    for sound in lazy_pinyin(words):
        starts.append(at)
        at += len(sound)
    return tuple(starts)


def _money(amount: object) -> str:
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return ""
    return f"{amount:.2f}".removesuffix(".00")
