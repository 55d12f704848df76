"""Measures the whole pipeline on a file of labelled questions, with the shipped confidence and nothing fitted."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base import text as texts
from knowledge_base.calibration import Asked
from knowledge_base.category_thresholds import Seen
from knowledge_base.confidence import Confidence
from knowledge_base.embedder import open_embedder
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Served
from knowledge_base.outsiders import Outsiders
from knowledge_base.progress import Telling, counting, silent
from knowledge_base.search import Decision, Found, Policy, Search
from knowledge_base.settings import Settings
from knowledge_base.snapshot import build

#: The traffic that coverage is told for. Near and mid share theirs where a file has both.
TRAFFIC = {"in": 0.8, "near": 0.1, "mid": 0.1, "far": 0.1}
DEPTH = 10
ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)  # entries of an index file have no validity dates


@dataclass(frozen=True)
class Outcome:
    asked: Asked
    found: Found
    milliseconds: float

    @property
    def places(self) -> list[int]:
        """Where the right entries stand, from 1."""
        return [n for n, result in enumerate(self.found.results, 1) if result.candidate.entry.id in self.asked.ids]

    @property
    def is_right(self) -> bool:
        return 1 in self.places

    @property
    def is_offered(self) -> bool:
        """Whether the right entry is among those that the customer may choose from."""
        return any(result.candidate.entry.id in self.asked.ids for result in self.found.offered)


@dataclass(frozen=True)
class Judged:
    """All outcomes as columns: what was promised of each first entry, whether it was right, its share of traffic."""

    probability: NDArray[np.float64]
    right: NDArray[np.bool_]
    weights: NDArray[np.float64]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Judged:
        return cls(
            np.array([outcome.found.probability for outcome in outcomes], dtype=float),
            np.array([outcome.is_right for outcome in outcomes], dtype=bool),
            weights_of([outcome.asked.kind for outcome in outcomes]),
        )


def production(settings: Settings, cache: Path, outsiders: Outsiders | None = None) -> tuple[Search, CachedEmbedder]:
    """The search as it is served: the configured model, the shipped confidence, the wanted precision."""
    texts.use_dictionary(settings.dictionary)
    model = open_embedder(settings.embedding_model, settings.default_model, settings.embedding_prefix)
    embedder = CachedEmbedder(model, cache)
    confidence = Confidence.load()
    policy = Policy(confidence.threshold(settings.target_precision), confidence.suggest_at)
    return Search(embedder, confidence, policy, outsiders or Outsiders.shipped(model)), embedder


def ask_all(
    search: Search,
    embedder: CachedEmbedder,
    entries: Sequence[Served],
    asked: Sequence[Asked],
    telling: Telling = silent,
    title: str = "提问",
) -> tuple[list[Outcome], float]:
    """Every question through the production search, one after the other; and the seconds the index took."""
    started = time.perf_counter()
    snapshot = build(
        "evaluation", 0, entries, embedder, progress=counting("建立索引") if telling is not silent else None
    )
    index_seconds = time.perf_counter() - started
    outcomes = []
    for one in telling(asked, title):
        begun = time.perf_counter()
        found = search.find(snapshot, one.text, ANY_TIME, DEPTH)
        outcomes.append(Outcome(one, found, 1000 * (time.perf_counter() - begun)))
    return outcomes, index_seconds


def seen_by_category(outcomes: Sequence[Outcome]) -> list[Seen]:
    """What single categories can learn their thresholds from: the first entry of every question that found one."""
    judged = Judged.of(outcomes)
    return [
        Seen(outcome.found.results[0].candidate.entry.content.category, *columns)
        for outcome, *columns in zip(
            outcomes, judged.probability.tolist(), judged.right.tolist(), judged.weights.tolist(), strict=True
        )
        if outcome.found.results
    ]


def weights_of(kinds: Sequence[str]) -> NDArray[np.float64]:
    """A weight a question, so that the kinds make up the traffic; a kind that a file lacks leaves its share."""
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    shares = {
        kind: TRAFFIC[kind] / (2 if {"near", "mid"} <= set(counts) and kind in ("near", "mid") else 1)
        for kind in counts
    }
    total = sum(shares.values())
    return np.array([shares[kind] / total / counts[kind] for kind in kinds])


def curve(judged: Judged) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage and risk when the surest so many are answered.

    Equal probabilities are answered together or not at all: no threshold could tell them apart, and the order of the
    file must not.
    """
    if not len(judged.probability):
        return np.empty(0), np.empty(0)
    order = np.argsort(-judged.probability, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(judged.probability[order])), len(order) - 1)
    coverage = np.cumsum(judged.weights[order])[ends]
    return coverage, np.cumsum((judged.weights * ~judged.right)[order])[ends] / coverage


def coverage_at(precision: float, judged: Judged) -> float:
    """The largest share of the traffic that can be answered, surest first, while so many answers are right."""
    coverage, risk = curve(judged)
    enough = np.flatnonzero(1 - risk >= precision - 1e-12)
    return float(coverage[enough[-1]]) if len(enough) else 0.0


def auroc(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> float | None:
    """How often a question that has an answer gets the higher value than one that has none."""
    if not len(inside) or not len(outside):
        return None
    ordered = np.sort(outside)
    below = np.searchsorted(ordered, inside, side="left")
    not_above = np.searchsorted(ordered, inside, side="right")
    return float((below + not_above).mean() / 2 / len(outside))


def table(outcomes: Sequence[Outcome], index_seconds: float, model: str) -> dict[str, Any]:
    inside = [outcome for outcome in outcomes if outcome.asked.kind == "in"]
    judged = Judged.of(outcomes)
    right, weights = judged.right, judged.weights
    in_scope = np.array([outcome.found.in_scope for outcome in outcomes], dtype=float)
    kinds = np.array([outcome.asked.kind for outcome in outcomes], dtype=str)
    decided = np.array([outcome.found.decision.value for outcome in outcomes], dtype=str)

    def within(depth: int) -> Any:
        return _rounded(np.mean([any(place <= depth for place in one.places) for one in inside])) if inside else None

    def share(decision: Decision) -> Any:
        return _rounded(weights[decided == decision.value].sum())

    answered = decided == Decision.ANSWER.value
    precision = (weights * right)[answered].sum() / weights[answered].sum() if answered.any() else None
    hit = [outcome.is_offered for outcome in inside if outcome.found.decision is Decision.DID_YOU_MEAN]
    times = np.array([outcome.milliseconds for outcome in outcomes])
    return {
        "n": len(outcomes),
        "r1": within(1),
        "r3": within(3),
        "r5": within(5),
        "mrr10": _rounded(np.mean([1 / min(one.places) if one.places else 0 for one in inside])) if inside else None,
        **{
            f"auroc_{kind}": _rounded(auroc(in_scope[kinds == "in"], in_scope[kinds == kind]))
            for kind in ("near", "mid", "far")
        },
        "coverage_p90": _rounded(coverage_at(0.90, judged)),
        "coverage_p95": _rounded(coverage_at(0.95, judged)),
        "answered": share(Decision.ANSWER),
        "answered_precision": _rounded(precision),
        "suggested": share(Decision.DID_YOU_MEAN),
        "suggested_hit": _rounded(np.mean(hit)) if hit else None,
        "asked_back": share(Decision.ASK_BACK),
        "handed_over": share(Decision.HAND_OVER),
        "p50_ms": _rounded(np.percentile(times, 50), 2) if outcomes else None,
        "p95_ms": _rounded(np.percentile(times, 95), 2) if outcomes else None,
        "index_seconds": _rounded(index_seconds, 2),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "model": model,
    }


def _rounded(value: Any, digits: int = 4) -> Any:
    return None if value is None else round(float(value), digits)


def holes(
    search: Search,
    embedder: CachedEmbedder,
    entries: Sequence[Served],
    asked: Sequence[Asked],
    folds: int,
    telling: Telling = silent,
) -> dict[str, float | None]:
    """Leaves out each fold of the entries in turn: questions whose every answer is gone must look less likely
    to have one."""
    ids = sorted(entry.id for entry in entries)
    fold = {entry_id: number % folds for number, entry_id in enumerate(ids)}
    there: list[float] = []
    gone: list[float] = []
    for hole in range(folds):
        kept = [entry for entry in entries if fold[entry.id] != hole]
        inside = [one for one in asked if one.kind == "in"]
        outcomes, _ = ask_all(search, embedder, kept, inside, telling, f"空缺 {hole + 1}/{folds}")
        for outcome in outcomes:
            lost = all(fold.get(entry_id, hole) == hole for entry_id in outcome.asked.ids)
            (gone if lost else there).append(outcome.found.in_scope)
    return {"auroc_holes": _rounded(auroc(np.array(there), np.array(gone)))}
