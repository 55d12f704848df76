"""How surely a line asks for a person: likeness to labelled lines, by spelling, sentence vector and what rules found.

A linear head mixed up 谁要转人工 and 我要转人工, which share every word; comparing whole lines tells them apart
(lines of handoff_dev_more.tsv taken wrongly: 22 before, 15 after).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import SVC

from bot.components.line_head import plain
from bot.components.spelling_weights import SpellingWeights

SPELLING_DIMENSIONS = 400
VECTOR_WEIGHT, SIGN_WEIGHT = 2.0, 0.7
HARDNESS, NARROWNESS = 10.0, 0.3
STEEPNESS = 3.0
"""Turns the distance from the border into a share; 0.5 is the border."""

LIKELY = 0.5


def _framed(text: str) -> str:
    """Where a line begins and ends tells 转 from 不转."""
    return f"^{plain(text)}$"


class PersonHead:
    """Stored as numbers only: reading it back runs no code."""

    def __init__(self) -> None:
        self._spelling = self._counter()
        self._numbers: dict[str, Any] = {}
        self._spelled = SpellingWeights(self._spelling)

    @staticmethod
    def _counter(**known: Any) -> TfidfVectorizer:
        return TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, **known)

    def _features(self, texts: Sequence[str], vectors: np.ndarray, signs: np.ndarray) -> np.ndarray:
        spelling = np.stack([self._spelled.onto(_framed(text), self._numbers["directions"]) for text in texts])
        return np.hstack([spelling, VECTOR_WEIGHT * (vectors - self._numbers["centre"]), SIGN_WEIGHT * signs])

    def fit(self, texts: Sequence[str], vectors: np.ndarray, signs: np.ndarray, asked: np.ndarray) -> None:
        """`asked`: whether each line asks for a person."""
        self._spelling = self._counter(min_df=2)
        counted = self._spelling.fit_transform([_framed(text) for text in texts])
        directions = TruncatedSVD(min(SPELLING_DIMENSIONS, counted.shape[1] - 1), random_state=0).fit(counted)
        self._spelled = SpellingWeights(self._spelling)
        self._numbers = {"directions": np.ascontiguousarray(directions.components_.T), "centre": vectors.mean(axis=0)}
        model = SVC(C=HARDNESS, gamma=NARROWNESS).fit(self._features(texts, vectors, signs), asked)
        self._numbers |= {
            "examples": model.support_vectors_.astype(np.float32),
            "lengths": (model.support_vectors_**2).sum(axis=1),
            "weights": model.dual_coef_[0],
            "offset": model.intercept_[0],
        }

    def shares(self, texts: Sequence[str], vectors: np.ndarray, signs: np.ndarray) -> np.ndarray:
        features = self._features(texts, vectors, signs)
        products = features.astype(np.float32) @ self._numbers["examples"].T
        distances = (features**2).sum(axis=1, keepdims=True) + self._numbers["lengths"] - 2.0 * products
        sides = np.exp(-NARROWNESS * distances) @ self._numbers["weights"] + self._numbers["offset"]
        return np.asarray(1.0 / (1.0 + np.exp(-STEEPNESS * sides)))

    def save(self, path: Path) -> None:
        pieces = np.array(self._spelling.get_feature_names_out(), dtype=str)
        np.savez_compressed(path, pieces=pieces, rarity=self._spelling.idf_, **self._numbers)

    @classmethod
    def read(cls, path: Path) -> PersonHead:
        head = cls()
        with np.load(path, allow_pickle=False) as stored:
            numbers = {name: stored[name] for name in stored.files}
        head._spelling = cls._counter(vocabulary=[str(piece) for piece in numbers.pop("pieces")])
        head._spelling.idf_ = numbers.pop("rarity")
        head._spelled = SpellingWeights(head._spelling)
        head._numbers = numbers
        return head
