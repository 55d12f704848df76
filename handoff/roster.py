"""Who works here: agents, their groups, presence and heartbeat."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

from handoff import bodies
from handoff.bus import Wake
from handoff.errors import Invalid, NotFound
from handoff.hours import as_json, read_hours
from handoff.identifiers import new_id
from handoff.standards import read_standards
from handoff.store import groups as store_groups
from handoff.store import staff
from handoff.store.groups import GroupPlan
from handoff.store.staff import Member
from handoff.views import Agent, Group, Json, PlannedGroup, Presence
from handoff.workplace import Workplace

ROLES = ("agent", "knowledge_manager", "supervisor", "admin")
LARGEST_CAPACITY = 100
PLAN_MEMBERS = (
    "name",
    "hours",
    "holidays",
    "overflow_to",
    "overflow_seconds",
    "queue_limit",
    "standards",
    "assignment",
    "languages",
)
ASSIGNMENTS = ("manual", "automatic")


class Roster:
    workplace: Workplace

    async def add_agent(
        self,
        name: str,
        groups: list[str],
        roles: list[str],
        capacity: int | None = None,
        agent_id: str | None = None,
    ) -> Agent:
        """Adds an agent, or changes the one with that id. Unknown groups are added under their id."""
        name = bodies.clean_text(name, "name", limit=100)
        for role in roles:
            if role not in ROLES:
                raise Invalid("roles", f"必须是 {'、'.join(ROLES)} 之一")
        kept_groups = [bodies.clean_text(group, "groups", limit=64) for group in groups]
        room = self.workplace.rules.default_capacity if capacity is None else capacity
        if isinstance(room, bool) or not 0 <= room <= LARGEST_CAPACITY:
            raise Invalid("capacity", f"必须在 0 到 {LARGEST_CAPACITY} 之间")
        member = Member(agent_id or new_id(), name, "offline", room, None, None)
        async with self.workplace.store.writing() as connection:
            await staff.put(connection, member, list(dict.fromkeys(roles)), kept_groups, self.workplace.now())
        await self.workplace.tell([Wake("presence", member.id)])
        return await self.agent(member.id)

    async def agents(self) -> list[Agent]:
        async with self.workplace.store.reading() as connection:
            return await staff.views_of(connection)

    async def agent(self, agent_id: str) -> Agent:
        async with self.workplace.store.reading() as connection:
            found = await staff.views_of(connection, [agent_id])
        if not found:
            raise NotFound("没有这位客服")
        return found[0]

    async def groups(self) -> list[Group]:
        async with self.workplace.store.reading() as connection:
            return await staff.group_views(connection)

    async def planned_groups(self) -> list[PlannedGroup]:
        """The groups with their plans, and whether each is open just now."""
        now = self.workplace.now()
        async with self.workplace.store.reading() as connection:
            plans = await store_groups.plans(connection)
            shown = await staff.group_views(connection)
        return [_planned(group, plans[group.id], now) for group in shown if group.id in plans]

    async def set_group(self, group_id: str, **plan: Any) -> Group:
        """Changes how a group is run; members that are not named stay. Hours `None` means always open."""
        changes = self._checked_plan(plan)
        async with self.workplace.store.writing() as connection:
            known = await store_groups.plans(connection)
            if group_id not in known:
                raise NotFound("没有这个技能组")
            helper = changes.get("overflow_to")
            if helper is not None and (helper not in known or helper == group_id):
                raise Invalid("overflow_to", "没有这个技能组，或就是它自己")
            if changes:
                await store_groups.note_on(connection, group_id, **changes)
        return next(group for group in await self.groups() if group.id == group_id)

    def _checked_plan(self, plan: Json) -> Json:
        unknown = set(plan) - set(PLAN_MEMBERS)
        if unknown:
            raise Invalid(sorted(unknown)[0], "没有这一项")
        changes = dict(plan)
        if "name" in changes:
            changes["name"] = bodies.clean_text(changes["name"], "name", limit=100)
        if {"hours", "holidays"} & set(changes):
            hours = read_hours(changes.get("hours"), changes.get("holidays"))
            if changes.get("hours") is not None:
                changes["hours"] = as_json(hours.week or {})
            if "holidays" in changes:
                changes["holidays"] = as_json(hours.holidays)
        for name, largest in (("overflow_seconds", 86400), ("queue_limit", 10_000)):
            value = changes.get(name)
            if value is not None and (
                isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest
            ):
                raise Invalid(name, f"必须在 1 到 {largest} 之间")
        if changes.get("assignment") not in (None, *ASSIGNMENTS):
            raise Invalid("assignment", f"必须是 {'、'.join(ASSIGNMENTS)} 之一")
        if changes.get("languages") is not None:
            languages = [bodies.clean_text(each, "languages", limit=8).lower() for each in changes["languages"]]
            changes["languages"] = list(dict.fromkeys(languages))
        if changes.get("standards") is not None:
            changes["standards"] = read_standards(changes["standards"])
        return changes

    async def set_presence(self, agent_id: str, presence: Presence, reason: str = "") -> Agent:
        """What the agent says of himself. Who goes offline keeps the customers he holds until he passes them on."""
        if presence not in get_args(Presence):
            raise Invalid("presence", "必须是 online、busy 或 offline")
        changes = {
            "presence": presence,
            "presence_reason": bodies.clean_text(reason, "reason", may_be_empty=True, limit=100),
        }
        await self._note(agent_id, **changes)
        await self.workplace.tell([Wake("presence", agent_id, {"presence": presence})])
        return await self.agent(agent_id)

    async def agent_seen(self, agent_id: str) -> None:
        """Heartbeat of an open console; whoever was shown as away only because the line was cut is there again."""
        async with self.workplace.store.writing() as connection:
            if not await staff.note_on(connection, agent_id, seen_at=self.workplace.now(), gone_since=None):
                raise NotFound("没有这位客服")
            presence = await staff.show_back(connection, agent_id)
        if presence is not None:
            await self.workplace.tell([Wake("presence", agent_id, {"presence": presence})])

    async def agent_gone(self, agent_id: str) -> None:
        """The last console was closed: the grace begins."""
        await self._note(agent_id, gone_since=self.workplace.now())

    async def _note(self, agent_id: str, **changes: object) -> None:
        async with self.workplace.store.writing() as connection:
            if not await staff.note_on(connection, agent_id, **changes):
                raise NotFound("没有这位客服")


def _planned(group: Group, plan: GroupPlan, now: datetime) -> PlannedGroup:
    hours = plan.hours
    is_open = hours.is_open(now)
    return PlannedGroup(
        **group.model_dump(),
        hours=None if hours.week is None else as_json(hours.week),
        holidays=as_json(hours.holidays),
        overflow_to=plan.overflow_to,
        overflow_seconds=plan.overflow_seconds,
        queue_limit=plan.queue_limit,
        standards=plan.standards,
        assignment=plan.assignment,
        languages=list(plan.languages),
        is_open=is_open,
        next_opening=None if is_open else hours.next_opening(now),
    )
