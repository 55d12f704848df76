"""One thing that was noticed and may call for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Trigger:
    """`reason` is one of the closed list in docs/api.md section 3; `evidence` is the customer's own words, short."""

    reason: str
    score: float
    evidence: str

    def as_dict(self) -> dict[str, Any]:
        return {"reason": self.reason, "score": round(self.score, 3), "evidence": self.evidence[:80]}
