"""Misspells a question the way thumbs do, so that the model learns to look past it."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from pypinyin import Style, lazy_pinyin

PARTICLES = ("啊", "呀", "呢", "哦", "嘛", "哈", "那个", "就是", "亲")
SHORTEST = 4
"""Of fewer characters, one lost may be the question itself."""


def is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


class Noise:
    """Homophones are drawn from the characters of the questions themselves, often used ones more often."""

    def __init__(self, questions: Iterable[str]) -> None:
        self._same_sound: dict[str, list[str]] = {}
        for character in (one for text in questions for one in text if is_han(one)):
            self._same_sound.setdefault(sound_of(character), []).append(character)

    def disturbed(self, text: str, random: Random) -> str:
        if len(text) < SHORTEST:
            return text
        return random.choice((self._misheard, self._misheard, self._shortened, self._padded, self._swapped))(
            text, random
        )

    def _misheard(self, text: str, random: Random) -> str:
        places = [place for place, one in enumerate(text) if is_han(one)]
        if not places:
            return text
        place = random.choice(places)
        others = [one for one in self._same_sound.get(sound_of(text[place]), ()) if one != text[place]]
        return text[:place] + random.choice(others) + text[place + 1 :] if others else text

    def _shortened(self, text: str, random: Random) -> str:
        place = random.randrange(len(text))
        return text[:place] + text[place + 1 :]

    def _padded(self, text: str, random: Random) -> str:
        place = random.randrange(len(text) + 1)
        return text[:place] + random.choice(PARTICLES) + text[place:]

    def _swapped(self, text: str, random: Random) -> str:
        place = random.randrange(len(text) - 1)
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def sound_of(character: str) -> str:
    return str(lazy_pinyin(character, style=Style.NORMAL)[0])
