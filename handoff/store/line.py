"""The waiting line and the decisions that filled it: one live queue row per conversation, by its primary key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import conversations, customers, handoffs, queue
from handoff.views import Json

# Enough for steady quantiles, few enough to follow the day.
MEASURED_CONVERSATIONS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """One live row of the queue."""

    conversation_id: str
    handoff_id: str
    group_id: str
    severity: int
    waiting_since: datetime
    place: datetime
    preferred_agent_id: str | None = None
    reminders: int = 0
    in_group_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handoff:
    """A decision to fetch a person, as it was taken."""

    id: str
    conversation_id: str
    seq: int
    at: datetime
    reason: str
    reasons: list[Json]
    severity: int
    group_id: str
    inputs: Json


async def enter(connection: AsyncConnection, place: Place) -> None:
    await connection.execute(insert(queue).values(asdict(place)))


async def places(connection: AsyncConnection) -> list[Place]:
    return [Place(**row._mapping) for row in await connection.execute(select(queue).order_by(queue.c.place))]


async def note_reminder(connection: AsyncConnection, conversation_id: str, reminders: int) -> None:
    changed = update(queue).where(queue.c.conversation_id == conversation_id)
    await connection.execute(changed.values(reminders=reminders))


async def leave(connection: AsyncConnection, conversation_id: str) -> None:
    await connection.execute(delete(queue).where(queue.c.conversation_id == conversation_id))


async def place_of(connection: AsyncConnection, conversation_id: str) -> Place | None:
    row = (await connection.execute(select(queue).where(queue.c.conversation_id == conversation_id))).one_or_none()
    return None if row is None else Place(**row._mapping)


async def count_ahead(connection: AsyncConnection, group_id: str, place: datetime, conversation_id: str) -> int:
    query = select(func.count()).where(
        queue.c.group_id == group_id,
        or_(queue.c.place < place, and_(queue.c.place == place, queue.c.conversation_id < conversation_id)),
    )
    return int((await connection.execute(query)).scalar_one())


async def length_of(connection: AsyncConnection, group_id: str) -> int:
    query = select(func.count()).where(queue.c.group_id == group_id)
    return int((await connection.execute(query)).scalar_one())


async def without_place(connection: AsyncConnection) -> list[str]:
    """Conversations that say they wait but stand in no line: must be none, ever."""
    query = select(conversations.c.id).where(
        conversations.c.holder == literal("queue"), ~exists().where(queue.c.conversation_id == conversations.c.id)
    )
    return list((await connection.execute(query)).scalars())


async def places_of_nobody(connection: AsyncConnection) -> list[str]:
    """Places in line whose conversation does not wait: must be none, ever."""
    query = (
        select(queue.c.conversation_id)
        .join(conversations, conversations.c.id == queue.c.conversation_id)
        .where(conversations.c.holder != literal("queue"))
    )
    return list((await connection.execute(query)).scalars())


async def record(connection: AsyncConnection, handoff: Handoff) -> None:
    await connection.execute(insert(handoffs).values(asdict(handoff)))


async def handoff(connection: AsyncConnection, handoff_id: str) -> Row[Any] | None:
    return (await connection.execute(select(handoffs).where(handoffs.c.id == handoff_id))).one_or_none()


async def note_first_answer(connection: AsyncConnection, handoff_id: str, now: datetime) -> None:
    first = update(handoffs).where(handoffs.c.id == handoff_id, handoffs.c.first_answer_at.is_(None))
    await connection.execute(first.values(first_answer_at=now))


async def served(connection: AsyncConnection) -> list[Row[Any]]:
    """Conversations that wait for a person or are with one, with what their service clocks are read from."""
    query = (
        select(
            conversations.c.id,
            conversations.c.group_id,
            conversations.c.unanswered_since,
            conversations.c.snoozed_until,
            conversations.c.alerted,
            customers.c.level,
            handoffs.c.at,
            handoffs.c.first_answer_at,
        )
        .join(handoffs, handoffs.c.id == conversations.c.handoff_id)
        .join(customers, customers.c.id == conversations.c.customer_id)
        .where(or_(conversations.c.holder == literal("queue"), conversations.c.holder.startswith("agent:")))
        .where(handoffs.c.ended_at.is_(None))
    )
    rows: Sequence[Row[Any]] = (await connection.execute(query)).all()  # type: ignore[assignment]
    return list(rows)


async def note_on(connection: AsyncConnection, handoff_id: str, **changes: Any) -> bool:
    query = update(handoffs).where(handoffs.c.id == handoff_id).values(changes)
    return (await connection.execute(query)).rowcount == 1


async def measured_seconds(connection: AsyncConnection, group_id: str) -> tuple[list[float], list[float]]:
    """Seconds from claim to end and from hand-over to claim, of the group's last conversations."""
    query = (
        select(handoffs.c.at, handoffs.c.claimed_at, handoffs.c.ended_at)
        .where(handoffs.c.group_id == group_id, handoffs.c.ended_at.is_not(None), handoffs.c.claimed_at.is_not(None))
        .order_by(handoffs.c.ended_at.desc())
        .limit(MEASURED_CONVERSATIONS)
    )
    rows = (await connection.execute(query)).all()
    service = [(row.ended_at - row.claimed_at).total_seconds() for row in rows]
    pick_up = [(row.claimed_at - row.at).total_seconds() for row in rows]
    return service, pick_up
