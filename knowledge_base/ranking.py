"""Which entries come into question, and in what order: the best phrasing of each, by meaning and by letters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knowledge_base.embedder import Vectors
from knowledge_base.faq import Served
from knowledge_base.lexical import bag_of
from knowledge_base.snapshot import Snapshot

DENSE_WEIGHT, LEXICAL_WEIGHT = 0.7, 0.3
"""Measured on shop questions: sums of the two maxima rank best; ranks instead of sums ruin the confidence."""
NEAREST_ROWS = 200
MOST_ENTRIES = 40
AGREEING_ROWS = 10


@dataclass(frozen=True)
class Candidate:
    """An entry with everything that was measured of it against the question."""

    entry: Served
    score: float
    dense: float
    dense_mean: float
    lexical: float
    agreement: float
    phrasings: int
    matched: str
    is_exact: bool


def rank(snapshot: Snapshot, question: str, vector: Vectors) -> list[Candidate]:
    """Candidates, best first; empty for an empty FAQ. `question` is normalised."""
    if not snapshot.phrasings:
        return []
    rows, _ = snapshot.vectors.nearest(vector, NEAREST_ROWS)
    lexical = snapshot.lexical.scores(bag_of(question))
    numbers = _entries_in_question(snapshot, rows, lexical)
    agreeing = np.bincount(snapshot.owners[rows[:AGREEING_ROWS]], minlength=len(snapshot.entries))
    spans = [(int(snapshot.starts[number]), int(snapshot.starts[number + 1])) for number in numbers]
    own_rows = np.concatenate([np.arange(start, end) for start, end in spans])
    dense_all = snapshot.vectors.vectors_of(own_rows) @ vector
    candidates, at = [], 0
    for number, (start, end) in zip(numbers, spans, strict=True):
        dense = dense_all[at : at + end - start]
        at += end - start
        letters = lexical[start:end]
        together = DENSE_WEIGHT * dense + LEXICAL_WEIGHT * letters
        matched = snapshot.phrasings[start + int(together.argmax())]
        best_dense, best_letters = float(dense.max()), float(letters.max())
        candidates.append(
            Candidate(
                entry=snapshot.entries[number],
                score=DENSE_WEIGHT * best_dense + LEXICAL_WEIGHT * best_letters,
                dense=best_dense,
                dense_mean=float(np.sort(dense)[-3:].mean()),
                lexical=best_letters,
                agreement=float(agreeing[number]) / min(AGREEING_ROWS, len(rows), end - start),
                phrasings=end - start,
                matched=matched,
                is_exact=matched == question,
            )
        )
    return sorted(candidates, key=lambda one: (-one.is_exact, -one.score, one.entry.id))


def _entries_in_question(snapshot: Snapshot, rows: np.ndarray, lexical: np.ndarray) -> list[int]:
    """Numbers of the entries that own the nearest rows, by meaning and by letters, `MOST_ENTRIES` at most."""
    count = min(NEAREST_ROWS, len(lexical))
    by_letters = np.argpartition(lexical, -count)[-count:] if count else rows
    by_letters = by_letters[lexical[by_letters] > 0]
    near = snapshot.owners[rows]
    _, first = np.unique(near, return_index=True)
    by_meaning = near[np.sort(first)]
    letters_first = snapshot.owners[by_letters[np.argsort(-lexical[by_letters], kind="stable")]]
    _, first = np.unique(letters_first, return_index=True)
    by_letters_in_order = letters_first[np.sort(first)]
    half = MOST_ENTRIES // 2
    chosen = dict.fromkeys([*by_meaning[:half].tolist(), *by_letters_in_order[:half].tolist()])
    chosen.update(dict.fromkeys(by_meaning.tolist()))
    return list(chosen)[:MOST_ENTRIES]
