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
USUAL_SECOND = {"score": 0.88, "dense": 0.88, "centroid": 0.88, "document": 0.05}


def features(candidates: Sequence[Candidate], place: int, question: str, known_share: float) -> dict[str, float]:
    """What is known of one candidate among the others. `known_share`: how much of it the FAQ's words cover."""
    one = candidates[place]
    exact = sum(other.is_exact for other in candidates)
    others = [other for other in candidates if other is not one]

    def ahead_by(name: str) -> float:
        best = max((getattr(other, name) for other in others), default=0.0)
        return float(getattr(one, name) - max(best, USUAL_SECOND[name]))

    return {
        "score": one.score,
        "margin": ahead_by("score"),
        "dense": one.dense,
        "dense_margin": ahead_by("dense"),
        "centroid": one.centroid,
        "centroid_margin": ahead_by("centroid"),
        "answer": one.answer,
        "lexical": one.lexical,
        "document": one.document,
        "document_margin": ahead_by("document"),
        "dense_mean": one.dense_mean,
        "agreement": one.agreement,
        "length": math.log1p(min(len(question), 60)),
        "phrasings": math.log1p(min(one.phrasings, 20)),
        "known": known_share,
        "has_answer": float(one.has_answer),
        "exact": 1 / exact if one.is_exact else 0.0,
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
