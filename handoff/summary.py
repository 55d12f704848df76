"""The hand-over in a few Chinese sentences, put together from the card: the same card gives the same words."""

from __future__ import annotations

from collections.abc import Sequence

from handoff.card import Card, CardAnswer, CardEmotion, CardOrder
from handoff.sentences import SHOP_TIME
from handoff.views import Promise

UPSET = 0.6
# How far the feeling must have moved between the first and the last line to be worth a word.
MOVED = 0.2
MOST_FACTS = 6
MOST_QUESTIONS = 3


def summarise(card: Card) -> str:
    """What happened so far and what is open, in the order in which an agent wants to know it."""
    sentences = [
        _about(card),
        _orders(card.orders),
        _known(card),
        _tried(card.tried),
        _feeling(card.emotion),
        f"转人工原因：{card.sentence}" if card.sentence else "",
        _promised(card.promises),
    ]
    return "".join(f"{sentence}。" for sentence in sentences if sentence)


def _about(card: Card) -> str:
    return f"客户问题：{card.problem.rstrip('。')}" if card.problem else ""


def _orders(orders: Sequence[CardOrder]) -> str:
    told = []
    for each in orders[:2]:
        order, logistics = each.order, each.logistics or {}
        items = order.get("items") or [{}]
        parts = [
            str(items[0].get("title") or ""),
            str(order.get("state_text") or ""),
            str(logistics.get("status") or ""),
        ]
        told.append(f"{order.get('order_no')}（{'，'.join(part for part in dict.fromkeys(parts) if part)}）")
    return f"相关订单 {'、'.join(told)}" if told else ""


def _known(card: Card) -> str:
    in_orders = {str(each.order.get("order_no")) for each in card.orders}
    facts = [fact for fact in card.facts if str(fact.value) not in in_orders]
    told = "，".join(f"{fact.label} {fact.value}" for fact in facts[:MOST_FACTS])
    return f"客户已提供：{told}" if told else ""


def _tried(tried: Sequence[CardAnswer]) -> str:
    if not tried:
        return "机器人没有给出过答案"
    questions = "、".join(f"“{each.question}”" for each in tried[-MOST_QUESTIONS:] if each.question)
    verdicts = {each.reaction for each in tried}
    reaction = "，客户说没有解决" if "unhelpful" in verdicts else "，客户说有帮助" if "helpful" in verdicts else ""
    return f"机器人答过 {len(tried)} 次{f'（{questions}）' if questions else ''}{reaction}"


def _feeling(emotion: Sequence[CardEmotion]) -> str:
    if not emotion or max(point.value for point in emotion) < UPSET:
        return ""
    moved = emotion[-1].value - emotion[0].value
    trend = "，越来越不满" if moved >= MOVED else "，已有缓和" if moved <= -MOVED else ""
    return f"客户情绪不满（最高 {max(point.value for point in emotion):.2f}）{trend}"


def _promised(promises: Sequence[Promise]) -> str:
    told = [f"{each.text}（{each.due_at.astimezone(SHOP_TIME):%-m月%-d日 %H:%M} 前）" for each in promises]
    return f"待兑现的承诺：{'；'.join(told)}" if told else ""
