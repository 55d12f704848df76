"""Promises, open until the event that keeps them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.promises import NewPromise
from handoff.tables import promises
from handoff.views import Promise


async def add(connection: AsyncConnection, conversation_id: str, promise: NewPromise, made_seq: int) -> None:
    await connection.execute(
        insert(promises).values(
            id=promise.id,
            conversation_id=conversation_id,
            text=promise.text,
            owner=promise.owner,
            due_at=promise.due_at,
            made_seq=made_seq,
        )
    )


async def open_in(connection: AsyncConnection, conversation_id: str) -> list[Promise]:
    query = select(promises).where(promises.c.conversation_id == conversation_id, promises.c.kept_seq.is_(None))
    return [_promise(row) for row in await connection.execute(query.order_by(promises.c.due_at))]


async def overdue(connection: AsyncConnection, now: datetime) -> list[Row[Any]]:
    query = select(promises).where(promises.c.kept_seq.is_(None), promises.c.due_at < now)
    return list((await connection.execute(query.order_by(promises.c.due_at))).all())


async def note_overdue(connection: AsyncConnection, promise_id: str, now: datetime) -> bool:
    """False if the staff knows already, or the promise was kept a moment ago."""
    query = update(promises).where(
        promises.c.id == promise_id, promises.c.overdue_told_at.is_(None), promises.c.kept_seq.is_(None)
    )
    return (await connection.execute(query.values(overdue_told_at=now))).rowcount == 1


async def keep(connection: AsyncConnection, promise_id: str, kept_seq: int) -> None:
    await connection.execute(update(promises).where(promises.c.id == promise_id).values(kept_seq=kept_seq))


def _promise(row: Row[Any]) -> Promise:
    kept = row.kept_seq is not None
    return Promise(promise_id=row.id, text=row.text, due_at=row.due_at, owner=row.owner, kept=kept)
