"""Work that a stored message owes: written with it, taken under a lease, done once whoever does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, and_, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import outbox
from handoff.views import Json

_earlier = outbox.alias("earlier")

Kind = Literal["bot_turn", "order_snapshot", "customer_refresh"]


@dataclass(frozen=True, slots=True)
class Due:
    """One piece of work; a bot turn's id is the row's id, the same at every attempt."""

    id: str
    conversation_id: str
    kind: str
    seq: int
    holder_version: int
    body: Json
    created_at: datetime
    attempts: int


async def add(
    connection: AsyncConnection,
    work_id: str,
    conversation_id: str,
    kind: Kind,
    seq: int,
    holder_version: int,
    body: Json,
    now: datetime,
) -> None:
    await connection.execute(
        insert(outbox).values(
            id=work_id,
            conversation_id=conversation_id,
            kind=kind,
            seq=seq,
            holder_version=holder_version,
            body=body,
            created_at=now,
            attempts=0,
        )
    )


async def anything_free(connection: AsyncConnection, kinds: Sequence[Kind], now: datetime) -> bool:
    return (await connection.execute(_free(kinds, now).limit(1))).first() is not None


async def take(
    connection: AsyncConnection,
    kinds: Sequence[Kind],
    node: str,
    now: datetime,
    leased_until: datetime,
    limit: int,
    overdue_before: datetime,
) -> list[Due]:
    """Leases up to `limit` pieces, and beyond the limit all that have waited since `overdue_before`."""
    lease = {"leased_by": node, "leased_until": leased_until, "attempts": outbox.c.attempts + 1}
    ids: list[str] = []
    if limit > 0:
        ids += (await connection.execute(_locked(_free(kinds, now).limit(limit)))).scalars()
    overdue = _free(kinds, now).where(outbox.c.created_at < overdue_before, outbox.c.id.not_in(ids))
    ids += (await connection.execute(_locked(overdue.limit(100)))).scalars()
    if not ids:
        return []
    await connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(lease))
    query = select(*_columns()).where(outbox.c.id.in_(ids)).order_by(outbox.c.created_at, outbox.c.id)
    return [Due(*row) for row in await connection.execute(query)]


async def finish(connection: AsyncConnection, work_id: str, outcome: str, now: datetime) -> bool:
    """False if it was done before, by whomever: then nothing of this attempt may be stored."""
    query = update(outbox).where(outbox.c.id == work_id, outbox.c.done_at.is_(None))
    return (await connection.execute(query.values(done_at=now, outcome=outcome))).rowcount == 1


async def adopt(connection: AsyncConnection, work_id: str, holder_version: int) -> None:
    """The holder had changed before the work began; its result is judged by the one it begins under."""
    query = update(outbox).where(outbox.c.id == work_id, outbox.c.done_at.is_(None))
    await connection.execute(query.values(holder_version=holder_version))


async def asked_under(connection: AsyncConnection, work_id: str) -> int | None:
    found: int | None = (
        await connection.execute(select(outbox.c.holder_version).where(outbox.c.id == work_id))
    ).scalar_one_or_none()
    return found


async def drop_leases(connection: AsyncConnection, node: str | None = None) -> None:
    """Those of one desk that is going home, or of all where there is only one."""
    query = update(outbox).where(outbox.c.done_at.is_(None), outbox.c.leased_by.is_not(None))
    if node is not None:
        query = query.where(outbox.c.leased_by == node)
    await connection.execute(query.values(leased_by=None, leased_until=None))


async def undone(connection: AsyncConnection, conversation_id: str | None = None) -> list[Due]:
    query = select(*_columns()).where(outbox.c.done_at.is_(None)).order_by(outbox.c.seq)
    if conversation_id is not None:
        query = query.where(outbox.c.conversation_id == conversation_id)
    return [Due(*row) for row in await connection.execute(query)]


def _free(kinds: Sequence[Kind], now: datetime) -> Select[Any]:
    """Nobody works on it, and it is the oldest of its kind in its conversation: turns never overlap."""
    earlier = _earlier
    stands_behind = exists().where(
        and_(
            earlier.c.done_at.is_(None),
            earlier.c.kind == outbox.c.kind,
            earlier.c.conversation_id == outbox.c.conversation_id,
            earlier.c.seq < outbox.c.seq,
        )
    )
    return (
        select(outbox.c.id)
        .where(outbox.c.kind.in_(kinds))
        .where(outbox.c.done_at.is_(None), or_(outbox.c.leased_until.is_(None), outbox.c.leased_until < now))
        .where(~stands_behind)
        .order_by(outbox.c.created_at, outbox.c.id)
    )


def _locked(query: Select[Any]) -> Select[Any]:
    return query.with_for_update(skip_locked=True, of=outbox)


def _columns() -> Sequence[Any]:
    c = outbox.c
    return (c.id, c.conversation_id, c.kind, c.seq, c.holder_version, c.body, c.created_at, c.attempts)
