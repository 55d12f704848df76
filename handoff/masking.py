"""Personal data taken out of a text before it leaves the desk for the bot: numbers in any writing, mail, addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

# One character for one, so that every position in the folded text is the same position in the original.
_FULL_WIDTH = {0xFF01 + offset: chr(0x21 + offset) for offset in range(94)}
_CHINESE_DIGITS = {ord(sign): digit for sign, digit in zip("〇零一二三四五六七八九幺两", "0012345678912", strict=True)}

# People write 138-1234 5678; more than this between two digits is another number.
_GAP = 2
_DIGIT = re.compile(r"\d")
_SEPARATORS = re.compile(r"[\s\-_.·,，、—–]+")
_MAIL = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}\s?@\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
_ADDRESS = re.compile(
    r"(?:[\u4e00-\u9fff]{2,8}(?:省|自治区))?(?:[\u4e00-\u9fff]{2,8}[市州盟])?(?:[\u4e00-\u9fff]{1,8}[区县旗])?"
    r"(?:[\u4e00-\u9fff]{1,12}(?:街道|镇|乡))?[\u4e00-\u9fff0-9]{1,14}(?:路|街|道|巷|弄|村|小区|花园|苑|大厦|公寓|广场)"
    r"[\u4e00-\u9fff0-9A-Za-z\-]{0,20}?\d{1,5}(?:号楼?|栋|幢|单元|室|楼|弄)(?:[0-9A-Za-z\-]{0,8}(?:号楼?|栋|幢|单元|室|楼|层))*"
)
_ORDER_WORD = re.compile(r"(?:订单|单号|运单|快递单|编号)\S{0,3}$")
_LETTER = re.compile(r"[A-Za-z]")

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_SIGNS = "10X98765432"

MAIL, ADDRESS, ID_CARD, BANK_CARD = "[邮箱]", "[地址]", "[身份证号]", "[银行卡号]"
# Stands in for what goes on from the line before.
REST = "***"


def mask(text: str, *, keep_address: bool = False) -> str:
    """The same text with personal data replaced; a phone keeps its last four digits, which finds an order.

    `keep_address` leaves address and phone as they are, for an errand that cannot be done without them.
    """
    return replaced(text, personal_spans(text, keep_address=keep_address))


def mask_lines(lines: Sequence[str], *, keep_address: bool = False) -> list[str]:
    """Somebody's lines one after another: a number that he split over two of them is masked in both."""
    joined = "\n".join(lines)
    masked, start = [], 0
    spans = personal_spans(joined, keep_address=keep_address)
    for line in lines:
        end = start + len(line)
        inside = [
            (max(first, start) - start, min(last, end) - start, sign if first >= start else REST)
            for first, last, sign in spans
            if first < end and last > start
        ]
        masked.append(replaced(line, inside))
        start = end + 1
    return masked


def card_spans(text: str, before: str = "") -> list[tuple[int, int, str]]:
    """Where identity and bank card numbers stand in a text, also one begun in the line before.

    Nobody needs them in plain to serve a customer, so staff sees them only for a stated reason.
    """
    start = len(before) + 1 if before else 0
    joined = f"{before}\n{text}" if before else text
    return [
        (max(first, start) - start, last - start, sign)
        for first, last, sign in personal_spans(joined)
        if sign in (ID_CARD, BANK_CARD) and last > start
    ]


def personal_spans(text: str, *, keep_address: bool = False) -> list[tuple[int, int, str]]:
    """Where personal data stands in the text, and what stands in for each."""
    folded = text.translate(_FULL_WIDTH)
    spans = _numbers(folded.translate(_CHINESE_DIGITS), keep_phone=keep_address)
    spans += [(found.start(), found.end(), MAIL) for found in _MAIL.finditer(folded)]
    if not keep_address:
        spans += [(found.start(), found.end(), ADDRESS) for found in _ADDRESS.finditer(folded)]
    return spans


def _numbers(folded: str, *, keep_phone: bool) -> list[tuple[int, int, str]]:
    """Runs of digits as people group them, the shortest run that is something personal first."""
    digits = [found.start() for found in _DIGIT.finditer(folded)]
    spans: list[tuple[int, int, str]] = []
    index = 0
    while index < len(digits):
        end = (
            index if not _begins(folded, digits, index) else _end_of_personal(folded, digits, index, spans, keep_phone)
        )
        index = max(end, index + 1)
    return spans


def _begins(folded: str, digits: list[int], index: int) -> bool:
    """Not in the middle of a number, nor in one with letters before it, nor after the words for an order."""
    start = digits[index]
    before = folded[:start]
    return not (start and (folded[start - 1].isdigit() or _LETTER.match(folded[start - 1]))) and not _ORDER_WORD.search(
        before
    )


def _end_of_personal(
    folded: str, digits: list[int], index: int, spans: list[tuple[int, int, str]], keep_phone: bool
) -> int:
    """Index behind the digits that were recognised from here on, or `index`."""
    number = ""
    for at in range(index, min(len(digits), index + 21)):
        between = folded[digits[at - 1] + 1 : digits[at]] if at > index else ""
        if between and not (len(between) <= _GAP and _SEPARATORS.fullmatch(between)):
            break
        number += folded[digits[at]]
        after = digits[at] + 1
        is_whole = after == len(folded) or not folded[after].isdigit()
        sign = _sign_of(number, folded[after : after + 1], keep_phone) if is_whole else None
        if sign is not None:
            end = after + (1 if sign == ID_CARD and len(number) == 17 else 0)
            if sign:
                spans.append((digits[index], end, sign))
            return at + 1
    return index


def _sign_of(number: str, following: str, keep_phone: bool) -> str | None:
    """What stands in for the number; empty for one that is known and kept, None for one that is not personal."""
    local = number[2:] if len(number) == 13 and number.startswith("86") else number
    if len(local) == 11 and local[0] == "1" and local[1] in "3456789":
        return "" if keep_phone else f"{local[:3]}****{local[-4:]}"
    if len(number) == 17 and following in ("x", "X") and _is_id_card(number + "X"):
        return ID_CARD
    if len(number) == 18 and _is_id_card(number):
        return ID_CARD
    return BANK_CARD if _is_bank_card(number) else None


def _is_id_card(number: str) -> bool:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:17], strict=True))
    return born.year >= 1900 and _ID_SIGNS[total % 11] == number[17]


def _is_bank_card(number: str) -> bool:
    """Chinese and international cards by length, first digits and check digit."""
    if not 16 <= len(number) <= 19 or not number.startswith(("62", "4", "5", "60", "35", "9")):
        return False
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def replaced(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """The text with each span (start, end, what stands in for it) taken out."""
    kept, last = [], 0
    for start, end, sign in sorted(spans):
        if start < last:
            continue
        kept += [text[last:start], sign]
        last = end
    return "".join([*kept, text[last:]])
