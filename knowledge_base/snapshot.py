"""Everything a search looks at, as of one revision: entries, phrasings, vectors and postings; immutable once built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge_base import text as texts
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Served
from knowledge_base.index import VectorIndex
from knowledge_base.lexical import Bag, LexicalIndex, bag_of

Progress = Callable[[int, int], None]


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
    lexical: LexicalIndex = field(repr=False)

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """The entry's number of every row."""
        return np.repeat(np.arange(len(self.entries)), np.diff(self.starts))

    @cached_property
    def by_id(self) -> dict[str, Served]:
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def row_of(self) -> dict[str, int]:
        """A row for every distinct phrasing."""
        return {phrasing: row for row, phrasing in enumerate(self.phrasings)}


def lay_out(entries: Sequence[Served]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Normalised phrasings entry by entry, each once in its entry, and where each entry's begin."""
    phrasings: list[str] = []
    starts = [0]
    for entry in entries:
        own = dict.fromkeys(texts.normalised(phrasing) for phrasing in entry.content.phrasings)
        phrasings.extend(phrasing for phrasing in own if phrasing)
        starts.append(len(phrasings))
    return tuple(phrasings), np.asarray(starts, dtype=np.int64)


def build(
    knowledge_id: str,
    revision: int,
    entries: Sequence[Served],
    embedder: CachedEmbedder,
    previous: Snapshot | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """The snapshot of these entries. What `previous` holds is taken over, so an edit costs its own rows only."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.id))
    phrasings, starts = lay_out(ordered)
    held: dict[str, int] = {}
    if previous is not None and previous.fingerprint == embedder.fingerprint:
        held = previous.row_of
    new = sorted({phrasing for phrasing in phrasings if phrasing not in held})
    vectors = np.empty((len(phrasings), embedder.dimensions), dtype=np.float32)
    made = dict(zip(new, embedder.embed(new, progress), strict=True))
    old_rows = [(row, held[phrasing]) for row, phrasing in enumerate(phrasings) if phrasing in held]
    if previous is not None and old_rows:
        places, sources = np.asarray(old_rows, dtype=np.int64).T
        vectors[places] = previous.vectors.vectors_of(np.ascontiguousarray(sources))
    bags: list[Bag] = []
    for row, phrasing in enumerate(phrasings):
        if previous is not None and phrasing in held:
            bags.append(previous.bags[held[phrasing]])
        else:
            vectors[row] = made[phrasing]
            bags.append(bag_of(phrasing))
    return Snapshot(
        knowledge_id=knowledge_id,
        revision=revision,
        fingerprint=embedder.fingerprint,
        entries=ordered,
        phrasings=phrasings,
        starts=starts,
        vectors=VectorIndex.build(vectors),
        bags=bags,
        lexical=LexicalIndex(bags),
    )
