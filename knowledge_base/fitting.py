"""Fits the confidence from examples: which candidate, is it right, is there an answer at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from knowledge_base.calibration import Example
from knowledge_base.confidence import OVERALL, SURE, Judge, overall

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

PLAIN = (
    "score", "margin", "dense", "dense_margin", "centroid", "centroid_margin", "answer", "lexical", "document",
    "document_margin", "dense_mean", "agreement", "length", "topic_words", "phrasings", "known", "has_answer",
    "own_nearest", "own_middle", "dense_place", "lexical_place", "document_place",
    "rival_likeness", "side", "least_side", "uncovered", "uncovered_share", "uncovered_letters", "fully_covered",
)  # fmt: skip
OUTSIDE = (
    "outside", "outside_lead", "outside_likeness", "outside_side", "outside_least_side", "outside_other_lead",
    "outside_via",
)  # fmt: skip
WORDWISE = (
    "words_met", "words_met_best", "words_met_mean", "words_worst", "words_lacking", "words_back_best",
    "words_back_mean", "words_margin",
)  # fmt: skip
NAMES = (*PLAIN, *OUTSIDE, *WORDWISE)
KNOWN = NAMES, (*PLAIN, *OUTSIDE), PLAIN
"""What a judge may ask for: everything, all but the words, and what any model gives."""
SHARES = {"in": 0.8, "near": 0.1, "mid": 0.05, "far": 0.05}
"""The traffic that the probability is calibrated for: so much is in the FAQ, near it, and far from it."""
PRECISIONS = (0.80, 0.85, 0.90, 0.93, 0.95, 0.97, 0.98)
LEARNT_PLACES = 3
SECOND_STEP = 50
"""Strength of the second step's weights, which lean on the first's: scikit-learn's `C` times the number of questions.
With 14,000 it is as good on simulated shops, by weights that are many times as large and take each other back: an FAQ
unlike these would be judged by their difference."""
SUGGEST_AT = 0.3
"""Probability that anything here answers, from which a choice is offered instead of a person."""


def weights_of(found: Sequence[Example]) -> np.ndarray:
    """Weights that give every regime the same say, and within it the traffic's shares."""
    keys = [(one.regime, one.kind) for one in found]
    totals: dict[tuple[str, str], int] = {}
    for key in keys:
        totals[key] = totals.get(key, 0) + 1
    return np.array([SHARES[kind] / totals[regime, kind] for regime, kind in keys]) * len(found)


def fitted(found: Sequence[Example], fitted_on: str) -> dict[str, Any]:
    """The parameters to ship, with one judge for each set of what may be known.

    A precision is promised to a shop that the model never saw, so its threshold is set by such shops, if there are any:
    set by all questions alike, where .90 was wanted it was .85 there and .97 on the FAQ that the model has learnt.
    """
    fits = [fit(found, names) for names in KNOWN]
    judges = [judge for judge, _ in fits]
    best = fits[0][1]
    promised = np.array([example.is_unseen for example in found if example.measured])
    promised |= not promised.any()
    thresholds = thresholds_of(best.first[promised], best.right[promised], best.weights[promised])
    return {
        "fitted_on": fitted_on,
        "judges": judges,
        "answer_at": {f"{precision:.2f}": round(at, 4) for precision, at in thresholds.items()},
        "suggest_at": SUGGEST_AT,
    }


@dataclass(frozen=True)
class HeldOut:
    """What every question gets from a judge that learnt from the other folds: columns of the same length."""

    first: np.ndarray
    """The probability that the likeliest candidate is right."""
    scope: np.ndarray
    """The probability that anything is."""
    right: np.ndarray
    """Whether the likeliest was."""
    weights: np.ndarray


def fit(found: Sequence[Example], names: Sequence[str] = NAMES) -> tuple[dict[str, Any], HeldOut]:
    """A judge's parameters, and what judges of the same kind say of the folds that they did not learn from."""
    asked = [example for example in found if example.measured]
    names = [name for name in names if all(name in one for example in asked for one in example.measured)]
    groups = np.array([example.group for example in asked])
    first, scope, right = np.zeros(len(asked)), np.zeros(len(asked)), np.zeros(len(asked), dtype=bool)
    for fold in np.unique(groups):
        judge = Judge.of(judge_of([example for example in asked if example.group != fold], names))
        for number in np.flatnonzero(groups == fold):
            verdict = judge.verdict(asked[number].measured)
            first[number], scope[number] = verdict.probabilities[0], verdict.in_scope
            right[number] = asked[number].right[verdict.order[0]]
    return judge_of(asked, names), HeldOut(first, scope, right, weights_of(asked))


def judge_of(asked: Sequence[Example], names: Sequence[str]) -> dict[str, Any]:
    """The parameters of the three regressions. The later two learn from what the first one says of folds that it did
    not learn from, for of those it knows by heart it says too much."""
    rows = [(number, place) for number, example in enumerate(asked) for place in range(len(example.measured))]
    of_row = np.array([number for number, _ in rows])
    weights = weights_of(asked)
    candidates = Table(
        names,
        np.array([[asked[number].measured[place][name] for name in names] for number, place in rows]),
        np.array([asked[number].right[place] for number, place in rows]),
        np.where([place < LEARNT_PLACES for _, place in rows], weights[of_row], 0.0),
    )
    folds = np.array([example.group for example in asked])[of_row]
    alone = np.zeros(len(rows))
    for fold in np.unique(folds):
        alone[folds == fold] = candidates.learnt(folds != fold).predict_proba(candidates.columns[folds == fold])[:, 1]
    exact = np.array([asked[number].measured[place]["exact"] for number, place in rows])
    alone = np.where(exact > 0, SURE * exact, alone)
    ends = np.cumsum([len(example.measured) for example in asked])
    together, right = [], []
    for example, own in zip(asked, np.split(alone, ends[:-1]), strict=True):
        best = int(own.argmax())
        known = [{name: one[name] for name in (*names, "exact")} for one in example.measured]
        together.append({**known[best], **overall(known, own.tolist())})
        right.append(example.right[best])
    second = [*names, *(name for name in OVERALL if name in together[0])]
    columns = np.array([[one[name] for name in second] for one in together])
    inside = np.array([example.kind == "in" for example in asked])
    strength = SECOND_STEP / len(asked)
    return {
        "each": candidates.parameters(),
        "first": Table(second, columns, np.array(right), weights, strength).parameters(),
        "scope": Table(second, columns, inside, weights, strength).parameters(),
    }


@dataclass(frozen=True)
class Table:
    """What a regression learns from: a row of measures each, whether it was right, and its weight."""

    names: Sequence[str]
    columns: np.ndarray
    right: np.ndarray
    weights: np.ndarray
    strength: float = 1.0

    def learnt(self, rows: np.ndarray | None = None) -> Pipeline:
        """Of these rows, or of all."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from threadpoolctl import threadpool_limits

        rows = self.weights > 0 if rows is None else rows & (self.weights > 0)
        weights = self.weights[rows]
        model = make_pipeline(StandardScaler(), LogisticRegression(C=self.strength, max_iter=2000))
        with threadpool_limits(1):  # matrices as small as these take many times as long on several threads
            return model.fit(
                self.columns[rows],
                self.right[rows],
                standardscaler__sample_weight=weights,
                logisticregression__sample_weight=weights,
            )

    def parameters(self) -> dict[str, Any]:
        scaler, model = self.learnt()
        return {
            "names": list(self.names),
            "mean": [round(float(value), 5) for value in scaler.mean_],
            "scale": [round(float(value), 5) for value in scaler.scale_],
            "weights": [round(float(value), 5) for value in model.coef_[0]],
            "intercept": round(float(model.intercept_[0]), 5),
        }


def thresholds_of(probability: np.ndarray, right: np.ndarray, weights: np.ndarray) -> dict[float, float]:
    """For every precision the lowest probability from which on answers were right at least that often."""
    order = np.argsort(-probability, kind="stable")
    gathered = np.cumsum(weights[order])
    precision = np.cumsum(weights[order] * right[order]) / gathered
    found = {}
    for wanted in PRECISIONS:
        enough = np.flatnonzero(precision >= wanted)
        if len(enough):
            found[wanted] = float(probability[order][enough[-1]])
    return found


def save(parameters: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(parameters, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
