"""Who works in which group and how experienced he is there."""

from __future__ import annotations

from collections.abc import Mapping

from handoff import bodies
from handoff.bus import Wake
from handoff.dispatch import LEVELS
from handoff.errors import Invalid, NotFound
from handoff.roster import LARGEST_CAPACITY, ROLES
from handoff.store import skills, staff
from handoff.views import Agent, Json
from handoff.workplace import Workplace


class Skills:
    workplace: Workplace

    async def change_agent(
        self,
        agent_id: str,
        *,
        name: str | None = None,
        roles: list[str] | None = None,
        levels: Mapping[str, int] | None = None,
        capacity: int | None = None,
    ) -> Agent:
        """What is left out stays. `levels` lists all his groups, each with his level there, 1 to 3."""
        changes: Json = {}
        if name is not None:
            changes["name"] = bodies.clean_text(name, "name", limit=100)
        if roles is not None:
            if not roles or any(role not in ROLES for role in roles):
                raise Invalid("roles", f"必须是 {'、'.join(ROLES)} 中的一个或多个")
            changes["roles"] = list(dict.fromkeys(roles))
        if capacity is not None:
            if isinstance(capacity, bool) or not 0 <= capacity <= LARGEST_CAPACITY:
                raise Invalid("capacity", f"必须在 0 到 {LARGEST_CAPACITY} 之间")
            changes["capacity"] = capacity
        async with self.workplace.store.writing() as connection:
            if await staff.get(connection, agent_id, lock=True) is None:
                raise NotFound("没有这位客服")
            if levels is not None:
                known = await skills.group_ids(connection)
                for group, level in levels.items():
                    if group not in known or isinstance(level, bool) or level not in LEVELS:
                        raise Invalid("levels", "每个技能组的级别是 1、2 或 3")
                await skills.put_levels(connection, agent_id, levels)
            await skills.note_on(connection, agent_id, **changes)
            found = await staff.views_of(connection, [agent_id])
        await self.workplace.tell([Wake("presence", agent_id)])
        return found[0]

    async def levels(self) -> dict[str, dict[str, int]]:
        """Agent → group → level."""
        async with self.workplace.store.reading() as connection:
            return await skills.levels_of(connection)
