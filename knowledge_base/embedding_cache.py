"""Remembers every embedding by model fingerprint and text, so that nothing is ever embedded twice."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import structlog

from knowledge_base.embedder import Embedder, Vectors
from knowledge_base.wordwise import Words

log = structlog.get_logger()

RECENT = 4096
"""Asked questions kept in memory; they are not written to the file, for they are people's words."""
CHUNK = 256
LOOKED_UP_AT_ONCE = 500  # below SQLite's limit of variables in one statement


def key_of(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class CachedEmbedder:
    """An `Embedder` in front of another one: `embed` for phrasings (kept on disk), `embed_question` for what is asked.

    A file that cannot be read or written costs time, never an answer: it is put aside and the texts are embedded anew.
    """

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder = embedder
        self._path = path
        self._recent: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._prepare_file()

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=5)
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def _prepare_file(self) -> None:
        try:
            self._create_table()
        except sqlite3.OperationalError as error:  # locked, full or read-only: nothing is wrong with the file itself
            log.warning("embedding_cache_not_prepared", error=str(error))
        except sqlite3.DatabaseError as error:
            log.warning("embedding_cache_set_aside", error=str(error))
            self._path.replace(self._path.with_suffix(".broken"))
            self._create_table()

    def _create_table(self) -> None:
        with closing(self._connect()) as connection, connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(
                """CREATE TABLE IF NOT EXISTS embedding (
                       fingerprint TEXT, text_hash BLOB, vector BLOB, PRIMARY KEY (fingerprint, text_hash)
                   ) WITHOUT ROWID"""
            )

    def embed_question(self, text: str) -> Vectors:
        """One vector of what somebody asks; the same words again cost nothing."""
        with self._lock:
            if text in self._recent:
                self._recent.move_to_end(text)
                return self._recent[text]
        vector: Vectors = self._embedder.embed([text])[0]
        with self._lock:
            self._recent[text] = vector
            if len(self._recent) > RECENT:
                self._recent.popitem(last=False)
        return vector

    @property
    def word_space(self) -> str | None:
        return self._embedder.word_space

    def question_words(self, text: str) -> Words | None:
        """Kept in memory by the model itself, which makes them beside the vector."""
        return self._embedder.words(text)

    def words(self, texts: Sequence[str]) -> list[Words]:
        """Of phrasings, from the file where they are there; empty of a model without words."""
        space = self.word_space
        if space is None:
            return []
        keys = [key_of(text) for text in texts]
        known: dict[bytes, Words] = {}
        for key, stored in self._look_up(space, keys).items():
            with suppress(ValueError, IndexError):  # what cannot be read is made again
                known[key] = Words.from_bytes(stored)
        made: dict[bytes, Words] = {}
        for text, key in zip(texts, keys, strict=True):
            if key not in known and (words := self._embedder.words(text)) is not None:
                known[key] = made[key] = words
        self._remember(space, [(key, words.as_bytes()) for key, words in made.items()])
        return [known[key] for key in keys]

    def embed(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """One row a text, from the file where it is there. `progress(done, total)` is told as it goes."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        keys = [key_of(text) for text in texts]
        known: dict[bytes, Vectors] = {
            key: vector
            for key, stored in self._look_up(self.fingerprint, keys).items()
            if len(vector := np.frombuffer(stored, dtype=np.float32)) == self.dimensions
        }
        missing: dict[bytes, list[int]] = {}
        for row, key in enumerate(keys):
            if key in known:
                vectors[row] = known[key]
            else:
                missing.setdefault(key, []).append(row)
        todo = list(missing.items())
        for start in range(0, len(todo), CHUNK):
            part = todo[start : start + CHUNK]
            made = self._embedder.embed([texts[rows[0]] for _, rows in part])
            for (_, rows), vector in zip(part, made, strict=True):
                vectors[rows] = vector
            self._remember(
                self.fingerprint, [(key, vector.tobytes()) for (key, _), vector in zip(part, made, strict=True)]
            )
            if progress:
                progress(min(start + CHUNK, len(todo)), len(todo))
        return vectors

    def _look_up(self, fingerprint: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        wanted = list(set(keys))
        try:
            with closing(self._connect()) as connection:
                for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
                    part = wanted[start : start + LOOKED_UP_AT_ONCE]
                    rows = connection.execute(
                        "SELECT text_hash, vector FROM embedding WHERE fingerprint = ? AND text_hash IN "
                        f"({','.join('?' * len(part))})",
                        [fingerprint, *part],
                    )
                    found.update(rows.fetchall())
        except sqlite3.DatabaseError as error:
            log.warning("embedding_cache_unreadable", error=str(error))
        return found

    def _remember(self, fingerprint: str, made: Sequence[tuple[bytes, bytes]]) -> None:
        try:
            with closing(self._connect()) as connection, connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)",
                    [(fingerprint, key, stored) for key, stored in made],
                )
        except sqlite3.DatabaseError as error:
            log.warning("embedding_cache_not_written", error=str(error))
