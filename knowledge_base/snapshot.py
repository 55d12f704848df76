"""Everything a search looks at, as of one revision: phrasings, entries, vectors and postings; immutable once built."""

from __future__ import annotations

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
from knowledge_base.lexical import Bag, LexicalIndex, bag_of

Progress = Callable[[int, int], None]
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
    bags: list[Bag] = field(repr=False)
    answer_vectors: Vectors = field(repr=False)
    """One row an entry; zeros where there is no answer to speak of."""
    document_bags: list[Bag] = field(repr=False)

    @cached_property
    def lexical(self) -> LexicalIndex:
        """Over phrasings."""
        return LexicalIndex(self.bags)

    @cached_property
    def documents(self) -> LexicalIndex:
        """Over entries: all that an editor wrote of each."""
        return LexicalIndex(self.document_bags)

    @cached_property
    def centroids(self) -> Vectors:
        """The middle of every entry's phrasings: a new wording is nearer to it than to any single one."""
        if not self.phrasings:
            return np.zeros_like(self.answer_vectors)
        lengths = np.diff(self.starts)
        sums = np.zeros((len(self.entries), self.answer_vectors.shape[1]), dtype=np.float32)
        np.add.at(sums, self.owners, self.vectors.all_vectors())
        norms = np.linalg.norm(sums, axis=1)
        norms[lengths == 0] = 1
        middles: Vectors = sums / np.maximum(norms, 1e-9)[:, None]
        return middles

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """The entry's number of every row."""
        return np.repeat(np.arange(len(self.entries)), np.diff(self.starts))

    @cached_property
    def by_id(self) -> dict[str, Served]:
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def number_of(self) -> dict[str, int]:
        return {entry.id: number for number, entry in enumerate(self.entries)}

    @cached_property
    def row_of(self) -> dict[str, int]:
        """A row for every distinct phrasing."""
        return {phrasing: row for row, phrasing in enumerate(self.phrasings)}

    def made_ready(self) -> Snapshot:
        """Compute now what the first search would otherwise wait for."""
        _ = self.lexical, self.documents, self.centroids, self.owners, self.by_id
        return self


def lay_out(entries: Sequence[Served]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Normalised phrasings entry by entry, each once in its entry, and where each entry's begin."""
    phrasings: list[str] = []
    starts = [0]
    for entry in entries:
        own = dict.fromkeys(texts.normalised(phrasing) for phrasing in entry.content.phrasings)
        phrasings.extend(phrasing for phrasing in own if phrasing)
        starts.append(len(phrasings))
    return tuple(phrasings), np.asarray(starts, dtype=np.int64)


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
    phrasings, starts = lay_out(ordered)
    vectors, bags = _of_phrasings(phrasings, embedder, previous, progress)
    answer_vectors, document_bags = _of_entries(ordered, embedder, previous, progress)
    return Snapshot(
        knowledge_id=knowledge_id,
        revision=revision,
        fingerprint=embedder.fingerprint,
        entries=ordered,
        phrasings=phrasings,
        starts=starts,
        vectors=VectorIndex.build(vectors),
        bags=bags,
        answer_vectors=answer_vectors,
        document_bags=document_bags,
    ).made_ready()


def _of_phrasings(
    phrasings: Sequence[str], embedder: CachedEmbedder, previous: Snapshot | None, progress: Progress | None
) -> tuple[Vectors, list[Bag]]:
    held = previous.row_of if previous is not None else {}
    vectors = np.empty((len(phrasings), embedder.dimensions), dtype=np.float32)
    old = [(row, held[phrasing]) for row, phrasing in enumerate(phrasings) if phrasing in held]
    if previous is not None and old:
        places, sources = np.asarray(old, dtype=np.int64).T
        vectors[places] = previous.vectors.vectors_of(np.ascontiguousarray(sources))
    new = [row for row, phrasing in enumerate(phrasings) if phrasing not in held]
    vectors[new] = embedder.embed([phrasings[row] for row in new], progress)
    bags = [
        previous.bags[held[phrasing]] if previous is not None and phrasing in held else bag_of(phrasing)
        for phrasing in phrasings
    ]
    return vectors, bags


def _of_entries(
    entries: Sequence[Served], embedder: CachedEmbedder, previous: Snapshot | None, progress: Progress | None
) -> tuple[Vectors, list[Bag]]:
    vectors = np.zeros((len(entries), embedder.dimensions), dtype=np.float32)
    bags: list[Bag] = []
    new: dict[int, str] = {}
    for number, entry in enumerate(entries):
        old = previous.number_of.get(entry.id) if previous is not None else None
        if previous is not None and old is not None and previous.entries[old].content == entry.content:
            vectors[number] = previous.answer_vectors[old]
            bags.append(previous.document_bags[old])
            continue
        bags.append(bag_of(texts.normalised_long(document_of(entry.content))))
        answer = answer_beginning(entry.content)
        if answer:
            new[number] = answer
    if new:
        vectors[list(new)] = embedder.embed(list(new.values()), progress)
    return vectors, bags
