"""Hears a promise in what a bot or an agent says: that somebody will come back to the customer, and by when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from handoff.sentences import SHOP_TIME

PromiseKind = Literal["answer", "follow_up", "call_back"]

TEXT_LIMIT = 80
SATURDAY = 6

_CLAUSES = re.compile(r"[^。！!；;，,、\n~～]+[？?]?")
_COMES_BACK = re.compile(
    r"回电|回个?电话|打电话给您|给您(?:打|回|去)个?电话|联系您|回复您|答复您|通知您|告知您|跟进|反馈给您|回访您"
    r"|给您(?:一个)?(?:明确的?)?(?:答复|回复|消息|结果|反馈|回话)"
)
_BY_PHONE = re.compile(r"电话|回电")
# A question, a condition, a denial, a request to the customer, or somebody else's doing is no promise of ours.
_NO_PROMISE = re.compile(
    r"[？?]|吗|如果|要是|若|没法|无法|不能|不会|不用|不再|请您|麻烦您|您可以|您先|已经|刚才|之前给您|昨天"
    r"|(?:快递员|骑手|师傅|厂家|品牌方|银行|平台|派件员|物流公司)(?:会|将|大概|预计)?"
)

_DIGITS = {
    "半": 0.5,
    "一": 1,
    "两": 2,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
_NUMBER = r"(\d{1,3}|[一二两三四五六七八九十半])"
_WITHIN = re.compile(
    _NUMBER + r"\s*(?:-|到|至)?\s*(\d{1,3}|[一二两三四五六七八九十])?\s*个?\s*(分钟|半?小时|工作日|天)"
)
_DAY = re.compile(r"(今天|今日|今晚|今早|明天|明日|明早|明晚|后天|(?:下?(?:周|星期|礼拜))([一二三四五六日天]))")
_PART = re.compile(r"(早上|上午|中午|下午|傍晚|晚上|晚间|下班)")
_CLOCK = re.compile(r"(\d{1,2}|[一二两三四五六七八九十]{1,3})\s*(?:点|时|[:：])\s*(半|\d{1,2})?")

_WEEKDAYS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7}
# Until when a part of the day is meant, where no hour is said.
_END_OF_PART = {
    "早上": time(10), "上午": time(12), "中午": time(13, 30), "下午": time(18), "傍晚": time(19),
    "晚上": time(22), "晚间": time(22), "下班": time(18),
}  # fmt: skip
_END_OF_DAY = time(22)
_PART_OF_DAY = {"今晚": "晚上", "明晚": "晚上", "今早": "早上", "明早": "早上"}
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "晚间"})


@dataclass(frozen=True, slots=True)
class SaidPromise:
    kind: PromiseKind
    text: str
    due_at: datetime


def said_promise(text: str, now: datetime) -> SaidPromise | None:
    """The first promise to come back that names its time; without a time there is nothing to watch."""
    for clause in _CLAUSES.findall(text):
        if not _COMES_BACK.search(clause) or _NO_PROMISE.search(clause):
            continue
        due_at = _deadline(clause, now)
        if due_at is not None:
            kind: PromiseKind = "call_back" if _BY_PHONE.search(clause) else "follow_up"
            return SaidPromise(kind, clause.strip()[:TEXT_LIMIT], due_at)
    return None


def _deadline(clause: str, now: datetime) -> datetime | None:
    """The latest moment that the words allow, or None for none or one that has passed."""
    within = _WITHIN.search(clause)
    if within is not None:
        return _after(now, _number(within[2] or within[1]), within[3])
    local = now.astimezone(SHOP_TIME)
    day, part, clock = _DAY.search(clause), _PART.search(clause), _CLOCK.search(clause)
    if day is None and part is None and clock is None:
        return None
    date = local.date() + timedelta(days=_days_ahead(day, local))
    words = (
        part[1]
        if part
        else {"今晚": "晚上", "明晚": "晚上", "今早": "早上", "明早": "早上"}.get(day[1] if day else "", "")
    )
    moment = _clock_time(clock, words, local) if clock else _END_OF_PART.get(words, _END_OF_DAY)
    if moment is None:
        return None
    due_at = datetime.combine(date, moment, SHOP_TIME)
    return due_at.astimezone(now.tzinfo) if due_at > now else None


def _after(now: datetime, amount: float, unit: str) -> datetime | None:
    if unit == "分钟":
        return now + timedelta(minutes=amount)
    if unit == "半小时":
        return now + timedelta(hours=amount + 0.5)
    if unit == "小时":
        return now + timedelta(hours=amount)
    if unit == "天":
        return now + timedelta(days=amount)
    moment, left = now, amount
    while left > 0:
        moment += timedelta(days=1)
        left -= moment.astimezone(SHOP_TIME).isoweekday() < SATURDAY
    return moment


def _days_ahead(day: re.Match[str] | None, local: datetime) -> int:
    if day is None:
        return 0
    if day[2]:
        ahead = _WEEKDAYS[day[2]] - local.isoweekday()
        return ahead + 7 if day[1].startswith("下") or ahead < 0 else ahead
    return {"明": 1, "后": 2}.get(day[1][0], 0)


def _clock_time(clock: re.Match[str], part: str, local: datetime) -> time | None:
    hour = int(_number(clock[1]))
    minute = 30 if clock[2] == "半" else int(clock[2] or 0)
    if hour < 12 and (part in _AFTERNOON or (not part and hour < 8)):
        # 三点 without a word before it is in the afternoon: shops sleep at night.
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _number(said: str) -> float:
    if said.isdigit():
        return int(said)
    if len(said) == 1:
        return _DIGITS[said]
    tens, _, ones = said.partition("十")
    return int(_DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0))
