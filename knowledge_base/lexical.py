"""Lexical likeness: cosine between bags of characters and pairs of them, weighted by how rare each is in the FAQ."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

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


class LexicalIndex:
    """Postings of all phrasings; immutable. A row's number is its place in the list it was built from."""

    def __init__(self, bags: list[Bag]) -> None:
        self._rows = len(bags)
        begins = np.zeros(self._rows + 1, dtype=np.int64)
        np.cumsum([len(bag.terms) for bag in bags], out=begins[1:])
        terms = np.concatenate([bag.terms for bag in bags]) if bags else np.empty(0, dtype=np.int32)
        weights = np.concatenate([bag.weights for bag in bags]) if bags else np.empty(0, dtype=np.float32)
        frequency = np.bincount(terms, minlength=TERMS)
        self._rarity = (np.log((1 + self._rows) / (1 + frequency)) + 1).astype(np.float32)
        weighted = weights * self._rarity[terms]
        squares = np.append(0.0, np.cumsum(weighted.astype(np.float64) ** 2))
        norms = np.sqrt(np.diff(squares[begins]))
        norms[norms == 0] = 1
        weighted /= np.repeat(norms, np.diff(begins)).astype(np.float32)
        # Turned from rows into terms, in one pass without sorting.
        by_term = scipy.sparse.csr_array((weighted, terms, begins), shape=(self._rows, TERMS)).tocsc()
        self._starts, self._posting_rows, self._posting_weights = by_term.indptr, by_term.indices, by_term.data

    def known_share(self, bag: Bag) -> float:
        """How much of the asked text's weight lies in terms that the FAQ has; 1 for an empty text."""
        if not self._rows or not len(bag.terms):
            return 1.0 if self._rows else 0.0
        known, weights = self._weighted(bag)
        return float((weights[known] ** 2).sum() / (weights**2).sum())

    def knows(self, term: str) -> bool:
        """Whether any row has this character or pair."""
        number = _number(term)
        return bool(self._starts[number + 1] > self._starts[number])

    def _weighted(self, bag: Bag) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which terms any row has, and what each weighs; a term that no row has is the rarest of all."""
        return self._starts[bag.terms + 1] > self._starts[bag.terms], bag.weights * self._rarity[bag.terms]

    def scores(self, bag: Bag) -> NDArray[np.float32]:
        """The cosine of every row with the asked text. Terms that no row has count in the length, so they lower it."""
        totals = np.zeros(self._rows, dtype=np.float32)
        if not self._rows or not len(bag.terms):
            return totals
        known, weights = self._weighted(bag)
        weights = weights / np.sqrt((weights**2).sum())
        for term, weight in zip(bag.terms[known], weights[known], strict=True):
            span = slice(self._starts[term], self._starts[term + 1])
            totals[self._posting_rows[span]] += weight * self._posting_weights[span]  # a row occurs once in a span
        return totals
