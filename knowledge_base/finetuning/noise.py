"""Disturbs a question the way thumbs and talk do, so that the model looks past typos and past the words around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pypinyin import Style, lazy_pinyin

from knowledge_base.text import lines_of

PARTICLES = ("啊", "呀", "呢", "哦", "嘛", "哈", "那个", "就是", "亲")
SHORTEST = 4
"""Of fewer characters, one lost may be the question itself."""
LONG_ENOUGH_FOR_TWO = 9
"""From so many characters on, one disturbance in three gets a second one."""
#: Sounds that a thumb or a dialect does not tell apart; the second one stands for both.
BLURRED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"), ("ang", "an"))


@dataclass(frozen=True)
class Around:
    """What people say before and after the question, in messages of several sentences."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Around:
        """Lines `前<TAB>text` and `后<TAB>text`."""
        lines = [line.split("\t") for line in lines_of(path)]
        before, after = (tuple(text for place, text in lines if place == wanted) for wanted in "前后")
        return cls(before, after)


LEARNT_AROUND = Around.read(Path(__file__).with_name("around.txt"))


def is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


class Noise:
    """Homophones are drawn from the characters of the questions themselves, often used ones more often.

    `sound` says which characters sound the same: by default also those that a thumb or a dialect does not tell apart.
    """

    def __init__(self, questions: Iterable[str], sound: Callable[[str], str] | None = None) -> None:
        self._sound = sound or sound_of
        self._same_sound: dict[str, list[str]] = {}
        for character in (one for text in questions for one in text if is_han(one)):
            self._same_sound.setdefault(self._sound(character), []).append(character)
        #: As often as they stand here: wrong characters of the same sound and lost ones are what costs most. The first
        #: can be guessed when a question is asked, the second cannot, so the model has to look past them by itself.
        self._ways: tuple[Callable[[str, Random], str], ...] = (
            *[self.misheard] * 5,
            *[self.shortened] * 6,
            self.padded,
            self._swapped,
        )

    def disturbed(self, text: str, random: Random) -> str:
        if len(text) < SHORTEST:
            return text
        once = random.choice(self._ways)(text, random)
        if len(text) >= LONG_ENOUGH_FOR_TWO and random.random() < 1 / 3:
            return random.choice(self._ways)(once, random)
        return once

    def misheard(self, text: str, random: Random) -> str:
        places = [place for place, one in enumerate(text) if is_han(one)]
        if not places:
            return text
        place = random.choice(places)
        others = [one for one in self._same_sound.get(self._sound(text[place]), ()) if one != text[place]]
        return text[:place] + random.choice(others) + text[place + 1 :] if others else text

    def shortened(self, text: str, random: Random) -> str:
        place = random.randrange(len(text))
        return text[:place] + text[place + 1 :]

    def padded(self, text: str, random: Random) -> str:
        place = random.randrange(len(text) + 1)
        return text[:place] + random.choice(PARTICLES) + text[place:]

    def _swapped(self, text: str, random: Random) -> str:
        place = random.randrange(len(text) - 1)
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def surrounded(text: str, random: Random, around: Around = LEARNT_AROUND) -> str:
    """With what people say before it, after it or on both sides: it asks the same."""
    before, after = random.choice(around.before), random.choice(around.after)
    return random.choice((f"{before},{text}", f"{before} {text}", f"{text},{after}", f"{before},{text} {after}"))


def sound_of(character: str) -> str:
    """Its pinyin without the tone, and without what is easily confused."""
    sound = str(lazy_pinyin(character, style=Style.NORMAL)[0])
    for clear, blurred in BLURRED:
        sound = sound.replace(clear, blurred)
    return sound
