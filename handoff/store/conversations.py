"""A conversation's own row: locked, changed under its version, and marked as changed for every desk's poll."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, func, insert, literal, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.audit import FIRST_HASH
from handoff.conversation import BOT
from handoff.tables import agents, conversations
from handoff.views import AgentName, Conversation, Head, Json

# Built once: SQLAlchemy takes longer to copy a table than SQLite to answer.
_marks = conversations.alias("marks")
_NEXT_IN_ORDER = select(func.coalesce(func.max(_marks.c.change_mark), 0) + 1).scalar_subquery()
_TRANSACTION_ID: ColumnElement[int] = literal_column("pg_current_xact_id()::text::bigint")


@dataclass
class Thread:
    """A conversation as stored, one member per column."""

    id: str
    customer_id: str
    channel: str
    locale: str
    page: Json
    holder: str
    holder_version: int
    holder_since: datetime
    head_seq: int
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    category: str | None
    rated: bool
    stars: int | None
    session: int
    session_turns: int
    session_from_seq: int
    bot_from_seq: int
    slots: Json
    bot_note: str | None
    group_id: str | None
    reason: str | None
    intent: str | None
    emotion: float | None
    attention: float | None
    waiting_since: datetime | None
    last_text: str
    last_at: datetime | None
    last_author: str | None
    unread: int
    row_revision: int
    change_mark: int
    handoff_id: str | None
    last_agent_id: str | None
    answered: bool
    unanswered_since: datetime | None
    snoozed_until: datetime | None
    alerted: Json
    customer_read_seq: int
    staff_read_seq: int
    audit_number: int
    audit_hash: str

    def copy(self) -> Thread:
        return dataclasses.replace(self)


def new_thread(conversation_id: str, customer_id: str, channel: str, locale: str, page: Json, now: datetime) -> Thread:
    return Thread(
        id=conversation_id,
        customer_id=customer_id,
        channel=channel,
        locale=locale,
        page=page,
        holder=BOT,
        holder_version=1,
        holder_since=now,
        head_seq=0,
        opened_at=now,
        closed_at=None,
        outcome=None,
        category=None,
        rated=False,
        stars=None,
        session=1,
        session_turns=0,
        session_from_seq=1,
        bot_from_seq=1,
        slots={},
        bot_note=None,
        group_id=None,
        reason=None,
        intent=None,
        emotion=None,
        attention=None,
        waiting_since=None,
        last_text="",
        last_at=None,
        last_author=None,
        unread=0,
        row_revision=1,
        change_mark=0,
        handoff_id=None,
        last_agent_id=None,
        answered=False,
        unanswered_since=None,
        snoozed_until=None,
        alerted={},
        customer_read_seq=0,
        staff_read_seq=0,
        audit_number=0,
        audit_hash=FIRST_HASH,
    )


def holder_is_agent() -> ColumnElement[bool]:
    return conversations.c.holder == literal("agent:") + agents.c.id


_THIS = conversations.c.id == bindparam("conversation_id")
_READ = select(*(conversations.c[member.name] for member in dataclasses.fields(Thread))).where(_THIS)
_LOCK = _READ.with_for_update()
_HEAD_SEQ = select(conversations.c.head_seq).where(_THIS)
_VIEW = (
    select(conversations, agents.c.name.label("agent_name"), agents.c.id.label("agent_id"))
    .outerjoin(agents, holder_is_agent())
    .where(_THIS)
)


class Overtaken(Exception):
    """The row is not as it was read: under its lock this cannot be, so it is a bug and nothing is stored."""


async def add(connection: AsyncConnection, thread: Thread) -> None:
    values = {**dataclasses.asdict(thread), "change_mark": _next_mark(connection.dialect.name)}
    await connection.execute(insert(conversations).values(values))


async def lock(connection: AsyncConnection, conversation_id: str) -> Thread | None:
    row = (await connection.execute(_LOCK, {"conversation_id": conversation_id})).one_or_none()
    return None if row is None else Thread(*row)


async def read(connection: AsyncConnection, conversation_id: str) -> Thread | None:
    row = (await connection.execute(_READ, {"conversation_id": conversation_id})).one_or_none()
    return None if row is None else Thread(*row)


async def save(connection: AsyncConnection, before: Thread, after: Thread, *, touched: bool = False) -> bool:
    """Stores what changed, on condition that holder and log are still as they were read; False if nothing did.

    `touched` marks the row as changed although only something shown beside it (a draft) has.
    """
    changed: dict[str, Any] = {
        field.name: getattr(after, field.name)
        for field in dataclasses.fields(after)
        if getattr(after, field.name) != getattr(before, field.name)
    }
    if not changed and not touched:
        return False
    changed["row_revision"] = before.row_revision + 1
    as_read = {"read_id": before.id, "read_version": before.holder_version, "read_head": before.head_seq}
    query = _saving(tuple(changed), connection.dialect.name)
    if (await connection.execute(query, changed | as_read)).rowcount != 1:
        raise Overtaken(before.id)
    return True


@lru_cache(maxsize=512)
def _saving(columns: tuple[str, ...], dialect: str) -> Update:
    """The few combinations of columns that ever change together, each put together once."""
    return (
        update(conversations)
        .where(
            conversations.c.id == bindparam("read_id"),
            conversations.c.holder_version == bindparam("read_version"),
            conversations.c.head_seq == bindparam("read_head"),
        )
        .values({name: bindparam(name) for name in columns} | {"change_mark": _next_mark(dialect)})
    )


async def view(connection: AsyncConnection, conversation_id: str) -> Conversation | None:
    row = (await connection.execute(_VIEW, {"conversation_id": conversation_id})).one_or_none()
    if row is None:
        return None
    return Conversation(
        id=row.id,
        customer_id=row.customer_id,
        channel=row.channel,
        holder=row.holder,
        holder_version=row.holder_version,
        agent=AgentName(id=row.agent_id, name=row.agent_name) if row.agent_id else None,
        head_seq=row.head_seq,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        rated=row.rated,
    )


async def head_seq(connection: AsyncConnection, conversation_id: str) -> int | None:
    seq: int | None = (await connection.execute(_HEAD_SEQ, {"conversation_id": conversation_id})).scalar_one_or_none()
    return seq


async def heads(connection: AsyncConnection, ids: list[str]) -> dict[str, Head]:
    columns = conversations.c
    query = select(columns.id, columns.head_seq, columns.holder_version, columns.row_revision).where(
        columns.id.in_(ids)
    )
    return {
        row.id: Head(head_seq=row.head_seq, holder_version=row.holder_version, row_revision=row.row_revision)
        for row in await connection.execute(query)
    }


async def latest_of(connection: AsyncConnection, customer_id: str) -> Thread | None:
    query = (
        select(conversations)
        .where(conversations.c.customer_id == customer_id)
        .order_by(conversations.c.opened_at.desc(), conversations.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Thread(**row._mapping)


async def of_customer(
    connection: AsyncConnection, customer_id: str, before: datetime | None = None, limit: int = 20
) -> list[Thread]:
    """Those in which something was said, newest first."""
    query = select(conversations).where(conversations.c.customer_id == customer_id, conversations.c.head_seq > 0)
    if before is not None:
        query = query.where(conversations.c.opened_at < before)
    query = query.order_by(conversations.c.opened_at.desc(), conversations.c.id.desc()).limit(limit)
    return [Thread(**row._mapping) for row in await connection.execute(query)]


async def held_by_agents(connection: AsyncConnection) -> list[Thread]:
    query = select(conversations).where(conversations.c.holder.startswith("agent:", autoescape=True))
    return [Thread(**row._mapping) for row in await connection.execute(query)]


async def idle_with_bot(connection: AsyncConnection, before: datetime, limit: int = 100) -> list[str]:
    """Conversations that the bot holds and in which nobody has said anything since."""
    query = select(conversations.c.id).where(conversations.c.holder == BOT, conversations.c.last_at < before)
    return list((await connection.execute(query.order_by(conversations.c.last_at).limit(limit))).scalars())


async def snoozed_before(connection: AsyncConnection, now: datetime) -> list[str]:
    query = select(conversations.c.id).where(conversations.c.snoozed_until <= now)
    return list((await connection.execute(query)).scalars())


async def is_served_by(connection: AsyncConnection, customer_id: str, agent_id: str) -> bool:
    query = select(conversations.c.id).where(
        conversations.c.customer_id == customer_id, conversations.c.holder == f"agent:{agent_id}"
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def ids_of(connection: AsyncConnection, customer_id: str) -> list[str]:
    query = select(conversations.c.id).where(conversations.c.customer_id == customer_id).order_by(conversations.c.id)
    return list((await connection.execute(query)).scalars())


def _next_mark(dialect: str) -> ColumnElement[int]:
    """SQLite has one writer, so counting is in commit order; on PostgreSQL only transaction ids can be told apart
    from ones that have not committed yet (see rows.changed)."""
    if dialect == "sqlite":
        return _NEXT_IN_ORDER
    return _TRANSACTION_ID
