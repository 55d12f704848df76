"""Measures the whole pipeline on a file of labelled questions, with the shipped confidence and nothing fitted."""

from __future__ import annotations

import hashlib
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import Asked
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.errors import CannotStart
from knowledge_base.faq import Content, Served
from knowledge_base.search import Decision, Found, Search
from knowledge_base.snapshot import build

KINDS = {"in": "in", "oos_near": "near", "oos_mid": "mid", "oos_far": "far"}
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


def read_index(path: Path) -> list[Served]:
    """`id<TAB>question` a line; an id may repeat for more phrasings."""
    phrasings: dict[str, list[str]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        entry_id, tab, question = line.partition("\t")
        if not tab or not question.strip():
            raise CannotStart(f"{path} 第 {number} 行不是「id<TAB>问题」")
        phrasings.setdefault(entry_id.strip(), []).append(question)
    return [Served(entry_id, Content(own[0], "", "", similar=tuple(own[1:])), 1) for entry_id, own in phrasings.items()]


def is_development(ids: str, text: str) -> bool:
    """The half that may be fitted to (training_data/evaluation/README.md): all questions of an entry fall together."""
    key = text if ids.strip() == "-1" else ids.split(",")[0].strip()
    return hashlib.sha256(key.encode()).digest()[0] % 2 == 0


def read_queries(path: Path, development_only: bool = False) -> list[Asked]:
    """`kind<TAB>ids<TAB>text` a line, ids comma-separated or -1."""
    asked = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        parts = line.split("\t", 2)
        if len(parts) != 3 or parts[0] not in KINDS:
            raise CannotStart(f"{path} 第 {number} 行不是「{'|'.join(KINDS)}<TAB>ids<TAB>问题」")
        if development_only and not is_development(parts[1], parts[2]):
            continue
        ids = frozenset(one.strip() for one in parts[1].split(",")) - {"-1", ""}
        asked.append(Asked(KINDS[parts[0]], ids, parts[2]))
    return asked


def ask_all(
    search: Search,
    embedder: CachedEmbedder,
    entries: Sequence[Served],
    asked: Sequence[Asked],
) -> tuple[list[Outcome], float]:
    """Every question through the production search, one after the other; and the seconds the index took."""
    started = time.perf_counter()
    snapshot = build("evaluation", 0, entries, embedder)
    index_seconds = time.perf_counter() - started
    outcomes = []
    for one in asked:
        begun = time.perf_counter()
        found = search.find(snapshot, one.text, ANY_TIME, DEPTH)
        outcomes.append(Outcome(one, found, 1000 * (time.perf_counter() - begun)))
    return outcomes, index_seconds


def weights_of(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """A weight a question, so that the kinds make up the traffic; a kind that a file lacks leaves its share."""
    kinds = [outcome.asked.kind for outcome in outcomes]
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    shares = {
        kind: TRAFFIC[kind] / (2 if {"near", "mid"} <= set(counts) and kind in ("near", "mid") else 1)
        for kind in counts
    }
    total = sum(shares.values())
    return np.array([shares[kind] / total / counts[kind] for kind in kinds])


def coverage_at(
    precision: float,
    probability: NDArray[np.float64],
    right: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> float:
    """The largest share of the traffic that can be answered, surest first, while so many answers are right."""
    order = np.argsort(-probability, kind="stable")
    answered = np.cumsum(weights[order])
    enough = np.flatnonzero(np.cumsum((weights * right)[order]) / answered >= precision - 1e-12)
    return float(answered[enough[-1]]) if len(enough) else 0.0


def auroc(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> float | None:
    """How often a question that has an answer gets the higher probability than one that has none."""
    if not len(inside) or not len(outside):
        return None
    ordered = np.sort(outside)
    below = np.searchsorted(ordered, inside, side="left")
    not_above = np.searchsorted(ordered, inside, side="right")
    return float((below + not_above).mean() / 2 / len(outside))


def table(outcomes: Sequence[Outcome], index_seconds: float, model: str) -> dict[str, Any]:
    inside = [outcome for outcome in outcomes if outcome.asked.kind == "in"]
    probability = np.array([outcome.found.probability for outcome in outcomes], dtype=float)
    right = np.array([outcome.is_right for outcome in outcomes], dtype=bool)
    kinds = np.array([outcome.asked.kind for outcome in outcomes], dtype=str)
    weights = weights_of(outcomes)
    decided = np.array([outcome.found.decision.value for outcome in outcomes], dtype=str)

    def within(depth: int) -> Any:
        return _rounded(np.mean([any(place <= depth for place in one.places) for one in inside])) if inside else None

    def share(decision: Decision) -> Any:
        return _rounded(weights[decided == decision.value].sum())

    answered = decided == Decision.ANSWER.value
    precision = (weights * right)[answered].sum() / weights[answered].sum() if answered.any() else None
    suggested = [outcome for outcome in inside if outcome.found.decision is Decision.DID_YOU_MEAN]
    hit = [any(place <= 3 for place in outcome.places) for outcome in suggested]
    times = np.array([outcome.milliseconds for outcome in outcomes])
    return {
        "n": len(outcomes),
        "r1": within(1),
        "r3": within(3),
        "r5": within(5),
        "mrr10": _rounded(np.mean([1 / min(one.places) if one.places else 0 for one in inside])) if inside else None,
        **{
            f"auroc_{kind}": _rounded(auroc(probability[kinds == "in"], probability[kinds == kind]))
            for kind in ("near", "mid", "far")
        },
        "coverage_p90": _rounded(coverage_at(0.90, probability, right, weights)),
        "coverage_p95": _rounded(coverage_at(0.95, probability, right, weights)),
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
) -> dict[str, float | None]:
    """Leaves out each fold of the entries in turn: questions whose every answer is gone must look less sure."""
    ids = sorted(entry.id for entry in entries)
    fold = {entry_id: number % folds for number, entry_id in enumerate(ids)}
    there: list[float] = []
    gone: list[float] = []
    for hole in range(folds):
        kept = [entry for entry in entries if fold[entry.id] != hole]
        outcomes, _ = ask_all(search, embedder, kept, [one for one in asked if one.kind == "in" and one.ids])
        for outcome in outcomes:
            lost = all(fold.get(entry_id, hole) == hole for entry_id in outcome.asked.ids)
            (gone if lost else there).append(outcome.found.probability)
    return {"auroc_holes": _rounded(auroc(np.array(there), np.array(gone)))}
