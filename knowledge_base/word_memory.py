"""Keeps the word vectors of the served phrasings at hand: a search compares fifteen of them, 4 ms each if unknown."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from knowledge_base.snapshot import Snapshot
from knowledge_base.wordwise import Words, WordsOf

MOST_PHRASINGS = 12_000
"""Of an FAQ that is compared word by word; with what is asked they fit into what the embedder keeps. In a larger one
every question is judged without them: better less sure than slow."""


AT_ONCE_SECONDS = 0.05
"""What a search may spend on a new FAQ itself. Building the index leaves its words behind, so this is enough after an
edit; after a start they have to be made again from what the cache on disk does not hold."""


class WordMemory:
    """Learns a new FAQ's words beside the searches: after a start a quarter of a minute for 4,000 phrasings.

    Until they are known questions are judged without them too: a search that had to make fifteen would take 60 ms.
    """

    def __init__(self, words_of: WordsOf, clock: Callable[[], float] = time.monotonic) -> None:
        self._words_of, self._clock = words_of, clock
        self._served: Snapshot | None = None
        self._learnt: Snapshot | None = None
        self._lock = threading.Lock()

    def words_in(self, snapshot: Snapshot) -> WordsOf:
        """How to look up words while this FAQ is searched."""
        if len(snapshot.phrasings) > MOST_PHRASINGS:
            return _no_words
        with self._lock:
            is_new, self._served = self._served is not snapshot, snapshot
        if is_new:
            self._begin(snapshot)
        return self._words_of if self._learnt is snapshot else _no_words

    def _begin(self, snapshot: Snapshot) -> None:
        rest = iter(snapshot.phrasings)
        until = self._clock() + AT_ONCE_SECONDS
        while self._clock() < until:
            if not self._learn_next(snapshot, rest):
                return
        threading.Thread(target=self._finish, args=(snapshot, rest), name="words", daemon=True).start()

    def _finish(self, snapshot: Snapshot, rest: Iterator[str]) -> None:
        while self._served is snapshot and self._learn_next(snapshot, rest):
            pass

    def _learn_next(self, snapshot: Snapshot, rest: Iterator[str]) -> bool:
        """Whether there may be more."""
        phrasing = next(rest, None)
        if phrasing is None or self._words_of(phrasing) is None:
            self._learnt = snapshot
            return False
        return True


def _no_words(text: str) -> Words | None:
    return None
