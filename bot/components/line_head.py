"""A small yes-or-no model over one line: the sentence vector, its spelling, and signs found by rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.components.spelling_weights import SpellingWeights
from bot.text import fold, without_long_numbers


def plain(text: str) -> str:
    """The spelling that the embedder and the heads share."""
    return without_long_numbers(fold(text))


def read_labelled(path: Path) -> tuple[list[str], np.ndarray]:
    """Lines `text<TAB>number`, or `yes` and `no` for 1 and 0."""
    texts, shares = [], []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            text, _, label = line.partition("\t")
            texts.append(text)
            shares.append({"yes": 1.0, "no": 0.0}[label] if label in ("yes", "no") else float(label))
    return texts, np.array(shares)


class LineHead:
    """Linear, a few hundred kilobytes, stored as numbers only: reading it back runs no code."""

    def __init__(self, vector_weight: float = 4.0, sign_weight: float = 1.0, hardness: float = 4.0) -> None:
        self._weights = np.array([vector_weight, sign_weight])
        self._hardness = hardness
        self._spelling = self._counter()
        self._centre: Any = 0.0
        self._coefficients: Any = None
        self._offset = 0.0
        self._spelled = SpellingWeights(self._spelling)

    @staticmethod
    def _counter(**known: Any) -> TfidfVectorizer:
        return TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, **known)

    def _rest(self, vectors: np.ndarray, signs: np.ndarray) -> np.ndarray:
        return np.hstack([self._weights[0] * (vectors - self._centre), self._weights[1] * signs])

    def fit(self, texts: Sequence[str], vectors: np.ndarray, signs: np.ndarray, shares: np.ndarray) -> None:
        """`shares`: how far each line is a yes, from 0 to 1."""
        self._spelling = self._counter(min_df=2)
        spelling = self._spelling.fit_transform([plain(text) for text in texts]).toarray()
        self._spelled = SpellingWeights(self._spelling)
        self._centre = vectors.mean(axis=0)
        features = np.hstack([spelling, self._rest(vectors, signs)])
        model = LogisticRegression(C=self._hardness, max_iter=1000)
        model.fit(
            np.vstack([features, features]),
            [True] * len(texts) + [False] * len(texts),
            sample_weight=np.concatenate([shares, 1.0 - shares]),
        )
        self._coefficients, self._offset = model.coef_[0], float(model.intercept_[0])

    def shares(self, texts: Sequence[str], vectors: np.ndarray, signs: np.ndarray) -> np.ndarray:
        rest = self._rest(vectors, signs)
        spelling = self._coefficients[: -rest.shape[1]]
        spelled = np.array([self._spelled.onto(plain(text), spelling) for text in texts])
        logits = spelled + rest @ self._coefficients[-rest.shape[1] :] + self._offset
        return np.asarray(1.0 / (1.0 + np.exp(-logits)))

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path,
            pieces=np.array(self._spelling.get_feature_names_out(), dtype=str),
            rarity=self._spelling.idf_,
            weights=self._weights,
            centre=self._centre,
            coefficients=self._coefficients,
            offset=self._offset,
        )

    @classmethod
    def read(cls, path: Path) -> LineHead:
        head = cls()
        with np.load(path, allow_pickle=False) as stored:
            head._spelling = cls._counter(vocabulary=[str(piece) for piece in stored["pieces"]])
            head._spelling.idf_ = stored["rarity"]
            head._spelled = SpellingWeights(head._spelling)
            head._weights, head._centre = stored["weights"], stored["centre"]
            head._coefficients, head._offset = stored["coefficients"], float(stored["offset"])
        return head
