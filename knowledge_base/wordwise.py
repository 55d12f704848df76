"""How well a question and a phrasing meet word by word: late interaction over the token vectors of one forward pass.

A sentence's vector blurs the one word that two siblings differ by. Here every word of the question looks for the
nearest word of the phrasing, and the other way round, in a space that was learnt for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

SHIPPED = Path(__file__).with_name("wordwise.safetensors")
"""`python -m knowledge_base.finetuning.words` writes it; it belongs to one model."""
PROBE = "退货的运费由谁承担"
"""Its vector tells one model from another: exported on another machine it is the same to a hundredth (cosine), of the
model before fine-tuning it is another one altogether."""
SAME_MODEL = 0.97
MOST_WORDS = 48
"""Pieces of a text that are compared; a question has about ten."""
COMPARED = 5
"""Candidates that are compared word by word, each by its three nearest phrasings (by one alone half of what it brings
is lost); those after them count as the worst of these."""
LONE = 0.3
"""How far an only candidate is ahead."""


@dataclass(frozen=True)
class Words:
    """One row of length 1 for every piece of a text that says something, and how much each weighs."""

    vectors: NDArray[np.float16]
    weights: NDArray[np.float32]

    def as_bytes(self) -> bytes:
        return np.int32(len(self.weights)).tobytes() + self.weights.tobytes() + self.vectors.tobytes()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Words:
        """Raises ValueError for anything that `as_bytes` did not write."""
        count = int(np.frombuffer(stored, dtype=np.int32, count=1)[0])
        weights = np.frombuffer(stored, dtype=np.float32, count=count, offset=4)
        vectors = np.frombuffer(stored, dtype=np.float16, offset=4 + 4 * count)
        return cls(vectors.reshape(count, -1) if count else vectors.reshape(0, 1), weights)


WordsOf = Callable[[str], Words | None]


class WordSpace:
    """The learnt projection of token vectors, and the weight of each piece of the vocabulary."""

    def __init__(
        self,
        projection: NDArray[np.float32],
        shift: NDArray[np.float32],
        weights: NDArray[np.float32],
        probe: NDArray[np.float32],
    ) -> None:
        self._projection, self._shift, self._weights, self._probe = projection, shift, weights, probe
        parts = b"".join(part.tobytes() for part in (projection, shift, weights))
        self.digest = hashlib.blake2b(parts, digest_size=8).hexdigest()

    @classmethod
    def load(cls, path: Path = SHIPPED) -> WordSpace:
        with safe_open(str(path), framework="numpy") as file:
            parts = (file.get_tensor(name).astype(np.float32) for name in ("projection", "shift", "weights", "probe"))
            return cls(*parts)

    def belongs_to(self, pieces: int, probe: NDArray[np.float32]) -> bool:
        """Whether the model with so many pieces and this vector of PROBE is the one it was learnt for."""
        known = len(self._weights) == pieces and self._probe.shape == probe.shape
        return known and float(self._probe @ probe) >= SAME_MODEL

    def words_of(self, ids: NDArray[np.int64], hidden: NDArray[np.float32]) -> Words:
        """Of the pieces of a text, without the prefix and the marks around it, and of the model's vector for each."""
        weights = self._weights[ids]
        kept = np.flatnonzero(weights)[:MOST_WORDS]
        vectors = hidden[kept] @ self._projection.T + self._shift
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        return Words(vectors.astype(np.float16), weights[kept])


def measured(words_of: WordsOf, question: str, nearest: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Of every candidate, given the phrasings of each; empty where there is nothing to compare."""
    asked = words_of(question) if nearest else None
    stored = [[words_of(phrasing) for phrasing in own] for own in nearest[:COMPARED]] if asked else []
    known = [[words for words in own if words is not None and len(words.weights)] for own in stored]
    if asked is None or not len(asked.weights) or not known or not all(known):
        return [{} for _ in nearest]
    found = _compared(asked, known)
    least = {name: (max if name == "words_lacking" else min)(one[name] for one in found) for name in found[0]}
    found += [least] * (len(nearest) - len(found))
    met = [one["words_met"] for one in found]
    return [{**one, "words_margin": ahead_by(met, one["words_met"])} for one in found]


def _compared(asked: Words, candidates: Sequence[Sequence[Words]]) -> list[dict[str, float]]:
    """All of them in one product, for a product of its own for every phrasing takes ten times as long."""
    flat = [words for own in candidates for words in own]
    lengths = [len(words.weights) for words in flat]
    begins = np.cumsum([0, *lengths[:-1]])
    firsts = np.cumsum([0, *(len(own) for own in candidates[:-1])])
    vectors = np.concatenate([words.vectors for words in flat]).astype(np.float32)
    weights = np.concatenate([words.weights for words in flat])
    likeness = asked.vectors.astype(np.float32) @ vectors.T
    by_phrasing = np.maximum.reduceat(likeness, begins, axis=1)
    by_candidate = np.maximum.reduceat(by_phrasing, firsts, axis=1)
    total = asked.weights.sum()
    there = asked.weights @ by_phrasing / total
    back = np.add.reduceat(likeness.max(axis=0) * weights, begins) / np.add.reduceat(weights, begins)
    counts = np.array([len(own) for own in candidates])
    columns = {
        "words_met": asked.weights @ by_candidate / total,
        "words_met_best": np.maximum.reduceat(there, firsts),
        "words_met_mean": np.add.reduceat(there, firsts) / counts,
        "words_worst": by_candidate.min(axis=0),
        "words_lacking": ((1 - by_candidate) * asked.weights[:, None]).max(axis=0),
        "words_back_best": np.maximum.reduceat(back, firsts),
        "words_back_mean": np.add.reduceat(back, firsts) / counts,
    }
    return [{name: float(column[place]) for name, column in columns.items()} for place in range(len(candidates))]


def ahead_by(values: Sequence[float], value: float) -> float:
    """How far it is before the best other one; negative if behind."""
    if len(values) < 2:
        return LONE
    best, second, *_ = sorted(values, reverse=True)
    return value - (second if value >= best else best)
