"""The log: events appended under the conversation's lock, and read in pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.events import RECALLED_BODY
from handoff.tables import events
from handoff.views import Author, Event

_IN_CONVERSATION = events.c.conversation_id == bindparam("conversation_id")
_APPEND = insert(events)
_SENT_BEFORE = select(events.c.id, events.c.seq, events.c.fingerprint).where(
    _IN_CONVERSATION, events.c.client_msg_id == bindparam("client_msg_id")
)
_GET = select(events).where(_IN_CONVERSATION, events.c.seq == bindparam("seq"))
_AFTER = (
    select(events)
    .where(_IN_CONVERSATION, events.c.seq > bindparam("seq"))
    .order_by(events.c.seq)
    .limit(bindparam("limit"))
)
_CUSTOMER_MESSAGES = (
    select(events)
    .where(_IN_CONVERSATION, events.c.seq >= bindparam("first_seq"), events.c.seq < bindparam("below_seq"))
    .where(events.c.kind == "message", events.c.author_role == "customer", events.c.recalled_by.is_(None))
    .order_by(events.c.seq.desc())
    .limit(bindparam("limit"))
)


async def append(connection: AsyncConnection, event: Event, fingerprint: str | None) -> None:
    row = {
        "conversation_id": event.conversation_id,
        "seq": event.seq,
        "id": event.id,
        "kind": event.kind,
        "at": event.at,
        "author_role": event.author.role,
        "author_id": event.author.id,
        "author_name": event.author.name,
        "client_msg_id": event.client_msg_id,
        "fingerprint": fingerprint,
        "audience": event.audience,
        "body": event.body,
    }
    await connection.execute(_APPEND, row)


async def sent_before(
    connection: AsyncConnection, conversation_id: str, client_msg_id: str
) -> tuple[str, int, str | None] | None:
    """Id, seq and fingerprint of what was stored under the client's id."""
    sent = {"conversation_id": conversation_id, "client_msg_id": client_msg_id}
    row = (await connection.execute(_SENT_BEFORE, sent)).one_or_none()
    return None if row is None else (row.id, row.seq, row.fingerprint)


async def get(connection: AsyncConnection, conversation_id: str, seq: int) -> Event | None:
    row = (await connection.execute(_GET, {"conversation_id": conversation_id, "seq": seq})).one_or_none()
    return None if row is None else _event(row)


async def after(connection: AsyncConnection, conversation_id: str, seq: int, limit: int) -> list[Event]:
    page = {"conversation_id": conversation_id, "seq": seq, "limit": limit}
    return [_event(row) for row in await connection.execute(_AFTER, page)]


async def before(connection: AsyncConnection, conversation_id: str, seq: int, limit: int) -> list[Event]:
    query = _of(conversation_id).where(events.c.seq < seq).order_by(events.c.seq.desc()).limit(limit)
    return [_event(row) for row in await connection.execute(query)][::-1]


async def of_kinds(connection: AsyncConnection, conversation_id: str, kinds: Sequence[str]) -> list[Event]:
    query = _of(conversation_id).where(events.c.kind.in_(kinds)).order_by(events.c.seq)
    return [_event(row) for row in await connection.execute(query)]


async def customer_messages(
    connection: AsyncConnection, conversation_id: str, first_seq: int, below_seq: int, limit: int
) -> list[Event]:
    """The customer's last messages from `first_seq` on and before `below_seq`, oldest first."""
    lines = {"conversation_id": conversation_id, "first_seq": first_seq, "below_seq": below_seq, "limit": limit}
    return [_event(row) for row in await connection.execute(_CUSTOMER_MESSAGES, lines)][::-1]


async def count_unread(connection: AsyncConnection, conversation_id: str, read_seq: int) -> int:
    query = select(func.count()).where(
        events.c.conversation_id == conversation_id,
        events.c.kind == "message",
        events.c.author_role == "customer",
        events.c.seq > read_seq,
    )
    return int((await connection.execute(query)).scalar_one())


async def last_seq_of_kinds(connection: AsyncConnection, conversation_id: str, kinds: Sequence[str]) -> int | None:
    query = select(func.max(events.c.seq)).where(events.c.conversation_id == conversation_id, events.c.kind.in_(kinds))
    found: int | None = (await connection.execute(query)).scalar_one()
    return found


async def withdraw(connection: AsyncConnection, conversation_id: str, seq: int, by_seq: int) -> bool:
    query = (
        update(events)
        .where(events.c.conversation_id == conversation_id, events.c.seq == seq, events.c.recalled_by.is_(None))
        .values(recalled_by=by_seq)
    )
    return (await connection.execute(query)).rowcount == 1


def _of(conversation_id: str) -> Select[Any]:
    return select(events).where(events.c.conversation_id == conversation_id)


def _event(row: Row[Any]) -> Event:
    return Event(
        conversation_id=row.conversation_id,
        seq=row.seq,
        id=row.id,
        kind=row.kind,
        at=row.at,
        author=Author(role=row.author_role, id=row.author_id, name=row.author_name),
        client_msg_id=row.client_msg_id,
        audience=row.audience,
        body=row.body if row.recalled_by is None else RECALLED_BODY,
    )
