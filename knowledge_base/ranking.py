"""Which entries come into question, and in what order: one sum over how near the question is to each entry's parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowledge_base import spelling
from knowledge_base.embedder import Vectors
from knowledge_base.faq import Served
from knowledge_base.lexical import bag_of
from knowledge_base.snapshot import Snapshot
from knowledge_base.text import after_purchase

#: Measured on held-back phrasings of the shop FAQ (right entry first): nearest phrasing alone .43, with the middle of
#: all phrasings .54, with the answer and all the entry's words .60. Sums, not ranks: ranks ruin the confidence.
NEAREST, NEAREST_THREE, CENTROID, ANSWER, DOCUMENT, LETTERS = 0.5, 0.5, 1.0, 0.3, 0.25, 0.05
DENSE_TOTAL = NEAREST + NEAREST_THREE + CENTROID + ANSWER
NEAREST_ROWS = 200
MOST_ENTRIES = 48
AGREEING_ROWS = 10
NEAREST_PHRASINGS = 3
"""Phrasings of an entry that are looked at more closely."""
BETTER_BY = 0.02
"""How much nearer a guess at what was meant must come than what was typed, if it is hardly likelier."""
GAIN_COUNTS = 0.005
"""What each step of likelihood takes off that: a guess that is far likelier may even lie a little further off. Without
it one right guess in four was not taken, because the wrong character lay near something by chance."""


@dataclass(frozen=True)
class Candidate:
    """An entry with everything that was measured of it against the question."""

    entry: Served
    score: float
    dense: float
    dense_mean: float
    centroid: float
    answer: float
    lexical: float
    document: float
    agreement: float
    phrasings: int
    matched: str
    nearest: tuple[str, ...]
    is_exact: bool
    has_answer: bool
    middle: Vectors = field(repr=False, compare=False)
    own_scale: tuple[float, float]
    """`Snapshot.own_scale`"""
    wordings: tuple[str, ...] = field(repr=False, compare=False)


def rank(snapshot: Snapshot, question: str, vector: Vectors) -> list[Candidate]:
    """Candidates, best first; empty for an empty FAQ. `question` is normalised."""
    if not snapshot.phrasings:
        return []
    rows, _ = snapshot.vectors.nearest(vector, NEAREST_ROWS)
    asked = bag_of(question)
    letters, documents = snapshot.lexical.scores(asked), snapshot.documents.scores(asked)
    numbers = _entries_in_question(snapshot, rows, letters, documents)
    agreeing = np.bincount(snapshot.owners[rows[:AGREEING_ROWS]], minlength=len(snapshot.entries))
    spans = [(int(snapshot.starts[number]), int(snapshot.starts[number + 1])) for number in numbers]
    all_vectors = snapshot.vectors.vectors_of(np.concatenate([np.arange(*span) for span in spans]))
    dense_all = all_vectors @ vector
    middles = snapshot.centroids[numbers]
    centroids = middles @ vector
    answers = snapshot.answer_vectors[numbers] @ vector
    candidates, at = [], 0
    for place, (number, (start, end)) in enumerate(zip(numbers, spans, strict=True)):
        rows_of_entry = slice(at, at + end - start)
        dense = dense_all[rows_of_entry]
        at += end - start
        best = np.sort(dense)
        nearest, three = float(best[-1]), float(best[-3:].mean())
        centroid, answer = float(centroids[place]), float(answers[place])
        answer = answer or centroid  # an entry without an answer is judged by its questions alone
        meaning = NEAREST * nearest + NEAREST_THREE * three + CENTROID * centroid + ANSWER * answer
        lexical, document = float(letters[start:end].max()), float(documents[number])
        order = np.argsort(-(dense + LETTERS * letters[start:end]), kind="stable")[:NEAREST_PHRASINGS]
        closest = tuple(snapshot.phrasings[start + int(row)] for row in order)
        candidates.append(
            Candidate(
                entry=snapshot.entries[number],
                score=(meaning + LETTERS * lexical + DOCUMENT * document) / DENSE_TOTAL,
                dense=nearest,
                dense_mean=three,
                centroid=centroid,
                answer=answer,
                lexical=lexical,
                document=document,
                agreement=float(agreeing[number]) / min(AGREEING_ROWS, len(rows), end - start),
                phrasings=end - start,
                matched=closest[0],
                nearest=closest,
                is_exact=closest[0] == question,
                has_answer=bool(answers[place]),
                middle=middles[place],
                own_scale=snapshot.own_scale(number, all_vectors[rows_of_entry]),
                wordings=snapshot.phrasings[start:end],
            )
        )
    return sorted(candidates, key=lambda one: (-one.is_exact, -one.score, one.entry.id))


def rank_as_meant(
    snapshot: Snapshot, question: str, vector_of: Callable[[str], Vectors]
) -> tuple[str, list[Candidate]]:
    """The reading of the question that finds more, as it is typed, with a slip put right or without what was bought,
    and its candidates."""
    ranked = rank(snapshot, question, vector_of(question))
    if not ranked or ranked[0].is_exact:
        return question, ranked
    guess = spelling.guessed(question, snapshot.lexical)
    if guess is not None:
        found = rank(snapshot, guess.question, vector_of(guess.question))
        wanted = BETTER_BY - GAIN_COUNTS * (guess.gain - spelling.GAIN)
        if found[0].score > ranked[0].score + wanted:
            question, ranked = guess.question, found
    asked = after_purchase(question)
    if asked is not None:
        found = rank(snapshot, asked, vector_of(asked))
        if found[0].score > ranked[0].score + BETTER_BY:
            return asked, found
    return question, ranked


def _entries_in_question(
    snapshot: Snapshot, rows: NDArray[np.int64], letters: Vectors, documents: Vectors
) -> list[int]:
    """Numbers of the entries nearest by a phrasing's meaning, by a phrasing's letters and by all their words."""
    third = MOST_ENTRIES // 3
    best_letters = _best(letters, NEAREST_ROWS)
    by_words = [n for n in _best(documents, third).tolist() if snapshot.starts[n] < snapshot.starts[n + 1]]
    chosen = dict.fromkeys(by_words)
    chosen.update(dict.fromkeys(_first_ones(snapshot.owners[rows], third)))
    chosen.update(dict.fromkeys(_first_ones(snapshot.owners[best_letters], third)))
    return list(chosen)


def _best(scores: Vectors, count: int) -> NDArray[np.int64]:
    """Places of the highest scores above 0, best first."""
    count = min(count, len(scores))
    places = np.argpartition(scores, -count)[-count:]
    places = places[scores[places] > 0]
    return places[np.argsort(-scores[places], kind="stable")]


def _first_ones(owners: NDArray[np.int64], count: int) -> list[int]:
    return list(dict.fromkeys(owners.tolist()))[:count]
