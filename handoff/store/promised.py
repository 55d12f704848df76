"""Promises, open until the event that keeps or withdraws them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.promises import NewPromise
from handoff.tables import conversations, customers, promises
from handoff.views import Customer, OpenPromise, Promise

_IS_OPEN = (promises.c.kept_seq.is_(None), promises.c.withdrawn_seq.is_(None))


async def add(connection: AsyncConnection, conversation_id: str, promise: NewPromise, made_seq: int) -> None:
    await connection.execute(
        insert(promises).values(
            id=promise.id,
            conversation_id=conversation_id,
            kind=promise.kind,
            text=promise.text,
            owner=promise.owner,
            due_at=promise.due_at,
            made_seq=made_seq,
        )
    )


async def open_in(connection: AsyncConnection, conversation_id: str) -> list[Promise]:
    query = select(promises).where(promises.c.conversation_id == conversation_id, *_IS_OPEN)
    return [_promise(row) for row in await connection.execute(query.order_by(promises.c.due_at))]


async def open_one(connection: AsyncConnection, conversation_id: str, promise_id: str) -> Promise | None:
    query = select(promises).where(promises.c.conversation_id == conversation_id, promises.c.id == promise_id)
    row = (await connection.execute(query.where(*_IS_OPEN))).one_or_none()
    return None if row is None else _promise(row)


async def listed(
    connection: AsyncConnection, owners: Collection[str] | None, now: datetime, limit: int
) -> list[OpenPromise]:
    """Open ones with whom they were given to, the next due first; of everybody without `owners`."""
    query = (
        select(promises, conversations.c.holder, customers.c.id.label("customer_id"), customers.c.name)
        .add_columns(customers.c.level, customers.c.guest)
        .join(conversations, conversations.c.id == promises.c.conversation_id)
        .join(customers, customers.c.id == conversations.c.customer_id)
        .where(*_IS_OPEN)
    )
    if owners is not None:
        query = query.where(promises.c.owner.in_(owners))
    rows = await connection.execute(query.order_by(promises.c.due_at, promises.c.id).limit(limit))
    return [
        OpenPromise(
            **_promise(row).model_dump(),
            conversation_id=row.conversation_id,
            customer=Customer(id=row.customer_id, name=row.name, level=row.level, guest=row.guest),
            holder=row.holder,
            overdue=row.due_at < now,
        )
        for row in rows
    ]


async def due_before(connection: AsyncConnection, moment: datetime) -> list[Row[Any]]:
    query = select(promises).where(*_IS_OPEN, promises.c.due_at < moment)
    return list((await connection.execute(query.order_by(promises.c.due_at))).all())


async def overdue(connection: AsyncConnection, now: datetime) -> list[Row[Any]]:
    return await due_before(connection, now)


async def note_overdue(connection: AsyncConnection, promise_id: str, now: datetime) -> bool:
    """False if the staff knows already, or the promise was kept a moment ago."""
    query = update(promises).where(promises.c.id == promise_id, promises.c.overdue_told_at.is_(None), *_IS_OPEN)
    return (await connection.execute(query.values(overdue_told_at=now))).rowcount == 1


async def note_due_soon(connection: AsyncConnection, promise_id: str, now: datetime) -> bool:
    """False if the staff knows already, or the promise was kept a moment ago."""
    query = update(promises).where(promises.c.id == promise_id, promises.c.warned_at.is_(None), *_IS_OPEN)
    return (await connection.execute(query.values(warned_at=now))).rowcount == 1


async def keep(connection: AsyncConnection, promise_id: str, kept_seq: int) -> None:
    await connection.execute(update(promises).where(promises.c.id == promise_id).values(kept_seq=kept_seq))


async def withdraw(connection: AsyncConnection, promise_id: str, withdrawn_seq: int) -> None:
    await connection.execute(update(promises).where(promises.c.id == promise_id).values(withdrawn_seq=withdrawn_seq))


async def give_to(connection: AsyncConnection, promise_id: str, owner: str) -> None:
    await connection.execute(update(promises).where(promises.c.id == promise_id).values(owner=owner))


def _promise(row: Row[Any]) -> Promise:
    kept = row.kept_seq is not None
    return Promise(promise_id=row.id, kind=row.kind, text=row.text, due_at=row.due_at, owner=row.owner, kept=kept)
