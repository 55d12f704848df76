"""Lexical likeness: cosine between bags of characters and pairs of them, weighted by how rare each is in the FAQ."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from knowledge_base.places import Numbers, Places, is_unmoved

Bags = Any
"""Many bags as a sparse matrix (`scipy.sparse.csr_array`, which has no types): a row a text, a column a term."""
TERMS = 1 << 20
"""Terms are hashed to this many numbers: no vocabulary to keep, and an edit changes nothing but its own rows."""
LONGEST_GRAM = 2
"""Characters and pairs. Measured on shop questions: triples and jieba's words make the ranking worse, not better."""


@dataclass(frozen=True)
class Bag:
    """The terms of one text, ascending, and the damped count of each."""

    terms: NDArray[np.int32]
    weights: NDArray[np.float32]


def terms_of(normalised: str) -> Counter[int]:
    """Character 1- and 2-grams of every run without white space and punctuation."""
    found: Counter[int] = Counter()
    for run in normalised.split():
        letters = "".join(character for character in run if character.isalnum())
        for size in range(1, LONGEST_GRAM + 1):
            for start in range(len(letters) - size + 1):
                found[_number(letters[start : start + size])] += 1
    return found


def _number(term: str) -> int:
    return zlib.crc32(term.encode()) % TERMS


def bag_of(normalised: str) -> Bag:
    counted = sorted(terms_of(normalised).items())
    terms = np.fromiter((term for term, _ in counted), dtype=np.int32, count=len(counted))
    counts = np.fromiter((count for _, count in counted), dtype=np.float32, count=len(counted))
    return Bag(terms, 1 + np.log(counts, dtype=np.float32) if len(counts) else counts)


def packed(bags: Sequence[Bag]) -> Bags:
    begins = np.zeros(len(bags) + 1, dtype=np.int32)
    np.cumsum([len(bag.terms) for bag in bags], out=begins[1:])
    terms = np.concatenate([np.empty(0, dtype=np.int32), *(bag.terms for bag in bags)])
    weights = np.concatenate([np.empty(0, dtype=np.float32), *(bag.weights for bag in bags)])
    return matrix_of(weights, terms, begins)


def matrix_of(weights: NDArray[np.float32], terms: NDArray[np.int32], begins: NDArray[np.int32]) -> Bags:
    return scipy.sparse.csr_array((weights, terms, begins), shape=(len(begins) - 1, TERMS))


def woven(is_second: NDArray[np.bool_], first: Bags, second: Bags) -> Bags:
    """The rows of both, each in its order: a row of the second where that is said, else one of the first."""
    if not second.shape[0]:
        return first
    source = np.empty(len(is_second), dtype=np.int64)
    source[~is_second] = np.arange(first.shape[0])
    source[is_second] = first.shape[0] + np.arange(second.shape[0])
    return scipy.sparse.vstack([first, second], format="csr")[source]


class Postings:
    """The bags turned: for every term the rows that have it, and what it weighs in each; immutable."""

    def __init__(self, bags: Bags, rarity: NDArray[np.float32]) -> None:
        self.bags = bags
        weighted = bags.data * rarity[bags.indices]
        squares = np.append(0.0, np.cumsum(weighted.astype(np.float64) ** 2))
        norms = np.sqrt(np.diff(squares[bags.indptr]))
        norms[norms == 0] = 1
        weighted /= np.repeat(norms, np.diff(bags.indptr)).astype(np.float32)
        # Turned from rows into terms, in one pass without sorting.
        by_term = matrix_of(weighted, bags.indices, bags.indptr).tocsc()
        self._starts, self._rows, self._weights = by_term.indptr, by_term.indices, by_term.data

    def add_scores(self, totals: NDArray[np.float32], bag: Bag) -> None:
        """Add to every row what it shares with the asked text."""
        for term, weight in zip(bag.terms, bag.weights, strict=True):
            span = slice(self._starts[term], self._starts[term + 1])
            totals[self._rows[span]] += weight * self._weights[span]  # a row occurs once in a span


class LexicalIndex:
    """Which rows share letters with a question; immutable. A row's number is its place in the list it was built from.

    After edits the rows lie in a base, shared with the index before, and a small segment of newer ones. How rare a term
    is stays what it was in the base until that is made anew: a few rows among so many hardly change it, and every norm
    depends on it. Which terms are known at all is always exact."""

    def __init__(
        self,
        rarity: NDArray[np.float32],
        frequency: NDArray[np.int32],
        base: Postings,
        segment: Postings | None = None,
        places: Places | None = None,
    ) -> None:
        self._rarity, self._frequency = rarity, frequency
        self._base, self._segment, self._places = base, segment, places

    @classmethod
    def build(cls, bags: Bags) -> LexicalIndex:
        frequency = np.bincount(bags.indices, minlength=TERMS).astype(np.int32)
        rarity = (np.log((1 + bags.shape[0]) / (1 + frequency)) + 1).astype(np.float32)
        return cls(rarity, frequency, Postings(bags, rarity))

    def edited(self, came_from: Numbers, new: Bags) -> LexicalIndex:
        """The same base under other rows. `came_from` names each row's place among those so far, -1 for a new one;
        `new` are the bags of these in their order."""
        if is_unmoved(came_from, len(self)):
            return self
        before = Places.of_base(len(self)) if self._places is None else self._places
        places, taken = before.after(came_from)
        is_gone = np.ones(len(self), dtype=bool)
        is_gone[came_from[came_from >= 0]] = False
        frequency = self._frequency.copy()
        np.subtract.at(frequency, self.bags_of(np.flatnonzero(is_gone)).indices, 1)
        np.add.at(frequency, new.indices, 1)
        kept = new[:0] if self._segment is None else self._segment.bags[taken[taken >= 0]]
        segment = Postings(woven(taken < 0, kept, new), self._rarity)
        return LexicalIndex(self._rarity, frequency, self._base, segment, places)

    def folded(self) -> LexicalIndex:
        """The same rows, all of them in the base."""
        return self if self.is_folded else LexicalIndex.build(self.bags)

    @property
    def is_folded(self) -> bool:
        return self._places is None

    def __len__(self) -> int:
        return int(self._base.bags.shape[0]) if self._places is None else len(self._places.of_row)

    @property
    def bags(self) -> Bags:
        """Of all rows."""
        return self._base.bags if self._places is None else self.bags_of(np.arange(len(self)))

    def bags_of(self, rows: Numbers) -> Bags:
        if self._places is None or self._segment is None:
            return self._base.bags[rows]
        places = self._places.of_row[rows]
        is_newer = places >= self._places.base
        newer = self._segment.bags[places[is_newer] - self._places.base]
        return woven(is_newer, self._base.bags[places[~is_newer]], newer)

    def known_share(self, bag: Bag) -> float:
        """How much of the asked text's weight lies in terms that the FAQ has; 1 for an empty text."""
        if not len(self) or not len(bag.terms):
            return 1.0 if len(self) else 0.0
        known, weights = self._weighted(bag)
        return float((weights[known] ** 2).sum() / (weights**2).sum())

    def knows(self, term: str) -> bool:
        """Whether any row has this character or pair."""
        return bool(self._frequency[_number(term)] > 0)

    def _weighted(self, bag: Bag) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which terms any row has, and what each weighs; a term that no row has is the rarest of all."""
        return self._frequency[bag.terms] > 0, bag.weights * self._rarity[bag.terms]

    def scores(self, bag: Bag) -> NDArray[np.float32]:
        """The cosine of every row with the asked text. Terms that no row has count in the length, so they lower it."""
        base = int(self._base.bags.shape[0])
        totals = np.zeros(base + (self._segment.bags.shape[0] if self._segment is not None else 0), dtype=np.float32)
        if len(self) and len(bag.terms):
            known, weights = self._weighted(bag)
            asked = Bag(bag.terms[known], weights[known] / np.sqrt((weights**2).sum()))
            self._base.add_scores(totals[:base], asked)
            if self._segment is not None:
                self._segment.add_scores(totals[base:], asked)
        return totals if self._places is None else totals[self._places.of_row]
