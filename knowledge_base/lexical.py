"""Lexical likeness: cosine between bags of characters and pairs of them, weighted by how rare each is in the FAQ."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
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
        lengths = np.fromiter((len(bag.terms) for bag in bags), dtype=np.int64, count=len(bags))
        terms = np.concatenate([bag.terms for bag in bags]) if bags else np.empty(0, dtype=np.int32)
        weights = np.concatenate([bag.weights for bag in bags]) if bags else np.empty(0, dtype=np.float32)
        rows = np.repeat(np.arange(self._rows, dtype=np.int32), lengths)
        order = np.argsort(terms, kind="stable")
        self._terms, starts = np.unique(terms[order], return_index=True)
        self._starts = np.append(starts, len(terms))
        frequency = np.diff(self._starts)
        self._rarity = (np.log((1 + self._rows) / (1 + frequency)) + 1).astype(np.float32)
        self._unseen = float(np.log(1 + self._rows) + 1)
        weighted = weights * self._rarity[np.searchsorted(self._terms, terms)] if len(terms) else weights
        norms = np.sqrt(np.bincount(rows, weighted.astype(np.float64) ** 2, minlength=self._rows))
        norms[norms == 0] = 1
        self._posting_rows = rows[order]
        self._posting_weights = (weighted / norms[rows]).astype(np.float32)[order]

    def known_share(self, bag: Bag) -> float:
        """How much of the asked text's weight lies in terms that the FAQ has; 1 for an empty text."""
        if not self._rows or not len(bag.terms):
            return 1.0 if self._rows else 0.0
        known, weights, _ = self._weighted(bag)
        return float((weights[known] ** 2).sum() / (weights**2).sum())

    def knows(self, term: str) -> bool:
        """Whether any row has this character or pair."""
        return _number(term) in self._known

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(self._terms.tolist())

    def _weighted(self, bag: Bag) -> tuple[NDArray[np.bool_], NDArray[np.float32], NDArray[np.int64]]:
        places = np.searchsorted(self._terms, bag.terms)
        places[places == len(self._terms)] = 0
        known = self._terms[places] == bag.terms
        return known, bag.weights * np.where(known, self._rarity[places], np.float32(self._unseen)), places

    def scores(self, bag: Bag) -> NDArray[np.float32]:
        """The cosine of every row with the asked text. Terms that no row has count in the length, so they lower it."""
        totals = np.zeros(self._rows, dtype=np.float32)
        if not self._rows or not len(bag.terms):
            return totals
        known, weights, places = self._weighted(bag)
        weights = weights / np.sqrt((weights**2).sum())
        for place, weight in zip(places[known], weights[known], strict=True):
            span = slice(self._starts[place], self._starts[place + 1])
            totals[self._posting_rows[span]] += weight * self._posting_weights[span]  # a row occurs once in a span
        return totals
