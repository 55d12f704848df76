"""Fits the confidence: holds phrasings and entries of an FAQ back, asks them, and learns when an entry was right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base import text as texts
from knowledge_base.confidence import Measures
from knowledge_base.embedder import Vectors
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Served
from knowledge_base.lexical import bag_of
from knowledge_base.ranking import rank_as_meant
from knowledge_base.snapshot import Snapshot, build

WORDWISE = (
    "words_met", "words_met_best", "words_met_mean", "words_worst", "words_lacking", "words_back_best",
    "words_back_mean", "words_margin",
)  # fmt: skip
NAMES = (
    "score", "margin", "dense", "dense_margin", "centroid", "centroid_margin", "answer", "lexical", "document",
    "document_margin", "dense_mean", "agreement", "length", "topic_words", "phrasings", "known", "has_answer",
    "own_nearest", "own_middle", "dense_place", "lexical_place", "document_place",
    "rival_likeness", "side", "least_side", "uncovered", "uncovered_share", "uncovered_letters", "fully_covered",
    *WORDWISE,
)  # fmt: skip
FOLDS = 5
SHARES = {"in": 0.8, "near": 0.1, "mid": 0.05, "far": 0.05}
"""The traffic that the probability is calibrated for: so much is in the FAQ, near it, and far from it."""
PRECISIONS = (0.80, 0.85, 0.90, 0.93, 0.95, 0.97, 0.98)
LEARNT_PLACES = 3


@dataclass(frozen=True)
class Asked:
    """A labelled question: the ids that answer it; none for one that must not be answered."""

    kind: str
    ids: frozenset[str]
    text: str


@dataclass(frozen=True)
class Example:
    """One candidate of one asked question: what was measured, and whether it was right."""

    kind: str
    regime: str
    group: int
    place: int
    measured: Mapping[str, float]
    is_right: bool


def fold_of(text: str) -> int:
    """A fold that depends on the text alone, so that it is the same everywhere."""
    return hashlib.sha256(text.encode()).digest()[0] % FOLDS


def with_phrasings(entry: Served, similar: Iterable[str]) -> Served:
    return replace(entry, content=replace(entry.content, similar=tuple(similar)))


def without_answer(entry: Served) -> Served:
    """The questions alone, as in a list of questions that somebody wants evaluated."""
    return replace(entry, content=replace(entry.content, answer="", keywords=()))


Regime = tuple[str, list[Served], list[Asked]]


def regimes(entries: Sequence[Served], asked: Sequence[Asked]) -> Iterator[Regime]:
    """Smaller FAQs made from this one, each asked questions that were written without its phrasings in sight.

    Not its own similar questions: the model has learnt those, so it would look surer than it is of a stranger's words.
    With answers and without, with one, five and all phrasings, without a fifth of the entries or of the categories.
    """
    bare = [without_answer(entry) for entry in entries]
    yield "whole FAQ", list(entries), list(asked)
    yield "bare FAQ", bare, list(asked)
    for name, count in (("one phrasing", 0), ("five phrasings", 4)):
        yield name, [with_phrasings(entry, entry.content.similar[:count]) for entry in bare], list(asked)
    for fold in range(FOLDS):
        entry_hole = {entry.id for entry in entries if fold_of(entry.id) == fold}
        yield f"entries {fold} gone", *_without(bare, asked, entry_hole)
        category_hole = {entry.id for entry in entries if fold_of(entry.content.category) == fold}
        yield f"categories {fold} gone", *_without(entries, asked, category_hole)


def _without(entries: Sequence[Served], asked: Sequence[Asked], gone: set[str]) -> tuple[list[Served], list[Asked]]:
    """The FAQ with a hole; questions whose every answer fell into it must not be answered."""
    left = [
        replace(one, kind="in" if one.ids - gone else "near", ids=one.ids - gone) if one.ids else one for one in asked
    ]
    return [entry for entry in entries if entry.id not in gone], left


class _Remembered:
    """Vectors of texts; those known before are looked up together."""

    def __init__(self, embedder: CachedEmbedder, known: Sequence[str]) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Vectors] = dict(zip(known, embedder.embed(known), strict=True))

    def of(self, text: str) -> Vectors:
        if text not in self._vectors:
            self._vectors[text] = self._embedder.embed([text])[0]
        return self._vectors[text]


def examples(regime: str, snapshot: Snapshot, asked: Sequence[Asked], embedder: CachedEmbedder) -> list[Example]:
    """The first candidates of every question with their features. `group` keeps a topic's rows in one fold."""
    vectors = _Remembered(embedder, [texts.normalised(one.text) for one in asked])
    found = []
    for one in asked:
        question, ranked = rank_as_meant(snapshot, texts.normalised(one.text), vectors.of)
        known_share = snapshot.lexical.known_share(bag_of(question))
        measures = Measures(ranked, question, known_share, snapshot.words_beside(embedder.question_words))
        group = fold_of(_topic_of(one, snapshot))
        for place in range(min(LEARNT_PLACES, len(ranked))):
            measured = measures.of(place)
            found.append(Example(one.kind, regime, group, place, measured, ranked[place].entry.id in one.ids))
    return found


def _topic_of(one: Asked, snapshot: Snapshot) -> str:
    """The category of the first right entry, so that what is held out is another topic, not another sentence."""
    return snapshot.by_id[min(one.ids)].content.category or min(one.ids) if one.ids else one.text


def gather(shops: Iterable[Regime], embedder: CachedEmbedder, say: Callable[[str], None]) -> list[Example]:
    gathered: list[Example] = []
    for name, kept, asked in shops:
        snapshot = build("calibration", 0, kept, embedder)
        gathered += examples(name, snapshot, asked, embedder)
        say(f"{name}: {len(asked)} questions against {len(kept)} entries")
    return gathered


def weights_of(found: Sequence[Example]) -> np.ndarray:
    """Weights that give every regime the same say, and within it the traffic's shares."""
    keys = [(one.regime, one.kind) for one in found]
    totals: dict[tuple[str, str], int] = {}
    for key in keys:
        totals[key] = totals.get(key, 0) + 1
    return np.array([SHARES[kind] / totals[regime, kind] for regime, kind in keys]) * len(found)


def fitted(found: Sequence[Example], fitted_on: str) -> dict[str, Any]:
    """The parameters to ship: with the words compared and, for where they are not, without."""
    without = [name for name in NAMES if name not in WORDWISE]
    parameters, _ = fit(found, fitted_on, [name for name in NAMES if all(name in one.measured for one in found)])
    return parameters | {"without_words": fit(found, fitted_on, without)[0]}


def fit(found: Sequence[Example], fitted_on: str, names: Sequence[str] = NAMES) -> tuple[dict[str, Any], np.ndarray]:
    """The parameters, and for every example the probability it gets when its own fold was held out."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    table = np.array([[one.measured[name] for name in names] for one in found])
    right = np.array([one.is_right for one in found])
    groups = np.array([one.group for one in found])
    weights = weights_of(found)
    held_out = np.zeros(len(found))

    def model_of(rows: np.ndarray) -> tuple[StandardScaler, LogisticRegression]:
        scaler = StandardScaler().fit(table[rows], sample_weight=weights[rows])
        model = LogisticRegression(C=1.0, max_iter=2000)
        model.fit(scaler.transform(table[rows]), right[rows], sample_weight=weights[rows])
        return scaler, model

    for fold in range(FOLDS):
        scaler, model = model_of(groups != fold)
        held_out[groups == fold] = model.predict_proba(scaler.transform(table[groups == fold]))[:, 1]
    scaler, model = model_of(np.ones(len(found), dtype=bool))
    first = np.array([one.place == 0 for one in found])
    thresholds = thresholds_of(held_out[first], right[first], weights[first])
    parameters = {
        "fitted_on": fitted_on,
        "names": list(names),
        "mean": [round(float(value), 5) for value in scaler.mean_],
        "scale": [round(float(value), 5) for value in scaler.scale_],
        "weights": [round(float(value), 5) for value in model.coef_[0]],
        "intercept": round(float(model.intercept_[0]), 5),
        "answer_at": {f"{precision:.2f}": round(at, 4) for precision, at in thresholds.items()},
        "suggest_at": 0.15,
    }
    return parameters, held_out


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
