"""Keeps the word vectors of the served phrasings at hand: a search compares fifteen of them, 4 ms each if unknown."""

from __future__ import annotations

import threading

from knowledge_base.snapshot import Snapshot
from knowledge_base.wordwise import Words, WordsOf

MOST_PHRASINGS = 12_000
"""Of an FAQ that is compared word by word; with what is asked they fit into what the embedder keeps. In a larger one
the words count as average, the same for every question: better less sure than slow."""


class WordMemory:
    """Learns a new FAQ's words beside the searches: after a start a quarter of a minute for 4,000 phrasings.

    Building the index leaves most of them behind already; only what came from the cache on disk has to be made.
    """

    def __init__(self, words_of: WordsOf) -> None:
        self._words_of = words_of
        self._served: Snapshot | None = None
        self._lock = threading.Lock()

    def words_in(self, snapshot: Snapshot) -> WordsOf:
        """How to look up words while this FAQ is searched. Does not wait for anything."""
        if len(snapshot.phrasings) > MOST_PHRASINGS:
            return _no_words
        with self._lock:
            is_new, self._served = self._served is not snapshot, snapshot
        if is_new:
            threading.Thread(target=self._learn, args=(snapshot,), name="words", daemon=True).start()
        return self._words_of

    def _learn(self, snapshot: Snapshot) -> None:
        for phrasing in snapshot.phrasings:
            if self._served is not snapshot or self._words_of(phrasing) is None:
                return


def _no_words(text: str) -> Words | None:
    return None
