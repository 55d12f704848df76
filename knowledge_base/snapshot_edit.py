"""The snapshot after an edit, made from the one before: in a large FAQ it costs what changed, not what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, TypeVar

import numpy as np

from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Served
from knowledge_base.lexical import bag_of, packed
from knowledge_base.places import Numbers, PhrasingRows
from knowledge_base.snapshot import (
    Progress,
    Snapshot,
    answers_of,
    build,
    documents_of,
    middles_of,
    phrasings_of,
)

Changes = Mapping[str, Served | None]
"""What became of each entry that changed; None where it is no longer served."""
T = TypeVar("T")

REBUILT_UP_TO = 20_000
"""Phrasings up to which an edit makes all anew: that takes a tenth of a second and leaves nothing to fold."""
MOST_AT_ONCE = 20_000
"""Phrasings that come or go in one change; with more, an import, all is made anew at once."""
DRIFT_SHARE, MOST_DRIFT = 0.05, 20_000
"""Rows new or gone, of those in the base, from which it should be made anew: searches then compare that many more."""


def edited(
    previous: Snapshot,
    revision: int,
    changes: Changes,
    embedder: CachedEmbedder,
    progress: Progress | None = None,
) -> Snapshot:
    """The snapshot of what is served after the changes. A large one shares the indexes of `previous`, which goes on
    answering undisturbed, and holds the rows that are new beside them, until it is `folded`."""
    cuts = cuts_of(previous, changes)
    if previous.fingerprint != embedder.fingerprint or _is_better_made_anew(previous, cuts):
        entries = apply(previous, changes)
        return build(previous.knowledge_id, revision, entries, embedder, previous, progress)
    contents = [cut.entry.content for cut in cuts if cut.entry is not None]
    came_from = _rows(np.arange(len(previous.phrasings)), [(cut.rows, cut.came_from) for cut in cuts])
    entry_came_from = _rows(np.arange(len(previous.entries)), [(cut.entries, cut.new_entries(-1)) for cut in cuts])
    lengths = _rows(np.diff(previous.starts), [(cut.entries, cut.new_entries(len(cut.phrasings))) for cut in cuts])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    phrasings = _line(previous.phrasings, [(cut.rows, cut.phrasings) for cut in cuts])
    new = [phrasings[row] for row in np.flatnonzero(came_from < 0).tolist()]
    vectors = previous.vectors.edited(came_from, embedder.embed(new, progress))

    numbers = np.flatnonzero(entry_came_from < 0)
    own = [np.arange(starts[number], starts[number + 1]) for number in numbers]
    own_starts = np.cumsum([0, *(len(rows) for rows in own)])
    middles = middles_of(vectors.vectors_of(np.concatenate([np.empty(0, dtype=np.int64), *own])), own_starts)
    return replace(
        previous,
        revision=revision,
        entries=_line(previous.entries, [(cut.entries, [cut.entry] if cut.entry else []) for cut in cuts]),
        phrasings=phrasings,
        starts=starts,
        vectors=vectors,
        lexical=previous.lexical.edited(came_from, packed([bag_of(one) for one in new])),
        documents=previous.documents.edited(entry_came_from, documents_of(contents)),
        answer_vectors=previous.answer_vectors.edited(entry_came_from, answers_of(contents, embedder, progress)),
        centroids=previous.centroids.edited(entry_came_from, middles),
        rows_of=previous.rows_of.edited(phrasings, vectors.places),
    )


def folded(snapshot: Snapshot) -> Snapshot:
    """The same snapshot with indexes of its own that hold all rows, as if built anew."""
    return replace(
        snapshot,
        vectors=snapshot.vectors.folded(),
        lexical=snapshot.lexical.folded(),
        documents=snapshot.documents.folded(),
        answer_vectors=snapshot.answer_vectors.folded(),
        centroids=snapshot.centroids.folded(),
        rows_of=PhrasingRows.of(snapshot.phrasings),
    )


def is_due_for_folding(snapshot: Snapshot) -> bool:
    """Whether searches begin to feel what was edited since the indexes were made."""
    return snapshot.vectors.drift > min(DRIFT_SHARE * len(snapshot.phrasings), MOST_DRIFT)


def apply(previous: Snapshot, changes: Changes) -> list[Served]:
    """All that is served after the changes."""
    kept = [entry for entry in previous.entries if entry.id not in changes]
    return kept + [entry for entry in changes.values() if entry is not None]


@dataclass(frozen=True)
class Cut:
    """What an edit takes out at one place, and what it puts there instead."""

    entries: slice
    rows: slice
    entry: Served | None
    phrasings: Sequence[str]
    came_from: Numbers
    """The row that each of the phrasings had in the entry as it was, -1 for a new one."""

    def new_entries(self, value: int) -> Numbers:
        """The value for the entry that is put in, if any."""
        return np.full(int(self.entry is not None), value, dtype=np.int64)


def cuts_of(previous: Snapshot, changes: Changes) -> list[Cut]:
    """In the order of the entries, without those that were not served before and are not now."""
    cuts = []
    for entry_id in sorted(changes):
        entry, number = changes[entry_id], previous.place_of(entry_id)
        was_there = previous.entry(entry_id) is not None
        if entry is not None or was_there:
            entries = slice(number, number + was_there)
            rows = slice(int(previous.starts[entries.start]), int(previous.starts[entries.stop]))
            held = dict(zip(previous.phrasings[rows], range(rows.start, rows.stop), strict=True))
            phrasings = phrasings_of(entry.content) if entry is not None else []
            came_from = np.array([held.get(one, -1) for one in phrasings], dtype=np.int64)
            cuts.append(Cut(entries, rows, entry, phrasings, came_from))
    return cuts


def _is_better_made_anew(previous: Snapshot, cuts: Sequence[Cut]) -> bool:
    gone: int = sum(cut.rows.stop - cut.rows.start for cut in cuts)
    come = sum(len(cut.phrasings) for cut in cuts)
    left = len(previous.phrasings) - gone + come
    return min(left, len(previous.phrasings)) <= REBUILT_UP_TO or max(gone, come) > MOST_AT_ONCE


def _pieces(before: Any, changed: Sequence[tuple[slice, Any]]) -> list[Any]:
    pieces, at = [], 0
    for span, new in changed:
        pieces += [before[at : span.start], new]
        at = span.stop
    return [*pieces, before[at:]]


def _rows(before: Numbers, changed: Sequence[tuple[slice, Numbers]]) -> Numbers:
    """Numbers with others in some places."""
    return np.concatenate(_pieces(before, changed))


def _line(before: tuple[T, ...], changed: Sequence[tuple[slice, Sequence[T]]]) -> tuple[T, ...]:
    return tuple(chain.from_iterable(_pieces(before, changed)))
