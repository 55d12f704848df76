"""What others would use instead: BM25 over jieba's words, the plain model, and the plain model with letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from knowledge_base import text as texts
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Served

Scores = NDArray[np.float64]
Method = Callable[[Sequence[str]], Scores]
"""Questions in, one row of scores over the entries a question out; its best score is also its confidence."""

K1, B = 1.5, 0.75
"""BM25's usual values."""
DENSE, LETTERS = 0.7, 0.3
"""The mix that was best with the plain model on shop questions, each in units of its own spread: cosines of this
model lie within a tenth of one another, those of letters anywhere."""
SCALED_BY = 300
"""Phrasings of the index itself that the spreads are taken from; no question is looked at."""


def phrasings_of(entries: Sequence[Served]) -> tuple[list[str], NDArray[np.int64]]:
    """All phrasings, normalised as in production, and where each entry's begin."""
    rows = [[texts.normalised(one) for one in entry.content.phrasings] for entry in entries]
    starts = np.cumsum([0, *(len(own) for own in rows[:-1])])
    return [one for own in rows for one in own], starts


def best_of_each(scores: NDArray[np.float64], starts: NDArray[np.int64]) -> Scores:
    """The best phrasing of every entry."""
    return np.maximum.reduceat(scores, starts, axis=1)


def bm25(entries: Sequence[Served]) -> Method:
    from sklearn.feature_extraction.text import CountVectorizer

    phrasings, starts = phrasings_of(entries)
    counter = CountVectorizer(analyzer=texts.words)
    counts = scipy.sparse.csr_matrix(counter.fit_transform(phrasings), dtype=np.float64)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    having = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log(1 + (len(phrasings) - having + 0.5) / (having + 0.5))
    long = np.repeat(K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-9)), np.diff(counts.indptr))
    counts.data = counts.data * (K1 + 1) / (counts.data + long) * rarity[counts.indices]

    def score(questions: Sequence[str]) -> Scores:
        asked = counter.transform([texts.normalised(one) for one in questions])
        return best_of_each((asked @ counts.T).toarray(), starts)

    return score


def plain(entries: Sequence[Served], embedder: CachedEmbedder) -> Method:
    """The nearest phrasing by the model as it is published."""
    phrasings, starts = phrasings_of(entries)
    vectors = embedder.embed(phrasings)

    def score(questions: Sequence[str]) -> Scores:
        asked = embedder.embed([texts.normalised(one) for one in questions])
        return best_of_each((asked @ vectors.T).astype(np.float64), starts)

    return score


def two_way(entries: Sequence[Served], embedder: CachedEmbedder) -> Method:
    """The plain model and TF-IDF over pairs and triples of characters: the best of each per entry, then the sum."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    phrasings, starts = phrasings_of(entries)
    letters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    rows = letters.fit_transform(phrasings)
    by_meaning = plain(entries, embedder)

    def by_letters(questions: Sequence[str]) -> Scores:
        asked = letters.transform([texts.normalised(one) for one in questions])
        return best_of_each((asked @ rows.T).toarray(), starts)

    usual = phrasings[:: max(1, len(phrasings) // SCALED_BY)]
    scales = [(float(known.mean()), float(known.std()) or 1.0) for known in (by_meaning(usual), by_letters(usual))]

    def score(questions: Sequence[str]) -> Scores:
        both = [
            (one(questions) - mean) / spread
            for one, (mean, spread) in zip((by_meaning, by_letters), scales, strict=True)
        ]
        return DENSE * both[0] + LETTERS * both[1]

    return score
