"""Work that a stored message owes: written with it, taken under a lease, done once whoever does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, bindparam, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import Moment, outbox
from handoff.views import Json

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


_earlier = outbox.alias("earlier")
_stands_behind = exists().where(
    and_(
        _earlier.c.done_at.is_(None),
        _earlier.c.kind == outbox.c.kind,
        _earlier.c.conversation_id == outbox.c.conversation_id,
        _earlier.c.seq < outbox.c.seq,
    )
)
# Nobody works on it, and it is the oldest of its kind in its conversation: turns never overlap.
_FREE = (
    outbox.c.kind.in_(bindparam("kinds", expanding=True)),
    outbox.c.done_at.is_(None),
    or_(outbox.c.leased_until.is_(None), outbox.c.leased_until < bindparam("now", type_=Moment)),
    ~_stands_behind,
)
_COLUMNS = [outbox.c[member.name] for member in fields(Due)]
_OLDEST_FIRST = (outbox.c.created_at, outbox.c.id)

# Built once, here and in the other modules: SQLAlchemy takes longer to put a statement together than SQLite to run it.
_ADD = insert(outbox)
_ANY_UNDONE = (
    select(outbox.c.id)
    .where(outbox.c.conversation_id == bindparam("conversation_id"), outbox.c.kind == bindparam("kind"))
    .where(outbox.c.done_at.is_(None))
    .limit(1)
)
_ANY_FREE = select(outbox.c.id).where(*_FREE).limit(1)
_TAKE = (
    select(*_COLUMNS)
    .where(*_FREE)
    .order_by(*_OLDEST_FIRST)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=outbox)
)
_TAKE_OVERDUE = _TAKE.where(
    outbox.c.created_at < bindparam("overdue_before", type_=Moment),
    outbox.c.id.not_in(bindparam("taken", expanding=True)),
)
_LEASE = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("taken", expanding=True)))
    .values(leased_by=bindparam("node"), leased_until=bindparam("until"), attempts=outbox.c.attempts + 1)
)
_FINISH = (
    update(outbox)
    .where(outbox.c.id == bindparam("work_id"), outbox.c.done_at.is_(None))
    .values(done_at=bindparam("now"), outcome=bindparam("how"))
    .returning(outbox.c.holder_version)
)
MOST_OVERDUE = 100


async def add(
    connection: AsyncConnection, work: Due, leased_by: str | None = None, leased_until: datetime | None = None
) -> None:
    await connection.execute(_ADD, {**asdict(work), "leased_by": leased_by, "leased_until": leased_until})


async def anything_undone(connection: AsyncConnection, conversation_id: str, kind: Kind) -> bool:
    which = {"conversation_id": conversation_id, "kind": kind}
    return (await connection.execute(_ANY_UNDONE, which)).first() is not None


async def anything_free(connection: AsyncConnection, kinds: Sequence[Kind], now: datetime) -> bool:
    return (await connection.execute(_ANY_FREE, {"kinds": kinds, "now": now})).first() is not None


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
    which = {"kinds": kinds, "now": now, "limit": limit}
    found = [Due(*row) for row in await connection.execute(_TAKE, which)] if limit > 0 else []
    if len(found) == max(0, limit):
        beyond = {"overdue_before": overdue_before, "taken": [due.id for due in found], "limit": MOST_OVERDUE}
        found += [Due(*row) for row in await connection.execute(_TAKE_OVERDUE, which | beyond)]
    if found:
        lease = {"taken": [due.id for due in found], "node": node, "until": leased_until}
        await connection.execute(_LEASE, lease)
    return [replace(due, attempts=due.attempts + 1) for due in found]


async def finish(connection: AsyncConnection, work_id: str, outcome: str, now: datetime) -> int | None:
    """The holder version it was asked under; None if it was done before, by whomever: then nothing of this attempt
    may be stored."""
    done = await connection.execute(_FINISH, {"work_id": work_id, "how": outcome, "now": now})
    found: int | None = done.scalar_one_or_none()
    return found


async def adopt(connection: AsyncConnection, work_id: str, holder_version: int) -> None:
    """The holder had changed before the work began; its result is judged by the one it begins under."""
    query = update(outbox).where(outbox.c.id == work_id, outbox.c.done_at.is_(None))
    await connection.execute(query.values(holder_version=holder_version))


async def drop_leases(connection: AsyncConnection, node: str | None = None) -> None:
    """Those of one desk that is going home, or of all where there is only one."""
    query = update(outbox).where(outbox.c.done_at.is_(None), outbox.c.leased_by.is_not(None))
    if node is not None:
        query = query.where(outbox.c.leased_by == node)
    await connection.execute(query.values(leased_by=None, leased_until=None))


async def undone(connection: AsyncConnection, conversation_id: str | None = None) -> list[Due]:
    query = select(*_COLUMNS).where(outbox.c.done_at.is_(None)).order_by(outbox.c.seq)
    if conversation_id is not None:
        query = query.where(outbox.c.conversation_id == conversation_id)
    return [Due(*row) for row in await connection.execute(query)]
