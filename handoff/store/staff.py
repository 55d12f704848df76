"""Agents, their groups, their presence and how many customers each of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.assignment import Load
from handoff.routing import GROUPS, Staffing
from handoff.store.conversations import holder_is_agent
from handoff.tables import agent_groups, agents, conversations, drafts, groups, queue
from handoff.views import Agent, Group

# The reasons that the desk itself gives for an agent's absence; he comes back as what he was.
LINE_CUT = "连接断开"
LINE_CUT_WHEN_BUSY = "连接断开（之前忙碌）"
LINE_CUTS = (LINE_CUT, LINE_CUT_WHEN_BUSY)


@dataclass(frozen=True, slots=True)
class Member:
    """An agent as the desk needs him to decide."""

    id: str
    name: str
    presence: str
    capacity: int
    seen_at: datetime | None
    gone_since: datetime | None


async def ensure_groups(connection: AsyncConnection, names: dict[str, str] | None = None) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for group_id, name in (names or GROUPS).items():
        query = dialect.insert(groups).values(id=group_id, name=name).on_conflict_do_nothing()
        await connection.execute(query)


async def put(
    connection: AsyncConnection, member: Member, roles: list[str], in_groups: list[str], now: datetime
) -> None:
    """Adds an agent, or renames and regroups the one with that id; presence of a known one stays."""
    known = await get(connection, member.id)
    if known is None:
        await connection.execute(
            insert(agents).values(
                id=member.id,
                name=member.name,
                roles=roles,
                capacity=member.capacity,
                presence=member.presence,
                presence_reason="",
                created_at=now,
            )
        )
    else:
        values = {"name": member.name, "roles": roles, "capacity": member.capacity}
        await connection.execute(update(agents).where(agents.c.id == member.id).values(values))
        await connection.execute(delete(agent_groups).where(agent_groups.c.agent_id == member.id))
    await ensure_groups(connection, {group: GROUPS.get(group, group) for group in in_groups})
    for group in dict.fromkeys(in_groups):
        await connection.execute(insert(agent_groups).values(agent_id=member.id, group_id=group, level=1))


async def get(connection: AsyncConnection, agent_id: str, *, lock: bool = False) -> Member | None:
    """With `lock`, nobody else can give this agent a customer until the transaction ends."""
    columns = agents.c
    query = select(
        columns.id, columns.name, columns.presence, columns.capacity, columns.seen_at, columns.gone_since
    ).where(columns.id == agent_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else Member(*row)


async def members(connection: AsyncConnection) -> list[Member]:
    columns = agents.c
    query = select(
        columns.id, columns.name, columns.presence, columns.capacity, columns.seen_at, columns.gone_since
    ).order_by(columns.id)
    return [Member(*row) for row in await connection.execute(query)]


async def note_on(connection: AsyncConnection, agent_id: str, **changes: Any) -> bool:
    query = update(agents).where(agents.c.id == agent_id).values(changes)
    return (await connection.execute(query)).rowcount == 1


async def show_away(connection: AsyncConnection, agent_id: str) -> bool:
    """Offline because his line is cut, if he was there by his own word."""
    when_busy = case((agents.c.presence == "busy", LINE_CUT_WHEN_BUSY), else_=LINE_CUT)
    query = (
        update(agents)
        .where(agents.c.id == agent_id, agents.c.presence != "offline")
        .values(presence_reason=when_busy, presence="offline")
    )
    return (await connection.execute(query)).rowcount == 1


async def give_up(connection: AsyncConnection, agent_id: str) -> None:
    """The grace is over: until he is heard of again nothing more is waited for."""
    await show_away(connection, agent_id)
    await note_on(connection, agent_id, seen_at=None, gone_since=None)


async def show_back(connection: AsyncConnection, agent_id: str) -> str | None:
    """As what he was, if it was the desk that had shown him as away; what an agent says of himself stays."""
    was = case((agents.c.presence_reason == LINE_CUT_WHEN_BUSY, "busy"), else_="online")
    query = (
        update(agents)
        .where(agents.c.id == agent_id, agents.c.presence == "offline", agents.c.presence_reason.in_(LINE_CUTS))
        .values(presence=was, presence_reason="")
        .returning(agents.c.presence)
    )
    presence: str | None = (await connection.execute(query)).scalar_one_or_none()
    return presence


async def load_of(connection: AsyncConnection, agent_id: str, capacity: int) -> Load:
    query = select(func.count()).where(conversations.c.holder == f"agent:{agent_id}")
    return Load(int((await connection.execute(query)).scalar_one()), capacity)


async def views_of(connection: AsyncConnection, ids: Sequence[str] | None = None) -> list[Agent]:
    query = _with_active()
    memberships = select(agent_groups.c.agent_id, agent_groups.c.group_id).order_by(agent_groups.c.group_id)
    if ids is not None:
        query = query.where(agents.c.id.in_(ids))
        memberships = memberships.where(agent_groups.c.agent_id.in_(ids))
    of_agent: dict[str, list[str]] = {}
    for membership in await connection.execute(memberships):
        of_agent.setdefault(membership.agent_id, []).append(membership.group_id)
    rows = await connection.execute(query.order_by(agents.c.name, agents.c.id))
    return [_agent(row, of_agent.get(row.id, [])) for row in rows]


async def group_views(connection: AsyncConnection) -> list[Group]:
    waiting = select(func.count()).where(queue.c.group_id == groups.c.id).scalar_subquery()
    online = (
        select(func.count())
        .select_from(agent_groups.join(agents, agents.c.id == agent_groups.c.agent_id))
        .where(agent_groups.c.group_id == groups.c.id, agents.c.presence == "online")
        .scalar_subquery()
    )
    query = select(groups.c.id, groups.c.name, waiting.label("waiting"), online.label("online")).order_by(groups.c.id)
    rows = await connection.execute(query)
    return [Group(id=row.id, name=row.name, waiting=row.waiting, online=row.online) for row in rows]


async def group_name(connection: AsyncConnection, group_id: str) -> str | None:
    query = select(groups.c.name).where(groups.c.id == group_id)
    name: str | None = (await connection.execute(query)).scalar_one_or_none()
    return name


async def staffing(connection: AsyncConnection) -> dict[str, Staffing]:
    """Per group: how many work there, and how many of them are on duty (a busy agent is)."""
    on_duty = func.sum(case((agents.c.presence == "offline", 0), else_=1))
    query = (
        select(agent_groups.c.group_id, func.count().label("all"), on_duty.label("on_duty"))
        .join(agents, agents.c.id == agent_groups.c.agent_id)
        .group_by(agent_groups.c.group_id)
    )
    return {row.group_id: Staffing(int(row.all), int(row.on_duty)) for row in await connection.execute(query)}


async def places_and_taken(connection: AsyncConnection, group_id: str) -> tuple[int, int]:
    """Capacity of the group's online agents together, and how much of it is used."""
    query = (
        _with_active()
        .join(agent_groups, agent_groups.c.agent_id == agents.c.id)
        .where(agent_groups.c.group_id == group_id, agents.c.presence == "online")
    )
    rows = (await connection.execute(query)).all()
    return sum(row.capacity for row in rows), sum(min(row.active, row.capacity) for row in rows)


async def put_draft(connection: AsyncConnection, conversation_id: str, agent_id: str, text: str) -> None:
    of_both = (drafts.c.conversation_id == conversation_id, drafts.c.agent_id == agent_id)
    await connection.execute(delete(drafts).where(*of_both))
    if text:
        values = {"conversation_id": conversation_id, "agent_id": agent_id, "text": text}
        await connection.execute(insert(drafts).values(values))


def _with_active() -> Select[Any]:
    active = select(func.count()).where(holder_is_agent()).correlate(agents).scalar_subquery()
    return select(agents, active.label("active"))


def _agent(row: Row[Any], in_groups: list[str]) -> Agent:
    return Agent(
        id=row.id,
        name=row.name,
        roles=row.roles,
        groups=in_groups,
        presence=row.presence,
        presence_reason=row.presence_reason,
        capacity=row.capacity,
        active=row.active,
    )
