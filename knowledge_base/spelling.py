"""Guesses what was meant where a character sounds right and looks wrong (云费 for 运费), the usual slip of thumbs.

Every character is compared with those of the same sound by how well each stands between its neighbours in shoppers'
questions, in jieba's words and in the FAQ itself. A guess is no more than that: search asks both ways and keeps the
reading that finds more.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from knowledge_base import text as texts
from knowledge_base.sound import is_han, sound_of

PAIRS = Path(__file__).with_name("letter_pairs.txt")
"""`pair<TAB>count` of shoppers' questions; `knowledge_base/finetuning/letters.py` writes it."""
BEGINNING, END = "^", "$"
LONGEST_WORD = 4
LEAST_OF_A_CHARACTER = 1000
"""jieba's characters below it are offered only if the questions have them."""
GENERAL = 0.5
"""What a pair of jieba's dictionary counts beside one of the questions."""
SMOOTHING = 8.0
IN_THE_FAQ = 2.0
"""A pair that the FAQ has counts as if it stood so often in the questions."""
WORDS = 0.6
GAIN = 6.0
"""How much likelier (natural logarithms, the words' times WORDS) a reading must be to be asked as well. Measured on
questions with one wrong character: the likeliest reading is the right one for eight in ten, three in four are beyond
this bound, and so is one well-spelt question in five."""
LOOKED_AT = 6
MOST_CORRECTED = 60
"""Characters of a question up to which it is looked at: a long message is understood in spite of its slips."""


class Faq(Protocol):
    """What is asked of the FAQ's letters."""

    def knows(self, term: str) -> bool: ...


@dataclass(frozen=True)
class Letters:
    """How often characters and pairs of them stand in questions, with a share of the general language."""

    pairs: dict[str, float]
    singles: dict[str, float]
    total: float
    same_sound: dict[str, list[str]]

    def likelihood(self, one: str, next_one: str, faq: Faq) -> float:
        """The logarithm of how likely `next_one` follows `one`."""
        alone = (self.singles.get(next_one, 0.0) + 0.05) / (1.5 * self.total)
        count = self.pairs.get(one + next_one, 0.0) + (IN_THE_FAQ if faq.knows(one + next_one) else 0.0)
        return math.log((count + SMOOTHING * alone) / (self.singles.get(one, 0.0) + SMOOTHING))


@lru_cache(maxsize=1)
def letters() -> Letters:
    """Of the file and of the dictionary as it is loaded; about a second, once."""
    pairs: defaultdict[str, float] = defaultdict(float)
    singles: defaultdict[str, float] = defaultdict(float)
    for line in PAIRS.read_text(encoding="utf-8").splitlines():
        pair, _, count = line.partition("\t")
        pairs[pair] += int(count)
        singles[pair[0]] += int(count)
    asked, total = set(singles), sum(singles.values())
    share = GENERAL * total / texts.total_frequency()
    for word, frequency in texts.frequencies().items():
        if frequency and is_han(word):
            if len(word) == 1:
                singles[word] += share * frequency
            elif len(word) <= LONGEST_WORD:
                for at in range(len(word) - 1):
                    pair = word[at : at + 2]
                    if pair[0] in asked and pair[1] in asked:  # the others hardly help and take thirty megabytes
                        pairs[pair] += share * frequency
    usual = {word for word, frequency in texts.frequencies().items() if len(word) == 1}
    same_sound: defaultdict[str, list[str]] = defaultdict(list)
    for character in sorted(asked | {one for one in usual if texts.frequencies()[one] >= LEAST_OF_A_CHARACTER}):
        if is_han(character):
            same_sound[sound_of(character)].append(character)
    return Letters(dict(pairs), dict(singles), total, dict(same_sound))


@dataclass(frozen=True)
class Guess:
    """What may have been meant, and how much likelier it is than what was typed."""

    question: str
    gain: float


def guessed(question: str, faq: Faq) -> Guess | None:
    """The normalised question with one character exchanged, if it is much likelier that way."""
    if not 2 <= len(question) <= MOST_CORRECTED:
        return None
    known, framed = letters(), BEGINNING + question + END
    ways: list[tuple[float, str]] = []
    for place in range(1, len(framed) - 1):
        before, typed, after = framed[place - 1], framed[place], framed[place + 1]
        others = known.same_sound.get(sound_of(typed), ()) if is_han(typed) else ()
        if len(others) < 2:
            continue
        now = known.likelihood(before, typed, faq) + known.likelihood(typed, after, faq)
        for other in others:
            if other != typed:
                gain = known.likelihood(before, other, faq) + known.likelihood(other, after, faq) - now
                if gain > 0:
                    ways.append((gain, question[: place - 1] + other + question[place:]))
    likely = _words_likelihood(question)
    judged = [
        (gain + WORDS * (_words_likelihood(changed) - likely), changed)
        for gain, changed in sorted(ways, reverse=True)[:LOOKED_AT]
    ]
    gain, best = max(judged, default=(0.0, ""))
    return Guess(best, gain) if gain > GAIN else None


def _words_likelihood(question: str) -> float:
    """The logarithm of the likelihood of the best cut into words, each word by its frequency."""
    known, rare = texts.frequencies(), -math.log(texts.total_frequency())
    best = [0.0]
    for end in range(1, len(question) + 1):
        ways = []
        for start in range(max(0, end - LONGEST_WORD), end):
            frequency = known.get(question[start:end], 0)
            if frequency:
                ways.append(best[start] + math.log(frequency) + rare)
            elif start == end - 1:
                ways.append(best[start] + rare)
        best.append(max(ways))
    return best[-1]


def pairs_of(questions: list[str]) -> Counter[str]:
    """How often each pair stands in the questions, their beginnings and ends among them."""
    found: Counter[str] = Counter()
    for question in questions:
        framed = BEGINNING + question + END
        found.update(framed[at : at + 2] for at in range(len(framed) - 1))
    return found
