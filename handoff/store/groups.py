"""Groups as they are run: hours, holidays, who helps out, how long the line may be, which standards hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.hours import Hours, read_hours
from handoff.tables import groups
from handoff.views import Json


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """One group as stored; None stands for the desk's usual."""

    id: str
    name: str
    hours: Hours
    overflow_to: str | None
    overflow_seconds: int | None
    queue_limit: int | None
    standards: Json | None
    assignment: str | None
    languages: tuple[str, ...] = ()


async def plans(connection: AsyncConnection) -> dict[str, GroupPlan]:
    return {
        row.id: GroupPlan(
            row.id,
            row.name,
            read_hours(row.hours, row.holidays),
            row.overflow_to,
            row.overflow_seconds,
            row.queue_limit,
            row.standards,
            row.assignment,
            tuple(row.languages or ()),
        )
        for row in await connection.execute(select(groups))
    }


async def note_on(connection: AsyncConnection, group_id: str, **changes: Any) -> bool:
    query = update(groups).where(groups.c.id == group_id).values(changes)
    return (await connection.execute(query)).rowcount == 1
