"""The two models behind the intent, without Rasa: words and sentence vectors in, one probability per intent out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.components.spelling_weights import SpellingWeights

SPELLING_DIMENSIONS = 256
SPELLING_WEIGHT, VECTOR_WEIGHT = 2.0, 5.0
HARDNESS = 3.0
ROUNDS = 100
"""Of fitting. More changes nothing that is seen on lines left out."""

ANCHORS, NARROWNESS, STIFFNESS = 5_000, 1.0, 0.3
"""How many examples a line is compared with, how near counts as like, and how little a single one may decide."""

LIKENESS_WEIGHT = 6.0
"""Brings likeness, which runs from -1 to 1, to the scale of the linear model's logarithms."""

CAUTION = 2.0
"""Together the two are too sure of themselves; divided by this, about one line in twenty counts as unsure."""

BENT = 1e-4
"""Keeps the equations solvable where two anchors are the same line."""

# All chosen by leaving out whole groups of phrasings (bot/evaluation/cross_validation.py) and on the dev files.


class Features:
    """Which characters stand together, brought to few dimensions, beside the centred sentence vector."""

    def __init__(self, words: Sequence[str], vectors: np.ndarray) -> None:
        self._spelling = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
        counted = self._spelling.fit_transform(words)
        reduce = TruncatedSVD(min(SPELLING_DIMENSIONS, counted.shape[1] - 1), random_state=0).fit(counted)
        # A row per piece of spelling: a line holds few, and TruncatedSVD would go through all of them (4 ms a line).
        self._directions = np.ascontiguousarray(reduce.components_.T)
        # All e5 vectors point the same way; what tells sentences apart is how they differ from their mean.
        self._centre = vectors.mean(axis=0)
        self._weights = SpellingWeights(self._spelling)

    def of(self, words: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        spelling = np.stack([self._weights.onto(line, self._directions) for line in words])
        return np.hstack([SPELLING_WEIGHT * spelling, VECTOR_WEIGHT * (vectors - self._centre)])


def _to_length_one(features: np.ndarray) -> np.ndarray:
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)


def _classifier(features: np.ndarray, intents: Sequence[str]) -> LogisticRegression:
    with warnings.catch_warnings():
        # Stopping before the last digit is meant: see ROUNDS.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=HARDNESS, max_iter=ROUNDS, class_weight="balanced").fit(features, intents)


class Likeness:
    """How like a line is to each anchor, weighed per intent: kernel ridge regression, solved in closed form."""

    def __init__(self, features: np.ndarray, intents: Sequence[str]) -> None:
        lines = _to_length_one(features).astype(np.float32)
        names, numbers = np.unique(intents, return_inverse=True)
        self._anchors = lines[np.random.RandomState(0).permutation(len(lines))[:ANCHORS]]
        target = np.where(numbers[:, None] == np.arange(len(names)), 1.0, -1.0).astype(np.float32)
        rarity = np.sqrt(len(numbers) / (len(names) * np.bincount(numbers)))[numbers].astype(np.float32)
        near = self._closeness(lines)
        weighed = near * rarity[:, None]
        tamed = STIFFNESS * self._closeness(self._anchors) + BENT * np.eye(len(self._anchors))
        left, right = (weighed.T @ near).astype(float) + tamed, (weighed.T @ target).astype(float)
        self._weights = np.linalg.solve(left, right).astype(np.float32)

    def _closeness(self, lines: np.ndarray) -> np.ndarray:
        # Both sides have length one, so their distance follows from their product.
        return np.asarray(np.exp(2.0 * NARROWNESS * (lines @ self._anchors.T - 1.0)))

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Per intent in the order of their names; about 1 for a line that is typical of it, -1 for others."""
        return np.asarray(self._closeness(_to_length_one(features).astype(np.float32)) @ self._weights)


class Head:
    """Both models' opinions together."""

    def __init__(self) -> None:
        self._features: Any = None
        self._linear: Any = None
        self._likeness: Any = None

    def fit(self, words: Sequence[str], vectors: np.ndarray, intents: Sequence[str]) -> None:
        self._features = Features(words, vectors)
        features = self._features.of(words, vectors)
        self._linear = _classifier(features, intents)
        self._likeness = Likeness(features, intents)

    @property
    def intents(self) -> list[str]:
        return [str(name) for name in self._linear.classes_]

    def probabilities(self, words: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        features = self._features.of(words, vectors)
        linear = log_softmax(features @ self._linear.coef_.T + self._linear.intercept_, axis=1)
        return np.asarray(softmax((linear + LIKENESS_WEIGHT * self._likeness.scores(features)) / CAUTION, axis=1))

    def ranking(self, words: str, vector: np.ndarray) -> list[dict[str, Any]]:
        """Best first."""
        shares = self.probabilities([words], vector.reshape(1, -1))[0]
        names = self.intents
        return [{"name": names[place], "confidence": float(shares[place])} for place in np.argsort(shares)[::-1]]
