"""Decides which of the 250,002 XLM-R pieces a Chinese shop needs: four fifths of the model are other languages.

The rule is fixed, so the same pieces give the same model everywhere. A piece is kept when it is

- a special piece (`<s> <pad> </s> <unk>`) or the bare word mark `▁`;
- made of Han characters only (with or without the word mark);
- made of digits, punctuation and symbols only, in any script (emoji, currency, full-width forms are among them);
- made of ASCII letters only and among the 40,000 first ids. Ids follow frequency, so these are the common English
  pieces (and what German or French share with them); a single letter stays at any id, so no ASCII word is ever unknown;
- a word of `shop_english.txt` in lower or title case (`password` has id 78,506: in 100 languages it is rare);
- one kana (の and its kind appear in product names).

Everything else becomes `<unk>`. Chinese text is cut into exactly the same pieces as before.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

WORD_MARK = "▁"
COMMON_ENGLISH_IDS = 40_000
SHOP_ENGLISH = frozenset(
    line
    for line in Path(__file__).with_name("shop_english.txt").read_text(encoding="utf-8").split("\n")
    if line.isalpha()
)
SYMBOL_CATEGORIES = frozenset("PSN")


def is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u4dbf" or "\u4e00" <= character <= "\u9fff" or character == "〇"


def is_symbol(character: str) -> bool:
    return unicodedata.category(character)[0] in SYMBOL_CATEGORIES


def is_kana(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff"


def is_kept(number: int, piece: str) -> bool:
    """Whether the piece with this id stays; special pieces are the caller's."""
    body = piece.removeprefix(WORD_MARK)
    if not body:
        return True
    if body.isascii() and body.isalpha():
        is_shop_word = body.lower() in SHOP_ENGLISH and body[1:].islower()
        return len(body) == 1 or number < COMMON_ENGLISH_IDS or is_shop_word
    if len(body) == 1 and is_kana(body):
        return True
    return all(map(is_han, body)) or all(map(is_symbol, body))


def kept_ids(pieces: Sequence[str], special: frozenset[int]) -> list[int]:
    """The old ids that stay, ascending: a piece's place in this list is its new id."""
    return [number for number, piece in enumerate(pieces) if number in special or is_kept(number, piece)]
