"""What people ask elsewhere: a question that lies nearer to one of these than to any entry is none of this FAQ's.

An FAQ knows only itself: 「国际漫游怎么开」 is nearest to how parcels go abroad, and nothing says how far off that is.
Here are thousands of questions to set beside it, of other shops and of the rest of the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from knowledge_base.embedder import Embedder, Vectors
from knowledge_base.ranking import Candidate
from knowledge_base.wordwise import PROBE, SAME_MODEL

SHIPPED = Path(__file__).with_name("outsiders.safetensors")
"""`python -m knowledge_base.finetuning.outsiders` writes it; it belongs to one model."""
NEAREST = 12
"""Outsiders that a question is compared with: those nearest to it."""
LEAST_APART = 0.1
"""An outsider nearer to an entry than this may ask the same in other words; a lead between the two says little."""
OTHER_QUESTION = 0.85
"""Likeness below which an outsider surely asks something else than the entry."""
NO_OTHER = 0.1
"""How far an entry leads where no outsider asks something else."""
SHARPNESS = 20.0
STEPS = 127
"""Of eight bits, by which rows are stored; what is rounded away moves a cosine by less than two thousandths."""


@dataclass(frozen=True)
class Outsiders:
    """One row of length 1 for each question, or for the middle of all ways to put it."""

    vectors: Vectors

    @classmethod
    def shipped(cls, embedder: Embedder, path: Path = SHIPPED) -> Outsiders | None:
        """None for another model than the one they were embedded with."""
        with safe_open(str(path), framework="numpy") as file:
            probe = file.get_tensor("probe").astype(np.float32)
            steps, scales = file.get_tensor("steps"), file.get_tensor("scales").astype(np.float32)
        if probe.shape != (embedder.dimensions,) or float(embedder.embed([PROBE])[0] @ probe) < SAME_MODEL:
            return None
        return cls.of(steps.astype(np.float32) * scales[:, None])

    @classmethod
    def of(cls, vectors: Vectors) -> Outsiders:
        return cls(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))

    def rounded(self) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
        """Rows in eight bits each, and what a step is worth in each row."""
        scales = np.abs(self.vectors).max(axis=1) / STEPS
        return np.rint(self.vectors / scales[:, None]).astype(np.int8), scales.astype(np.float16)

    def measured(self, vector: Vectors, candidates: Sequence[Candidate]) -> list[dict[str, float]]:
        """Of every candidate, how it stands to the outsiders nearest to the question with this `vector`."""
        if not candidates or not len(self.vectors):
            return [{} for _ in candidates]
        near = self.vectors @ vector
        rows = np.argpartition(-near, min(NEAREST, len(near) - 1))[:NEAREST]
        rows = rows[np.argsort(-near[rows], kind="stable")]
        near = near[rows]
        middles = np.stack([one.middle for one in candidates])
        likeness = middles @ self.vectors[rows].T
        leads = np.array([one.centroid for one in candidates])[:, None] - near
        sides = leads / np.maximum(LEAST_APART, 1 - likeness)
        to_others = np.where(likeness < OTHER_QUESTION, leads, NO_OTHER).min(axis=1)
        shares = np.exp(SHARPNESS * (near - near[0]))
        via = likeness @ (shares / shares.sum())
        return [
            {
                "outside": float(near[0]),
                "outside_lead": float(leads[place, 0]),
                "outside_likeness": float(likeness[place, 0]),
                "outside_side": float(sides[place, 0]),
                "outside_least_side": float(sides[place].min()),
                "outside_other_lead": float(to_others[place]),
                "outside_via": float(via[place]),
            }
            for place in range(len(candidates))
        ]
