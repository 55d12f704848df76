"""How sure we are: one calibrated probability that an entry answers the question, from all that was measured."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base import text as texts
from knowledge_base import wordwise
from knowledge_base.ranking import Candidate
from knowledge_base.wordwise import WordsOf

SHIPPED = Path(__file__).with_name("confidence.json")
SURE = 0.99
"""Of an entry that holds the question word for word, alone. Two that both do share what there is."""
#: How near the second entry comes at least in any FAQ of some size. A margin is measured against it where there are few
#: entries or one, or the only entry would be the answer to everything.
USUAL_SECOND = {"score": 0.55, "dense": 0.55, "centroid": 0.55, "document": 0.05}


RIVALS = 12
"""Candidates that a candidate is compared with one by one; those after them are no rivals."""
LEAST_APART = 0.02
"""Two entries nearer than this say the same; without a bound their rounding errors would decide between them."""
USUAL_LIKENESS = 0.5
"""Of two entries of an FAQ, assumed where there is one alone."""
LOWEST_PLACE = 10
CHANNELS = ("dense", "lexical", "document")


class Measures:
    """What is known of each candidate among the others. `known_share`: how much of it the FAQ's words cover."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        question: str,
        known_share: float,
        words_of: WordsOf,
        outside: Sequence[Mapping[str, float]],
    ) -> None:
        """`outside`: `Outsiders.measured` of the first candidates, of which alone `of` may be asked."""
        self._candidates, self._question, self._known_share = candidates, question, known_share
        self._outside = outside
        self._wordwise = wordwise.measured(words_of, question, [one.nearest for one in candidates])
        self._exact = sum(one.is_exact for one in candidates)
        self._best_two: dict[str, tuple[float, float]] = {}
        for name in USUAL_SECOND:
            best, second, *_ = *sorted((float(getattr(one, name)) for one in candidates), reverse=True), 0.0, 0.0
            self._best_two[name] = best, second
        self._ordered = {name: sorted(-float(getattr(one, name)) for one in candidates) for name in CHANNELS}
        words = dict.fromkeys(texts.topic_words(question))
        self._words = {word: texts.rarity(word) for word in words}

    def _ahead_by(self, name: str, value: float) -> float:
        """How far this candidate is before the best other one; negative if behind."""
        best, second = self._best_two[name]
        return value - max(second if value >= best else best, USUAL_SECOND[name])

    def of(self, place: int) -> dict[str, float]:
        one = self._candidates[place]
        own_nearest, own_middle = one.own_scale
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
            "topic_words": math.log1p(len(self._words)),
            "phrasings": math.log1p(min(one.phrasings, 20)),
            "known": self._known_share,
            "has_answer": float(one.has_answer),
            "own_nearest": own_nearest,
            "own_middle": own_middle,
            **{f"{name}_place": self._place_by(name, one) for name in CHANNELS},
            **self._against_rivals(place),
            **self._uncovered(one),
            **self._wordwise[place],
            **self._outside[place],
            "exact": 1 / self._exact if one.is_exact else 0.0,
        }

    def _place_by(self, name: str, one: Candidate) -> float:
        """How many candidates come before it by this measure alone."""
        return math.log1p(min(bisect_left(self._ordered[name], -float(getattr(one, name))), LOWEST_PLACE))

    def _against_rivals(self, place: int) -> dict[str, float]:
        """On which side of the middle between it and each rival the question lies: 1 at its own end, -1 at the other.

        A lead of a hundredth says much between two entries that are nearly the same and nothing between strangers.
        """
        one = self._candidates[place]
        rivals = [other for number, other in enumerate(self._candidates[:RIVALS]) if number != place]
        if not rivals:
            side = (one.centroid - USUAL_SECOND["centroid"]) / (1 - USUAL_LIKENESS)
            return {"rival_likeness": USUAL_LIKENESS, "side": side, "least_side": side}
        likeness = np.stack([rival.middle for rival in rivals]) @ one.middle
        leads = one.centroid - np.array([rival.centroid for rival in rivals])
        sides = leads / np.maximum(LEAST_APART, 1 - likeness)
        return {
            "rival_likeness": float(likeness[0]),
            "side": float(sides[0]),
            "least_side": float(sides.min()),
        }

    def _uncovered(self, one: Candidate) -> dict[str, float]:
        """What of the question's words no phrasing of the entry has: a sibling's question has its word too many."""
        if not self._words:
            return {"uncovered": 0.0, "uncovered_share": 1.0, "uncovered_letters": 1.0, "fully_covered": 0.0}
        wordings = " ".join(one.wordings)
        letters = set(wordings)
        missing = {word: weight for word, weight in self._words.items() if word not in wordings}
        total = sum(self._words.values())
        strange = sum(
            weight * sum(letter not in letters for letter in word) / len(word) for word, weight in missing.items()
        )
        return {
            "uncovered": sum(missing.values()) / 10,
            "uncovered_share": sum(missing.values()) / total,
            "uncovered_letters": strange / total,
            "fully_covered": float(not missing),
        }


OFFERED = 3
"""Entries that a customer may choose from."""
LEAST_DOUBT = 1e-3
OVERALL = ("logit_first", "logit_second", "logit_any", "dense_most", "centroid_most", "outside_lead_most")


def overall(measured: Sequence[Mapping[str, float]], probabilities: Sequence[float]) -> dict[str, float]:
    """Of all candidates together: how sure the best two are, any of those offered, and how near anything comes."""
    best = [*sorted(probabilities, reverse=True), 0.0, 0.0][: max(2, OFFERED)]
    nearest = {name: max(one[name] for one in measured) for name in ("dense", "centroid")}
    found = {
        "logit_first": _logit(best[0]),
        "logit_second": _logit(best[1]),
        "logit_any": _logit(1 - math.prod(1 - one for one in best)),
        **{f"{name}_most": value for name, value in nearest.items()},
    }
    if all("outside_lead" in one for one in measured):
        found["outside_lead_most"] = max(one["outside_lead"] for one in measured)
    return found


def _logit(probability: float) -> float:
    return math.log((probability + LEAST_DOUBT) / (1 - probability + LEAST_DOUBT))


@dataclass(frozen=True)
class Regression:
    """A logistic regression, as fitted by `calibration.py`."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Regression:
        names, mean, scale, weights = (tuple(plain[key]) for key in ("names", "mean", "scale", "weights"))
        return cls(names, mean, scale, weights, plain["intercept"])

    def knows(self, measured: Mapping[str, float]) -> bool:
        return all(name in measured for name in self.names)

    def probability(self, measured: Mapping[str, float]) -> float:
        values = np.array([measured[name] for name in self.names])
        logit = float(((values - self.mean) / self.scale) @ np.array(self.weights) + self.intercept)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


@dataclass(frozen=True)
class Verdict:
    """`order`: places of the candidates, likeliest first, each with its probability; `in_scope`: that any is right."""

    order: tuple[int, ...]
    probabilities: tuple[float, ...]
    in_scope: float


@dataclass(frozen=True)
class Judge:
    """Three questions one after the other: how likely is each candidate by itself, how likely is the best of them right
    given all of them, and is there an answer at all."""

    each: Regression
    first: Regression
    scope: Regression

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Judge:
        return cls(*(Regression.of(plain[name]) for name in ("each", "first", "scope")))

    def verdict(self, measured: Sequence[Mapping[str, float]]) -> Verdict:
        """Of the candidates of one question; there must be one."""
        alone = [SURE * one["exact"] if one["exact"] else self.each.probability(one) for one in measured]
        # What the FAQ has word for word comes first, however likely something nearly the same may look.
        order = sorted(range(len(alone)), key=lambda place: (-measured[place]["exact"], -alone[place]))
        together = {**measured[order[0]], **overall(measured, alone)}
        if together["exact"]:
            return Verdict(tuple(order), tuple(min(alone[order[0]], alone[place]) for place in order), SURE)
        best = self.first.probability(together)
        others = (min(best, alone[place]) for place in order[1:])
        return Verdict(tuple(order), (best, *others), self.scope.probability(together))


NOTHING = Verdict((), (), 0.0)


@dataclass(frozen=True)
class Confidence:
    """The judges, the one that needs most first, and the thresholds for what they say."""

    judges: tuple[Judge, ...]
    answer_at: Mapping[str, float]
    suggest_at: float
    fitted_on: str

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Confidence:
        plain = json.loads(path.read_text(encoding="utf-8"))
        judges = tuple(Judge.of(one) for one in plain["judges"])
        return cls(judges, plain["answer_at"], plain["suggest_at"], plain["fitted_on"])

    def verdict(self, measured: Sequence[Mapping[str, float]]) -> Verdict:
        """Of the candidates of one question. What was not measured (words in a large FAQ, another model) is not asked
        for: then a judge that knows less decides."""
        if not measured:
            return NOTHING
        judge = next((one for one in self.judges if one.each.knows(measured[0])), self.judges[-1])
        return judge.verdict(measured)

    def threshold(self, target_precision: float) -> float:
        """The probability from which answers were right that often on the fitting data; the next stricter one known."""
        enough = [at for precision, at in self.answer_at.items() if float(precision) >= target_precision - 1e-9]
        return min(enough, default=max(self.answer_at.values(), default=1.0))
