"""Finds phrases in a text however they are written: spaced out, full-width, by sound, in pinyin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import lazy_pinyin

from handoff.phrases import Phrase

# Two syllables sound like something else too often (微信 and 威信); three hardly ever do.
FEWEST_SYLLABLES = 3
SHORTEST_LATIN = 6

_HAN = re.compile(r"[\u4e00-\u9fff]")
# 不能保证 promises nothing; only promises can be denied, an insult cannot.
_DENIED = re.compile(r"(?:不|没|没有|无法|不能|不敢|难以|不会|并非|不是)$")


@dataclass(frozen=True, slots=True)
class Found:
    phrase: Phrase
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Folded:
    text: str
    # For every folded character the place of the original that it came from.
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Forms:
    """A phrase as it is looked for: writings, and its sound where that is telling enough."""

    writings: tuple[str, ...]
    sounds: str


def find(text: str, phrases: Sequence[Phrase]) -> list[Found]:
    """Each phrase at most once, where it stands first in the text as it was typed."""
    folded = _fold(text)
    sounds = _sounds(folded.text)
    found = []
    for phrase in phrases:
        for start, end in sorted(_places(folded.text, sounds, _forms(phrase))):
            if phrase.kind == "over_promise" and _DENIED.search(folded.text[:start]):
                continue
            found.append(Found(phrase, folded.places[start], folded.places[end - 1] + 1))
            break
    return sorted(found, key=lambda each: each.start)


def _places(folded: str, sounds: str, forms: _Forms) -> Iterator[tuple[int, int]]:
    for writing in forms.writings:
        at = folded.find(writing)
        # Letters inside a longer word (sb in "usb") are that word's.
        while at >= 0 and writing.isascii() and _is_inside_a_word(folded, at, at + len(writing)):
            at = folded.find(writing, at + 1)
        if at >= 0:
            yield at, at + len(writing)
    at = sounds.find(forms.sounds) if forms.sounds else -1
    if at >= 0:
        first = sounds.count(" ", 0, at)
        yield first, first + forms.sounds.count(" ") - 1


def _is_inside_a_word(folded: str, start: int, end: int) -> bool:
    before, after = folded[start - 1 : start], folded[end : end + 1]
    return (before.isascii() and before.isalnum()) or (after.isascii() and after.isalnum())


@lru_cache(maxsize=1024)
def _forms(phrase: Phrase) -> _Forms:
    writings = tuple(_fold(each).text for each in (phrase.words, *phrase.variants))
    if not all(_HAN.match(character) for character in writings[0]):
        return _Forms(writings, "")
    syllables = [_sound(character) for character in writings[0]]
    latin = "".join(syllables)
    sounds = _in_a_row(syllables) if len(syllables) >= FEWEST_SYLLABLES else ""
    return _Forms((*writings, latin) if len(latin) >= SHORTEST_LATIN else writings, sounds)


def _fold(text: str) -> _Folded:
    """Without width, case, spaces and signs; a percent sign is a word of its own."""
    characters, places = [], []
    for place, original in enumerate(text):
        for character in unicodedata.normalize("NFKC", original).casefold():
            if character.isalnum() or character == "%":
                characters.append(character)
                places.append(place)
    return _Folded("".join(characters), tuple(places))


def _sounds(folded: str) -> str:
    """One sound for each character; what is not Chinese stands for itself."""
    return _in_a_row([_sound(character) for character in folded]) if _HAN.search(folded) else ""


@lru_cache(maxsize=8192)
def _sound(character: str) -> str:
    """Without its neighbours: a character with two readings gets the same one in a phrase and in a text."""
    return lazy_pinyin(character)[0]


def _in_a_row(syllables: list[str]) -> str:
    """With a space at each end, so that the n-th character's sound begins at the n-th space."""
    return f" {' '.join(syllables)} "
