"""What is wrong with a text that an agent is about to send: a warning each, never a bar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handoff import wording
from handoff.canned import unfilled
from handoff.card import Card
from handoff.masking import BANK_CARD, ID_CARD, personal_spans
from handoff.phrases import Phrase, PhraseKind
from handoff.views import Event, SendWarning

WHY: dict[PhraseKind, str] = {
    "forbidden": "服务禁语",
    "over_promise": "超出规则的承诺",
    "off_platform": "引导客户离开平台",
}

_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{0,4}\d{10,24}(?!\d)")
# Whatever could be a card's number, however it is spaced.
_LONG = re.compile(r"(?:\d[^0-9]{0,2}){14}")
_AMOUNT = re.compile(r"(?:退|赔|补偿|补|返)[^\d。！？;；,，]{0,8}?(\d{1,7}(?:\.\d{1,2})?)\s*(?:元|块)")


@dataclass(frozen=True, slots=True)
class Known:
    """What belongs to this customer, as far as the desk knows."""

    numbers: frozenset[str] = frozenset()
    phones_masked: frozenset[str] = frozenset()
    largest_amount: float | None = None


def warnings_about(text: str, phrases: Sequence[Phrase], known: Known) -> list[SendWarning]:
    """In the order of the text."""
    found = [
        SendWarning(
            code=each.phrase.kind,
            words=text[each.start : each.end],
            start=each.start,
            end=each.end,
            why=WHY[each.phrase.kind],
            suggestion=each.phrase.suggestion,
        )
        for each in wording.find(text, phrases)
    ]
    found += _open_blanks(text)
    found += _numbers(text, known)
    found += _amounts(text, known)
    return sorted(found, key=lambda each: (each.start, each.code))


def needs_what_is_known(text: str) -> bool:
    """Cheap look before the card is read: without numbers there is nothing to compare."""
    return _NUMBER.search(text) is not None or _AMOUNT.search(text) is not None


def known_of(card: Card, lines: Iterable[Event], phone_masked: str | None) -> Known:
    """Numbers that the customer said himself or that stand in his orders are his."""
    numbers = {str(fact.value) for fact in card.facts}
    phones = {phone_masked} if phone_masked else set()
    amounts = []
    for each in card.orders:
        order, logistics = each.order, each.logistics or {}
        numbers |= {
            str(part[name]) for part in (order, logistics) for name in ("order_no", "tracking_no") if name in part
        }
        phones |= {str((order.get("address") or {}).get("phone_masked") or "")} - {""}
        amount = order.get("amount")
        if isinstance(amount, int | float) and not isinstance(amount, bool):
            amounts.append(float(amount))
    for line in lines:
        if line.author.role == "customer":
            numbers |= set(_NUMBER.findall(str(line.body.get("text") or "")))
            numbers.add(str((line.body.get("order") or {}).get("order_no") or line.body.get("order_no") or ""))
    return Known(frozenset(numbers - {""}), frozenset(phones), max(amounts, default=None))


def _open_blanks(text: str) -> list[SendWarning]:
    return [
        _warning("unfilled", text, blank.start(), blank.end(), "变量没有填上", "请补上具体内容或删去")
        for blank in unfilled(text)
    ]


def _numbers(text: str, known: Known) -> list[SendWarning]:
    if _NUMBER.search(text) is None and not _LONG.search(text):
        return []
    found = []
    personal = [span for span in personal_spans(text) if span[2] in (ID_CARD, BANK_CARD)]
    for start, end, sign in personal:
        why = "身份证号" if sign == ID_CARD else "银行卡号"
        found.append(_warning("personal_number", text, start, end, f"含有{why}", "请不要在会话里发送证件号或卡号"))
    for number in _NUMBER.finditer(text):
        start, end = number.span()
        if number[0] in known.numbers or any(start < to and since < end for since, to, _ in personal):
            continue
        is_phone = _PHONE.fullmatch(number[0]) is not None
        if is_phone and f"{number[0][:3]}****{number[0][-4:]}" in known.phones_masked:
            continue
        what = "手机号" if is_phone else "单号"
        found.append(
            _warning(
                "other_customer", text, start, end, f"这个{what}不是该客户的", f"请核对{what}，避免泄露其他客户的信息"
            )
        )
    return found


def _amounts(text: str, known: Known) -> list[SendWarning]:
    if known.largest_amount is None:
        return []
    return [
        _warning(
            "over_amount",
            text,
            said.start(),
            said.end(),
            f"金额超过订单金额 {known.largest_amount:g} 元",
            "请按订单实付金额和赔付规则核对",
        )
        for said in _AMOUNT.finditer(text)
        if float(said[1]) > known.largest_amount
    ]


def _warning(code: str, text: str, start: int, end: int, why: str, suggestion: str) -> SendWarning:
    return SendWarning(code=code, words=text[start:end], start=start, end=end, why=why, suggestion=suggestion)
