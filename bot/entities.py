"""Finds the facts in a line by rules: numbers, couriers, sizes, colours, dates, amounts, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.text import fold


@dataclass(frozen=True)
class Found:
    """A fact and where in the text it stands."""

    entity: str
    value: str
    start: int
    end: int


COURIERS = {
    "顺丰": ("顺丰", "顺风", "sf速运", "顺丰速运"),
    "中通": ("中通", "zto"),
    "圆通": ("圆通", "园通", "yto"),
    "申通": ("申通", "sto"),
    "韵达": ("韵达", "运达快递", "yunda"),
    "极兔": ("极兔", "j&t"),
    "京东物流": ("京东物流", "京东快递", "jd物流"),
    "邮政": ("邮政", "ems", "邮局"),
    "德邦": ("德邦",),
    "菜鸟": ("菜鸟", "丹鸟"),
}
COLOURS = (
    "米白|奶白|奶油白|雾霾蓝|藏青|深蓝|浅蓝|天蓝|宝蓝|墨绿|军绿|浅绿|豆绿|酒红|玫红|粉红|大红|深灰|浅灰|卡其|驼|咖啡|"
    "杏|香槟|银|金|黑|白|红|蓝|绿|灰|粉|紫|黄|橙|棕"
)
_COURIER = re.compile(
    "|".join(sorted((re.escape(name) for names in COURIERS.values() for name in names), key=len, reverse=True))
)
_COURIER_NAME = {name: courier for courier, names in COURIERS.items() for name in names}

_PHONE = re.compile(r"(?<![\da-z])(?:\+?86[ -]?)?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
_TRACKING = re.compile(r"(?<![\da-z])((?:sf|yt|zt|zto|st|sto|jd|jdv|jt|ems|db|dpk|yd|jtt?|lp)[a-z]{0,2}\d{9,18})(?!\d)")
_ORDER = re.compile(r"(?<![\da-z])([a-z]{0,4}-?\d{8,24})(?![\da-z])")
_TAIL = re.compile(
    r"(?:尾号|后四位|末四位|后4位|末4位|手机尾)(?:号|数)?(?:是|为|:)?\s*(\d{4})(?!\d)|(?<!\d)(\d{4})(?:的?尾号|结尾)"
)
_SIZE = re.compile(
    r"(?<![a-z])((?:x{0,3}[sl]|[2-6]xl|m|均)码?|(?:3[4-9]|4[0-8])(?:\.5)?(?=码)|(?<!身高)1[4-9][05]码?)(?![a-z\d])(码)?"
    r"|(?:(?<=[换穿拍])|^)((?:3[4-9]|4[0-8])(?:\.5)?)(?=的)"
)
_COLOUR = re.compile(rf"(?:{COLOURS})色|(?<=[要换发成个件把了和跟是拍])(?:{COLOURS})(?=的)")
_AMOUNT = re.compile(r"(?<![\d.])(\d{1,6}(?:\.\d{1,2})?)\s*(?:元|块钱?|rmb|¥)|[¥￥]\s*(\d{1,6}(?:\.\d{1,2})?)")
_DATE = re.compile(
    r"(?:\d{4}[年./-])?\d{1,2}月\d{1,2}[号日]?|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?<!\d)\d{1,2}[号日](?!楼|线|店|院|门|机|码)|"
    r"(?:大?前|昨|今|明|大?后)天(?:早上|上午|中午|下午|晚上)?|(?:上|这|本|下)(?:个)?(?:周|星期|礼拜)[一二三四五六日天末]?|(?:周|星期|礼拜)[一二三四五六日天末]|双十一|618|双12"
)
_ADDRESS = re.compile(
    r"(?:我?(?:住在?|搬[到去])|新址|就写|[寄送发]到?|[改换][到成为]|(?:新?地址)?[是写]?)"
    r"([\u4e00-\u9fff]{2,8}?(?:省|自治区|市|区|县|镇|乡)(?:[\u4e00-\u9fff]{1,12}?(?:市|区|县|旗|镇|乡|街道|开发区|新区))*"
    r"[\u4e00-\u9fff\da-z#\-()]{0,30}?(?:路|街|大道|巷|弄|村|社区|小区|花园|苑|广场|大厦|公寓|城|园|里|号|幢|栋|单元|室|楼|学校|大学|驿站)"
    r"(?:(?![了吗吧呢])[\u4e00-\u9fff\da-z#\-()]){0,30})"
)
_BEFORE_ADDRESS = re.compile(r"^.*(?:[寄送发改换搬投][到去往成为至]|地址[是为写]?|[家住人]在)(?=..)")
"""What is said before an address in the same breath (昨天买的鞋送到…)."""


def _all(entity: str, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        value = next((group for group in match.groups() if group), match.group())
        start = match.start() + match.group().find(value)
        yield Found(entity, value, start, start + len(value))


def _addresses(text: str) -> Iterator[Found]:
    for found in _all("address", _ADDRESS, text):
        before = _BEFORE_ADDRESS.match(found.value)
        skipped = before.end() if before else 0
        yield Found(found.entity, found.value[skipped:], found.start + skipped, found.end)


def entities_in(text: str) -> list[Found]:
    """In the order of the text; of two that overlap the more telling one stays. Numbers come in upper case."""
    folded = fold(text)
    found: list[Found] = []

    def keep(candidates: Iterator[Found]) -> None:
        for item in candidates:
            if not any(item.start < other.end and other.start < item.end for other in found):
                found.append(item)

    keep(Found("phone", "".join(match.groups()), match.start(), match.end()) for match in _PHONE.finditer(folded))
    keep(Found("tracking_no", f.value.upper(), f.start, f.end) for f in _all("tracking_no", _TRACKING, folded))
    keep(Found("order_no", f.value.upper(), f.start, f.end) for f in _all("order_no", _ORDER, folded))
    keep(_all("phone_tail", _TAIL, folded))
    # Before dates: 88号 of an address is a house.
    keep(_addresses(folded))
    keep(_all("amount", _AMOUNT, folded))
    keep(_all("date", _DATE, folded))
    keep(Found("courier", _COURIER_NAME[f.value], f.start, f.end) for f in _all("courier", _COURIER, folded))
    keep(_all("size", _SIZE, folded))
    keep(_all("colour", _COLOUR, folded))
    return sorted(found, key=lambda item: item.start)
