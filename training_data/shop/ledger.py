"""What visitors of the demo changed, in one small SQLite file, so that it outlives a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

TABLES = """
CREATE TABLE IF NOT EXISTS changes (
    kind TEXT NOT NULL, id TEXT NOT NULL, day TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE TABLE IF NOT EXISTS answers (
    customer_id TEXT NOT NULL, key TEXT NOT NULL, asked TEXT NOT NULL, answer TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (customer_id, key)
);
"""


@dataclass(frozen=True)
class Change:
    """`kind` is "order" or "after_sale", `body` the whole record as JSON, `day` the shop's day it was written on."""

    kind: str
    id: str
    day: date
    at: datetime
    body: str


class Ledger:
    """Calls come from worker threads, one at a time: the shop holds its lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(TABLES)

    def changes(self) -> Iterator[Change]:
        for kind, key, day, at, body in self._db.execute("SELECT kind, id, day, at, body FROM changes"):
            yield Change(kind, key, date.fromisoformat(day), datetime.fromisoformat(at), body)

    def answer(self, customer_id: str, key: str) -> tuple[str, str] | None:
        """(what was asked, what was answered) under this idempotency key."""
        found: tuple[str, str] | None = self._db.execute(
            "SELECT asked, answer FROM answers WHERE customer_id = ? AND key = ?", (customer_id, key)
        ).fetchone()
        return found

    def record(self, changes: list[Change], customer_id: str, key: str, asked: str, answer: str, at: datetime) -> None:
        """Change and answer are stored together or not at all: a repeated call never acts twice."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for change in changes:
                self._db.execute(
                    "INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?, ?)",
                    (change.kind, change.id, change.day.isoformat(), change.at.isoformat(), change.body),
                )
            self._db.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?)", (customer_id, key, asked, answer, at.isoformat())
            )
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()
