"""Ready-made answers as stored: an empty owner means that everybody has them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import canned_replies
from handoff.views import CannedReply

SHARED = ""


async def for_agent(connection: AsyncConnection, agent_id: str) -> list[CannedReply]:
    """Everybody's and his own, in the order of a list."""
    c = canned_replies.c
    query = select(canned_replies).where(or_(c.owner == SHARED, c.owner == agent_id))
    return [_view(row) for row in await connection.execute(query.order_by(c.category, c.shortcut, c.id))]


async def get(connection: AsyncConnection, reply_id: str) -> tuple[CannedReply, str] | None:
    """The reply and its owner."""
    row = (await connection.execute(select(canned_replies).where(canned_replies.c.id == reply_id))).one_or_none()
    return None if row is None else (_view(row), row.owner)


async def add(connection: AsyncConnection, reply_id: str, now: datetime, **values: Any) -> bool:
    """False if the owner has this shortcut already."""
    return await _stored(connection, insert(canned_replies).values(id=reply_id, updated_at=now, **values))


async def change(connection: AsyncConnection, reply_id: str, now: datetime, **values: Any) -> bool:
    """False if the owner has this shortcut already."""
    changed = update(canned_replies).where(canned_replies.c.id == reply_id)
    return await _stored(connection, changed.values(updated_at=now, **values))


async def remove(connection: AsyncConnection, reply_id: str) -> None:
    await connection.execute(delete(canned_replies).where(canned_replies.c.id == reply_id))


async def _stored(connection: AsyncConnection, statement: Any) -> bool:
    try:
        async with connection.begin_nested():
            await connection.execute(statement)
    except IntegrityError:
        return False
    return True


def _view(row: Row[Any]) -> CannedReply:
    return CannedReply(
        id=row.id,
        shared=row.owner == SHARED,
        category=row.category,
        group=row.group_id,
        shortcut=row.shortcut,
        text=row.text,
        updated_at=row.updated_at,
    )
