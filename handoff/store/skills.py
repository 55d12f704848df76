"""What dispatch reads of agents and groups: levels, loads, and which groups are given their customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.dispatch import Hand
from handoff.store.conversations import holder_is_agent
from handoff.tables import agent_groups, agents, groups


async def hands(connection: AsyncConnection) -> list[Hand]:
    active = select(func.count()).where(holder_is_agent()).correlate(agents).scalar_subquery()
    levels = await levels_of(connection)
    query = select(agents.c.id, agents.c.capacity, agents.c.presence, active.label("active")).order_by(agents.c.id)
    return [
        Hand(row.id, levels.get(row.id, {}), row.active, row.capacity, row.presence == "online")
        for row in await connection.execute(query)
    ]


async def levels_of(connection: AsyncConnection, agent_id: str | None = None) -> dict[str, dict[str, int]]:
    """Agent → group → level."""
    query = select(agent_groups).order_by(agent_groups.c.group_id)
    if agent_id is not None:
        query = query.where(agent_groups.c.agent_id == agent_id)
    levels: dict[str, dict[str, int]] = {}
    for row in await connection.execute(query):
        levels.setdefault(row.agent_id, {})[row.group_id] = row.level
    return levels


async def put_levels(connection: AsyncConnection, agent_id: str, levels: Mapping[str, int]) -> None:
    """From now on this agent works in these groups and no others."""
    await connection.execute(delete(agent_groups).where(agent_groups.c.agent_id == agent_id))
    for group_id, level in levels.items():
        await connection.execute(insert(agent_groups).values(agent_id=agent_id, group_id=group_id, level=level))


async def note_on(connection: AsyncConnection, agent_id: str, **changes: Any) -> None:
    if changes:
        await connection.execute(update(agents).where(agents.c.id == agent_id).values(changes))


async def groups_given_their_customers(connection: AsyncConnection) -> set[str]:
    """Groups whose waiting customers are assigned; in the others agents take them."""
    return set((await connection.execute(select(groups.c.id).where(groups.c.assignment == "automatic"))).scalars())


async def off_duty(connection: AsyncConnection) -> dict[str, str]:
    """Whoever is offline, and what is said about it."""
    query = select(agents.c.id, agents.c.presence_reason).where(agents.c.presence == "offline")
    return {row.id: row.presence_reason for row in await connection.execute(query)}


async def group_ids(connection: AsyncConnection) -> set[str]:
    return set((await connection.execute(select(groups.c.id))).scalars())
