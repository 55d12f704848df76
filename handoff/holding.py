"""Who acts on a conversation, looked up inside its change: the holding agent, any agent, one who has room."""

from __future__ import annotations

from handoff.assignment import require_room
from handoff.change import Change
from handoff.conversation import holding_agent
from handoff.errors import NotFound, NotHolder
from handoff.store import staff
from handoff.store.staff import Member
from handoff.views import Author


async def name_of(change: Change, agent_id: str) -> str:
    member = await staff.get(change.connection, agent_id)
    if member is None:
        raise NotFound("没有这位客服")
    return member.name


async def author_of(change: Change, agent_id: str) -> Author:
    return Author(role="agent", id=agent_id, name=await name_of(change, agent_id))


async def holding_author(change: Change, agent_id: str) -> Author:
    """NotHolder unless this agent holds the conversation now."""
    if holding_agent(change.thread.holder) != agent_id:
        raise NotHolder
    return await author_of(change, agent_id)


async def with_room(change: Change, agent_id: str) -> Member:
    """Locks the agent, so that two claims at once cannot both take his last free place."""
    member = await staff.get(change.connection, agent_id, lock=True)
    if member is None:
        raise NotFound("没有这位客服")
    require_room(await staff.load_of(change.connection, agent_id, member.capacity))
    return member
