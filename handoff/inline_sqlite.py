"""SQLite statements run where they are asked for; only a commit, which waits for the disk, goes to a thread.

A statement on a local file takes some twenty microseconds, the way to aiosqlite's thread and back a hundred times
that: a bot turn of forty statements spent most of its time on the way (docs/decisions/0006). Locks never make the
loop wait, because our connections ask for them without patience (`handoff/database.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite


class InlineConnection(aiosqlite.Connection):
    """aiosqlite's connection, except that what does not wait for the disk is simply called."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        connection = self._connection
        if connection is None or fn in (connection.commit, connection.close):
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return fn(*args, **kwargs)


def connect(database: str, **options: Any) -> InlineConnection:
    """For SQLAlchemy's `async_creator_fn`."""
    opened = partial(sqlite3.connect, database, **{**options, "check_same_thread": False})
    connection = InlineConnection(opened, iter_chunk_size=64)
    connection._thread.daemon = True
    return connection
