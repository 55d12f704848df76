"""Everything a search looks at, as of one revision: phrasings, entries, vectors and postings; immutable once built."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge_base import text as texts
from knowledge_base.embedder import Vectors
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.index import VectorIndex
from knowledge_base.lexical import Bags, LexicalIndex, bag_of, packed, woven
from knowledge_base.places import PhrasingRows
from knowledge_base.shared_rows import SharedRows
from knowledge_base.wordwise import Words, WordsOf

Progress = Callable[[int, int], None]
USUAL_OWN_SCALE = 0.75, 0.8
"""Assumed of an entry with one phrasing, which has nothing of its own to be compared with."""
MOST_OWN = 30
"""Phrasings of an entry that are compared with each other."""
MOST_COMPARED = 12_000
"""Phrasings of an FAQ that is compared word by word: 3 KB each. In a larger one questions are judged without that."""
ANSWER_BEGINNING = 200
"""Characters of an answer that are embedded: what it is about is said first."""


@dataclass(frozen=True)
class Snapshot:
    """Rows are phrasings, entry by entry: those of entry `n` are `starts[n] … starts[n + 1]`."""

    knowledge_id: str
    revision: int
    fingerprint: str
    entries: tuple[Served, ...]
    phrasings: tuple[str, ...]
    starts: NDArray[np.int64]
    vectors: VectorIndex
    lexical: LexicalIndex = field(repr=False)
    """Over phrasings."""
    documents: LexicalIndex = field(repr=False)
    """Over entries: all that an editor wrote of each."""
    answer_vectors: SharedRows = field(repr=False)
    """One row an entry; zeros where there is no answer to speak of."""
    centroids: SharedRows = field(repr=False)
    """The middle of every entry's phrasings: a new wording is nearer to it than to any single one."""
    rows_of: PhrasingRows = field(repr=False)
    words: list[Words] = field(repr=False, default_factory=list)
    """Of every row, to compare word by word; empty where the model has none or the FAQ is too large for it."""
    word_space: str | None = None

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """The entry's number of every row."""
        return np.repeat(np.arange(len(self.entries)), np.diff(self.starts))

    def place_of(self, entry_id: str) -> int:
        """The number of this entry, or the one that it would have."""
        return bisect_left(self.entries, entry_id, key=lambda entry: entry.id)

    def number_of(self, entry_id: str) -> int | None:
        number = self.place_of(entry_id)
        return number if number < len(self.entries) and self.entries[number].id == entry_id else None

    def entry(self, entry_id: str) -> Served | None:
        number = self.number_of(entry_id)
        return None if number is None else self.entries[number]

    @property
    def is_folded(self) -> bool:
        """Whether nothing was edited since the indexes were made."""
        return self.vectors.is_folded and self.lexical.is_folded and self.documents.is_folded

    def vector_of(self, phrasing: str) -> Vectors | None:
        """What is known already of a question that stands here word for word, as one that was tapped does."""
        row = self.rows_of.get(phrasing)
        return None if row is None else self.vectors.vectors_of(np.array([row]))[0]

    @cached_property
    def _own_scales(self) -> dict[int, tuple[float, float]]:
        return {}

    def own_scale(self, number: int, vectors: Vectors) -> tuple[float, float]:
        """How near the phrasings of an entry, whose `vectors` these are, lie to their nearest other one and to the
        middle of the others, on average. What 0.8 means depends on the entry: phrasings that are 0.7 from each other
        are met by it, those of 0.9 are not."""
        known = self._own_scales.get(number)
        if known is None:
            known = self._own_scales[number] = own_scale_of(vectors[:MOST_OWN])
        return known

    def words_beside(self, words_of_question: WordsOf) -> WordsOf:
        """How to look up words in a search: those that stand here are known."""

        def words_of(text: str) -> Words | None:
            if not self.words:
                return None
            row = self.rows_of.get(text)
            return words_of_question(text) if row is None else self.words[row]

        return words_of


@dataclass(frozen=True)
class Layout:
    """Which phrasing stands in which row, and where each row was in the snapshot before (-1: nowhere)."""

    phrasings: tuple[str, ...]
    starts: NDArray[np.int64]
    came_from: NDArray[np.int64]
    kept: NDArray[np.int64]
    """The number that each entry had before, if nothing of it changed (-1: it is new or changed)."""


def phrasings_of(content: Content) -> list[str]:
    """Normalised, each once, without those of which nothing is left."""
    return [one for one in dict.fromkeys(texts.normalised(one) for one in content.phrasings) if one]


def lay_out(entries: Sequence[Served], previous: Snapshot | None) -> Layout:
    """Normalised phrasings entry by entry, each once in its entry. An entry that is as it was is taken over unread:
    normalising a hundred thousand phrasings takes longer than an editor should wait."""
    phrasings: list[str] = []
    starts = [0]
    came_from: list[int] = []
    kept: list[int] = []
    for entry in entries:
        old = previous.number_of(entry.id) if previous is not None else None
        if previous is not None and old is not None:
            begin, end = int(previous.starts[old]), int(previous.starts[old + 1])
            before = previous.entries[old].content
            if before is entry.content or before == entry.content:
                kept.append(old)
                phrasings.extend(previous.phrasings[begin:end])
                came_from.extend(range(begin, end))
                starts.append(len(phrasings))
                continue
            held = dict(zip(previous.phrasings[begin:end], range(begin, end), strict=True))
        else:
            held = {}
        kept.append(-1)
        own = phrasings_of(entry.content)
        phrasings.extend(own)
        came_from.extend(held.get(phrasing, -1) for phrasing in own)
        starts.append(len(phrasings))
    numbers = (np.asarray(one, dtype=np.int64) for one in (starts, came_from, kept))
    return Layout(tuple(phrasings), *numbers)


def own_scale_of(vectors: Vectors) -> tuple[float, float]:
    if len(vectors) < 2:
        return USUAL_OWN_SCALE
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1)
    others = vectors.sum(axis=0) - vectors
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    return float(likeness.max(axis=1).mean()), float((others * vectors).sum(axis=1).mean())


def middles_of(vectors: Vectors, starts: NDArray[np.int64]) -> Vectors:
    """One row an entry, of length 1; zeros for an entry without phrasings."""
    middles = np.zeros((len(starts) - 1, vectors.shape[1]), dtype=np.float32)
    filled = np.flatnonzero(np.diff(starts))
    if len(filled):
        middles[filled] = np.add.reduceat(vectors, starts[filled], axis=0)
    norms = np.linalg.norm(middles, axis=1)
    norms[norms == 0] = 1
    unit: Vectors = middles / np.maximum(norms, 1e-9)[:, None]
    return unit


def _middles(rows: Layout, vectors: Vectors, previous: Snapshot | None) -> Vectors:
    """The same, taking over those of entries that did not change."""
    if previous is None or not len(previous.entries):
        return middles_of(vectors, rows.starts)
    middles: Vectors = previous.centroids[np.maximum(rows.kept, 0)]
    for number in np.flatnonzero(rows.kept < 0).tolist():
        begin, end = int(rows.starts[number]), int(rows.starts[number + 1])
        middles[number] = middles_of(vectors[begin:end], np.array([0, end - begin]))[0]
    return middles


def document_of(content: Content) -> str:
    """All words of an entry; what the editor marked as keywords counts double."""
    return " ".join([*content.phrasings, *content.keywords, *content.keywords, content.answer])


def answer_beginning(content: Content) -> str:
    return texts.normalised(content.answer[:ANSWER_BEGINNING]) if content.answer.strip() else ""


def build(
    knowledge_id: str,
    revision: int,
    entries: Sequence[Served],
    embedder: CachedEmbedder,
    previous: Snapshot | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """The snapshot of these entries. What `previous` holds is taken over, so an edit costs its own rows only."""
    if previous is not None and previous.fingerprint != embedder.fingerprint:
        previous = None
    ordered = tuple(sorted(entries, key=lambda entry: entry.id))
    rows = lay_out(ordered, previous)
    vectors, bags = _of_phrasings(rows, embedder, previous, progress)
    answer_vectors, documents = _of_entries(ordered, embedder, previous, progress)
    return Snapshot(
        knowledge_id=knowledge_id,
        revision=revision,
        fingerprint=embedder.fingerprint,
        entries=ordered,
        phrasings=rows.phrasings,
        starts=rows.starts,
        vectors=VectorIndex.build(vectors, previous.vectors if previous is not None else None, rows.came_from),
        lexical=LexicalIndex.build(bags),
        documents=LexicalIndex.build(documents),
        answer_vectors=SharedRows(answer_vectors),
        centroids=SharedRows(_middles(rows, vectors, previous)),
        rows_of=PhrasingRows.of(rows.phrasings),
        words=_words(rows, embedder, previous),
        word_space=embedder.word_space,
    )


def _of_phrasings(
    rows: Layout, embedder: CachedEmbedder, previous: Snapshot | None, progress: Progress | None
) -> tuple[Vectors, Bags]:
    is_new = rows.came_from < 0
    new = [rows.phrasings[row] for row in np.flatnonzero(is_new).tolist()]
    vectors = np.empty((len(rows.phrasings), embedder.dimensions), dtype=np.float32)
    vectors[is_new] = embedder.embed(new, progress)
    bags = packed([bag_of(phrasing) for phrasing in new])
    if previous is not None:
        held = rows.came_from[~is_new]
        vectors[~is_new] = previous.vectors.vectors_of(held)
        bags = woven(is_new, previous.lexical.bags_of(held), bags)
    return vectors, bags


def _words(rows: Layout, embedder: CachedEmbedder, previous: Snapshot | None) -> list[Words]:
    if embedder.word_space is None or len(rows.phrasings) > MOST_COMPARED:
        return []
    if previous is None or not previous.words or previous.word_space != embedder.word_space:
        return embedder.words(rows.phrasings)
    new = iter(embedder.words([rows.phrasings[row] for row in np.flatnonzero(rows.came_from < 0)]))
    return [previous.words[source] if source >= 0 else next(new) for source in rows.came_from.tolist()]


def _of_entries(
    entries: Sequence[Served], embedder: CachedEmbedder, previous: Snapshot | None, progress: Progress | None
) -> tuple[Vectors, Bags]:
    held = np.full(len(entries), -1, dtype=np.int64)
    if previous is not None:
        for number, entry in enumerate(entries):
            old = previous.number_of(entry.id)
            if old is not None and previous.entries[old].content == entry.content:
                held[number] = old
    is_new = held < 0
    new = [entries[number].content for number in np.flatnonzero(is_new).tolist()]
    vectors = np.empty((len(entries), embedder.dimensions), dtype=np.float32)
    vectors[is_new] = answers_of(new, embedder, progress)
    bags = documents_of(new)
    if previous is not None:
        vectors[~is_new] = previous.answer_vectors[held[~is_new]]
        bags = woven(is_new, previous.documents.bags_of(held[~is_new]), bags)
    return vectors, bags


def answers_of(contents: Sequence[Content], embedder: CachedEmbedder, progress: Progress | None) -> Vectors:
    vectors = np.zeros((len(contents), embedder.dimensions), dtype=np.float32)
    answers = {number: answer_beginning(content) for number, content in enumerate(contents)}
    answered = {number: answer for number, answer in answers.items() if answer}
    if answered:
        vectors[list(answered)] = embedder.embed(list(answered.values()), progress)
    return vectors


def documents_of(contents: Sequence[Content]) -> Bags:
    return packed([bag_of(texts.normalised_long(document_of(content))) for content in contents])
