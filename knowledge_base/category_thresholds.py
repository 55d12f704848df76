"""Thresholds of single categories: learnt from a shop's own labelled questions, where there are enough of them."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from knowledge_base.errors import CannotStart

log = structlog.get_logger()

FEWEST = 40
"""Answers a threshold is judged by at least; with fewer, one wrong answer moves it by more than it tells."""
DOUBT = 1.28
"""Nine in ten: so sure must the data be that a threshold holds its precision before it is believed."""
NEVER = 1.0
"""Above any probability: entries of the category are offered and not answered."""


@dataclass(frozen=True)
class Seen:
    """A labelled question: the category of the entry that came first, how sure that was, whether it was right."""

    category: str
    probability: float
    is_right: bool
    weight: float


def bounds(precision: float, questions: float) -> tuple[float, float]:
    """Wilson's interval: what the true share may be when so many questions gave this one."""
    spread = DOUBT**2 / questions
    middle = (precision + spread / 2) / (1 + spread)
    half = math.sqrt(spread * precision * (1 - precision) + spread**2 / 4) / (1 + spread)
    return middle - half, middle + half


def thresholds(seen: Sequence[Seen], target: float, overall: float) -> dict[str, float]:
    """The categories whose data say something else than `overall`, each with its own threshold.

    Lower where even the doubtful end of the interval keeps the target; higher where not even the hopeful end does.
    """
    found = {}
    for category in sorted({one.category for one in seen}):
        own = sorted((one for one in seen if one.category == category), key=lambda one: -one.probability)
        at = _threshold(own, target, overall)
        if at is not None:
            found[category] = round(at, 4)
    return found


def _threshold(own: Sequence[Seen], target: float, overall: float) -> float | None:
    probability = np.array([one.probability for one in own])
    weight = np.array([one.weight for one in own])
    right = np.array([one.is_right for one in own])
    total = np.cumsum(weight)
    precision = np.cumsum(weight * right) / total
    counted = total**2 / np.cumsum(weight**2)  # so many questions of equal weight would say as much
    ends = np.append(np.flatnonzero(np.diff(probability)), len(own) - 1)
    judged = [(int(end), *bounds(float(precision[end]), float(counted[end]))) for end in ends if counted[end] >= FEWEST]
    keeping = [end for end, low, _ in judged if low >= target]
    answered = [(end, high) for end, _, high in judged if probability[end] >= overall]
    if keeping and probability[keeping[-1]] < overall:
        return float(probability[keeping[-1]])
    if answered and answered[-1][1] < target:
        return float(probability[keeping[-1]]) if keeping else NEVER
    return None


def save(found: Mapping[str, float], target: float, overall: float, fingerprint: str, path: Path) -> None:
    """Written beside and renamed, so that a starting process never reads half of it."""
    plain = {"target": target, "overall": overall, "fingerprint": fingerprint, "answer_at": dict(found)}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(beside, path)


def load(path: Path, target: float, overall: float, fingerprint: str) -> dict[str, float]:
    """None of them when the file is absent or was learnt for another target, confidence or model: then they say
    nothing. `CannotStart` when it is damaged: a threshold that silently vanished would change what is answered."""
    if not path.exists():
        return {}
    try:
        plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        learnt_for = plain["target"], plain["overall"], plain["fingerprint"]
        found = {str(category): float(at) for category, at in plain["answer_at"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotStart(f"{path} 读不出来（{error!r}）：请删除它或重新运行 jieli kb thresholds") from error
    if learnt_for != (target, overall, fingerprint):
        log.warning("category_thresholds_ignored", reason="learnt for another target, confidence or model")
        return {}
    return found
