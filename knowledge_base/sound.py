"""How a character sounds, for most slips in typed Chinese sound right and look wrong."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


def is_han(text: str) -> bool:
    return all("\u4e00" <= character <= "\u9fff" for character in text)


@lru_cache(maxsize=30_000)
def sound_of(character: str) -> str:
    """Without the tone; of several readings the most usual one, the same for what is typed and what is meant."""
    return str(lazy_pinyin(character, style=Style.NORMAL)[0])
