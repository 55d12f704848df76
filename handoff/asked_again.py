"""The asked-again guard: does an agent's question ask for what the customer has already said?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from handoff.card import AskedAgain, Card
from handoff.events import one_line
from handoff.views import Event

# How alike two questions must be to count as the same; measured in shared pairs of characters.
SAME_QUESTION = 0.6
LONGEST_QUOTE = 60

Similar = Callable[[str, str], float]

_ASKS = re.compile(
    r"[?？]|吗|请问|麻烦|提供|告诉|告知|说一下|发一下|报一下|发我|给我|多少|什么|哪|怎么|是不是|能否|可以.*(?:发|给|说)"
)
# What a question about each known thing sounds like, by the card's label.
_ABOUT = {
    "订单号": re.compile(r"订单(?:编?号|是|号码)?|哪[一个]?[个笔单]|单号"),
    "快递单号": re.compile(r"(?:快递|物流|运)单号|快递号"),
    "手机尾号": re.compile(r"手机|电话|尾号|联系方式|号码"),
    "新地址": re.compile(r"地址|寄到|寄去|送到|哪里收"),
    "原因": re.compile(r"原因|为什么|为何|怎么想.*[退换]"),
    "问题描述": re.compile(r"(?:什么|哪里|具体|描述).*(?:问题|坏|破|毛病|情况)|怎么(?:坏|回事|了)|凭证|照片"),
    "发票抬头": re.compile(r"抬头|税号|开票信息"),
    "尺码": re.compile(r"尺码|多大|什么码|几码|身高|体重"),
    "颜色": re.compile(r"颜色|什么色|哪[个种]色"),
    "金额": re.compile(r"金额|多少钱|价格是"),
    "来意": re.compile(
        r"(?:有|是)?什么.*(?:帮|需要|问题)|(?:怎么|可以|能)帮(?:到)?(?:您|你)|什么事|咨询什么|描述一下.*问题"
    ),
}
# Things that a customer may have written without the bot noticing.
_IN_TRANSCRIPT = {
    "订单号": re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{0,4}\d{10,24}(?!\d)"),
    "手机尾号": re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|尾号\D{0,3}(\d{4})(?!\d)"),
}


def may_ask(text: str) -> bool:
    """Cheap look before the card is read: most of what an agent says asks for nothing."""
    return _ASKS.search(text) is not None


def asked_again(text: str, card: Card, lines: Sequence[Event], similar: Similar | None = None) -> list[AskedAgain]:
    """What of the card or the transcript answers this text already, each with the message it stands in.

    `lines` are the conversation's messages in order. Telling the customer what he said is not asking.
    """
    if not may_ask(text):
        return []
    hits: dict[str, AskedAgain] = {}
    for known in card.do_not_ask:
        about = _ABOUT.get(known.label)
        if about is not None and about.search(text) and known.value not in text:
            hits[known.label] = AskedAgain(label=known.label, value=known.value[:LONGEST_QUOTE], seq=known.seq)
    for label, written in _IN_TRANSCRIPT.items():
        if label not in hits and _ABOUT[label].search(text) and (found := _written(written, lines, text)):
            hits[label] = AskedAgain(label=label, value=found[0], seq=found[1])
    if not hits and (repeated := _same_question(text, lines, similar or shared_pairs)):
        hits["问过的问题"] = repeated
    return list(hits.values())


def shared_pairs(one: str, other: str) -> float:
    """0 … 1: how many neighbouring pairs of characters two sentences have in common."""
    first, second = _pairs(one), _pairs(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def _pairs(text: str) -> set[str]:
    bare = re.sub(r"[\W_]|请问|麻烦|您|你|一下|哦|呢|啊|呀", "", text)
    return {bare[index : index + 2] for index in range(len(bare) - 1)}


def _written(pattern: re.Pattern[str], lines: Sequence[Event], text: str) -> tuple[str, int] | None:
    for line in lines:
        if line.author.role != "customer":
            continue
        found = pattern.search(str(line.body.get("text") or ""))
        if found is not None:
            value = next((group for group in found.groups() if group), found.group(0))
            return None if value in text else (value, line.seq)
    return None


def _same_question(text: str, lines: Sequence[Event], similar: Similar) -> AskedAgain | None:
    """Somebody on our side has asked nearly the same, and the customer's next line was the answer."""
    for index, line in enumerate(lines):
        asked = str(line.body.get("text") or "")
        if line.author.role == "customer" or not may_ask(asked) or similar(text, asked) < SAME_QUESTION:
            continue
        answer = next((each for each in lines[index + 1 :] if each.author.role == "customer"), None)
        if answer is not None:
            return AskedAgain(label="问过的问题", value=one_line(answer.body, LONGEST_QUOTE), seq=answer.seq)
    return None
