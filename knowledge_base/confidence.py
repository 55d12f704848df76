"""How sure we are: one calibrated probability that an entry answers the question, from all that was measured."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge_base.ranking import Candidate

SHIPPED = Path(__file__).with_name("confidence.json")
SURE = 0.99
"""Of an entry that holds the question word for word, alone. Two that both do share what there is."""
#: How near the second entry comes at least in any FAQ of some size. A margin is measured against it where there are few
#: entries or one, or the only entry would be the answer to everything.
USUAL_SECOND = {"score": 0.55, "dense": 0.55, "centroid": 0.55, "document": 0.05}


class Measures:
    """What is known of each candidate among the others. `known_share`: how much of it the FAQ's words cover."""

    def __init__(self, candidates: Sequence[Candidate], question: str, known_share: float) -> None:
        self._candidates, self._question, self._known_share = candidates, question, known_share
        self._exact = sum(one.is_exact for one in candidates)
        self._best_two: dict[str, tuple[float, float]] = {}
        for name in USUAL_SECOND:
            best, second, *_ = *sorted((float(getattr(one, name)) for one in candidates), reverse=True), 0.0, 0.0
            self._best_two[name] = best, second

    def _ahead_by(self, name: str, value: float) -> float:
        """How far this candidate is before the best other one; negative if behind."""
        best, second = self._best_two[name]
        return value - max(second if value >= best else best, USUAL_SECOND[name])

    def of(self, place: int) -> dict[str, float]:
        one = self._candidates[place]
        return {
            "score": one.score,
            "margin": self._ahead_by("score", one.score),
            "dense": one.dense,
            "dense_margin": self._ahead_by("dense", one.dense),
            "centroid": one.centroid,
            "centroid_margin": self._ahead_by("centroid", one.centroid),
            "answer": one.answer,
            "lexical": one.lexical,
            "document": one.document,
            "document_margin": self._ahead_by("document", one.document),
            "dense_mean": one.dense_mean,
            "agreement": one.agreement,
            "length": math.log1p(min(len(self._question), 60)),
            "phrasings": math.log1p(min(one.phrasings, 20)),
            "known": self._known_share,
            "has_answer": float(one.has_answer),
            "exact": 1 / self._exact if one.is_exact else 0.0,
        }


@dataclass(frozen=True)
class Confidence:
    """A logistic regression with its thresholds, as fitted by `calibration.py`."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    answer_at: Mapping[str, float]
    suggest_at: float
    fitted_on: str

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Confidence:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            names=tuple(plain["names"]),
            mean=tuple(plain["mean"]),
            scale=tuple(plain["scale"]),
            weights=tuple(plain["weights"]),
            intercept=plain["intercept"],
            answer_at=plain["answer_at"],
            suggest_at=plain["suggest_at"],
            fitted_on=plain["fitted_on"],
        )

    def probability(self, measured: Mapping[str, float]) -> float:
        if measured["exact"]:
            return SURE * measured["exact"]
        values = np.array([measured[name] for name in self.names])
        logit = float(((values - self.mean) / self.scale) @ np.array(self.weights) + self.intercept)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))

    def threshold(self, target_precision: float) -> float:
        """The probability from which answers were right that often on the fitting data; the next stricter one known."""
        enough = [at for precision, at in self.answer_at.items() if float(precision) >= target_precision - 1e-9]
        return min(enough, default=max(self.answer_at.values(), default=1.0))
