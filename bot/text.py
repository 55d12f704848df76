"""Brings different spellings of the same words together without moving any character."""

from __future__ import annotations

import re
from functools import lru_cache

from opencc import OpenCC

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_LONG_NUMBER = re.compile(r"\d{5,}")


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=256)  # a line is folded by everything that reads it
def fold(text: str) -> str:
    """Half-width, lower-case, Simplified; as long as `text`, so that offsets stay true."""
    flat = "".join(small if len(small := char.lower()) == 1 else char for char in text.translate(_FULL_WIDTH))
    simplified = _converter().convert(flat)
    if len(simplified) == len(flat):
        return simplified
    return "".join(one if len(one := _converter().convert(char)) == 1 else char for char in flat)


def without_long_numbers(text: str) -> str:
    """Order and phone numbers say nothing about what is meant; they become one sign."""
    return _LONG_NUMBER.sub("#", text)


_NOISE = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """Folded letters, digits and characters only: what two spellings of one line have in common."""
    return _NOISE.sub("", fold(text))
