"""Does the customer ask for a person, refuse one, or talk about something that only sounds like it?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from bot.noticing.person_phrases import ASKING, LATER, LOOK_ALIKES, NO_MACHINE, REFUSING
from bot.noticing.spelling import respelt
from bot.noticing.words import any_of
from bot.text import fold


@dataclass(frozen=True)
class PersonRequest:
    """`wanted` is the customer's wish; `evidence` the words that show it."""

    wanted: bool
    evidence: str


_ASKING = re.compile("|".join((*ASKING, *NO_MACHINE)))
_NO_MACHINE = re.compile("|".join(NO_MACHINE))
_REFUSING = re.compile("|".join((*REFUSING, *LATER)))
_LOOK_ALIKE = re.compile("|".join(LOOK_ALIKES))
_CLAUSE_ENDS = re.compile(r"[,，。;；!！?？\n~～…]+")
_TURNS_ROUND = re.compile(any_of("算了 还是 但是? 不过 要不(?!要) 干脆 现在(?=.{0,3}转) 这次(?=.{0,3}转)"))
_NOT_A_REFUSAL = re.compile(
    any_of("能不能 可不可以 是不是 要不要 为什么不 怎么不 咋不 为啥不 还不 干嘛不 不能不 你不")
    + "|不(?=给我?(?:人工|真人|找人|人).{0,6}(?:就|我))"
    + "|不(?=(?:安排|派|让|叫).{0,3}人.{0,6}(?:就|我))"
    + "|再?不(?=给?我?(?:转|接|换|叫|找).{0,8}(?:就(?!行|好|可以)|我(?:就|要)?(?:退|投诉|走|差评|举报)))"
)
"""为什么不转人工 and 不转人工我就投诉 have a 不 and are requests."""

BESIDE = 8
"""Characters; enough for who should come and whether it was yesterday, in a line spoken without a pause."""

_COURIER = re.compile(any_of("派件员 快递员 骑手 司机 师傅 送货"))


def person_request(text: str) -> Optional[PersonRequest]:
    """None when neither is said. The last words about it decide: 先别转…算了还是转人工吧."""
    decided: Optional[PersonRequest] = None
    for clause in _CLAUSE_ENDS.split(respelt(text)):
        visible = _LOOK_ALIKE.sub(lambda match: "■" * len(match.group()), clause)
        for piece in _TURNS_ROUND.split(visible):
            decided = _in_piece(_NOT_A_REFUSAL.sub(" ", piece)) or decided
    return decided


def _in_piece(piece: str) -> Optional[PersonRequest]:
    refused = _REFUSING.search(piece)
    if refused and not _NO_MACHINE.search(piece):
        return PersonRequest(False, refused.group())
    asked = _ASKING.search(piece)
    if asked and ("人工" in piece or not _COURIER.search(piece)):
        return PersonRequest(True, asked.group())
    return None


def words_around(text: str, evidence: str) -> str:
    """The evidence with what stands beside it in its clause; empty where it is not found any more."""
    read = respelt(text)
    at = read.rfind(evidence)
    if at < 0:
        return ""
    end = at + len(evidence)
    breaks = list(_CLAUSE_ENDS.finditer(read))
    opens = max((one.end() for one in breaks if one.end() <= at), default=0)
    closes = min((one.start() for one in breaks if one.start() >= end), default=len(read))
    return read[max(opens, at - BESIDE) : min(closes, end + BESIDE)]


def mentions_look_alike(text: str) -> bool:
    """人工智能手表, 人工费, 真人秀: words that only look like a request."""
    return _LOOK_ALIKE.search(fold(text)) is not None
