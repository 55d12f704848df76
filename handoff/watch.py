"""What time decides: agents who vanished, customers claimed and forgotten, and a proof that nobody fell out of line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from handoff.assignment import has_vanished, is_out_of_reach, is_overdue
from handoff.bus import Wake
from handoff.change import Change
from handoff.conversation import QUEUE, holding_agent
from handoff.crash_points import crash_if_asked
from handoff.errors import JieliError
from handoff.handing_over import place_for_requeue, requeue
from handoff.idle_watch import close_idle, wake_snoozed
from handoff.promise_watch import pass_promises_on, watch_promises
from handoff.standards_watch import alert, watch_standards
from handoff.store import conversations, line, staff
from handoff.store.staff import Member
from handoff.waiting_watch import let_others_help, remind
from handoff.workplace import Workplace

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one round found; `mended` counts broken queue rows and must stay 0."""

    agents_lost: int = 0
    requeued: int = 0
    timed_out: int = 0
    mended: int = 0
    promises_overdue: int = 0
    promises_passed_on: int = 0
    overflowed: int = 0
    reminded: int = 0
    alerts: int = 0
    idle_closed: int = 0
    woken: int = 0
    assigned: int = 0


class Watch:
    def __init__(self, workplace: Workplace, assign_waiting: Callable[[], Awaitable[int]]) -> None:
        self._workplace = workplace
        self._assign_waiting = assign_waiting
        self._working_since: datetime | None = None

    def begin(self) -> None:
        """From now on silence counts: a desk that was down itself has not heard anybody's heartbeat."""
        self._working_since = self._workplace.now()

    async def run(self) -> None:
        """What is done about agents must not wait for five hundred reminders that came due at once."""
        self.begin()
        await asyncio.gather(self._again_and_again(self._look_after_agents), self._again_and_again(self._do_chores))

    async def _again_and_again(self, round_of: Callable[[], Awaitable[Swept]]) -> None:
        while True:
            try:
                swept = await round_of()
                if swept.agents_lost or swept.timed_out or swept.mended:
                    log.warning("swept", lost=swept.agents_lost, timed_out=swept.timed_out, mended=swept.mended)
            except JieliError as trouble:
                log.warning("sweep_failed", code=trouble.code)
            except Exception:
                # The watch must outlive a bug in one of its rounds.
                log.exception("sweep_broke")
            await asyncio.sleep(self._workplace.rules.watch_poll_seconds)

    async def sweep(self) -> Swept:
        """One round of everything."""
        agents, chores = await self._look_after_agents(), await self._do_chores()
        return replace(
            chores,
            agents_lost=agents.agents_lost,
            requeued=agents.requeued,
            timed_out=agents.timed_out,
            mended=agents.mended,
        )

    async def _look_after_agents(self) -> Swept:
        now, rules = self._workplace.now(), self._workplace.rules
        async with self._workplace.store.reading() as connection:
            members = {member.id: member for member in await staff.members(connection)}
            held = await conversations.held_by_agents(connection)
            broken = await line.without_place(connection) + await line.places_of_nobody(connection)
        lost = {each.id for each in members.values() if self._is_lost(each, now)}
        requeued = timed_out = 0
        for thread in held:
            agent_id = holding_agent(thread.holder)
            if agent_id in lost:
                requeued += await self._take_from(thread.id, agent_id, "agent_lost")
            elif agent_id is not None and is_overdue(thread.holder_since, thread.answered, now, rules):
                timed_out += await self._take_from(thread.id, agent_id, "claim_timeout")
        lost_now = [agent_id for agent_id in lost if await self._give_up(agent_id)]
        for member in members.values():
            if member.presence != "offline" and self._is_out_of_reach(member, now):
                await self._show_away(member.id)
        mended = sum([await self._mend(conversation_id) for conversation_id in broken])
        return Swept(len(lost_now), requeued, timed_out, mended)

    async def _do_chores(self) -> Swept:
        return Swept(
            promises_overdue=await watch_promises(self._workplace),
            promises_passed_on=await pass_promises_on(self._workplace),
            overflowed=await let_others_help(self._workplace),
            reminded=await remind(self._workplace),
            alerts=await watch_standards(self._workplace),
            idle_closed=await close_idle(self._workplace),
            woken=await wake_snoozed(self._workplace),
            assigned=await self._assign_waiting(),
        )

    def _is_lost(self, member: Member, now: datetime) -> bool:
        rules = self._workplace.rules
        return self._has_listened(rules.grace_seconds, now) and has_vanished(
            member.seen_at, member.gone_since, now, rules
        )

    def _is_out_of_reach(self, member: Member, now: datetime) -> bool:
        rules = self._workplace.rules
        return self._has_listened(rules.shown_away_seconds, now) and is_out_of_reach(
            member.seen_at, member.gone_since, now, rules
        )

    def _has_listened(self, seconds: float, now: datetime) -> bool:
        """Whether this desk has been there itself for so long."""
        return self._working_since is not None and now - self._working_since >= timedelta(seconds=seconds)

    async def _take_from(self, conversation_id: str, agent_id: str, why: str) -> bool:
        """Looks again under the lock: the agent may have come back, answered or passed the customer on."""
        crash_if_asked("watch_before_requeue")
        async with self._workplace.changing(conversation_id) as change:
            if holding_agent(change.thread.holder) != agent_id or not await self._still(change, agent_id, why):
                return False
            await requeue(change, "agent_lost" if why == "agent_lost" else "claim_timeout", agent_id)
            if why == "claim_timeout":
                await alert(change, "not_answered", "接入后迟迟没有回复，已重新分配", {"agent_id": agent_id})
            change.wakes.append(Wake("presence", agent_id))
            return True

    async def _still(self, change: Change, agent_id: str, why: str) -> bool:
        if why == "claim_timeout":
            return is_overdue(change.thread.holder_since, change.thread.answered, change.now, change.rules)
        member = await staff.get(change.connection, agent_id, lock=True)
        return member is not None and self._is_lost(member, change.now)

    async def _show_away(self, agent_id: str) -> None:
        async with self._workplace.store.writing() as connection:
            member = await staff.get(connection, agent_id, lock=True)
            if member is None or not self._is_out_of_reach(member, self._workplace.now()):
                return
            is_news = await staff.show_away(connection, agent_id)
        if is_news:
            await self._workplace.tell([Wake("presence", agent_id, {"presence": "offline"})])

    async def _give_up(self, agent_id: str) -> bool:
        async with self._workplace.store.writing() as connection:
            member = await staff.get(connection, agent_id, lock=True)
            if member is None or not self._is_lost(member, self._workplace.now()):
                return False
            await staff.give_up(connection, agent_id)
        await self._workplace.tell([Wake("presence", agent_id, {"presence": "offline"})])
        return True

    async def _mend(self, conversation_id: str) -> bool:
        """One live queue row for each waiting conversation, none for others; a broken one is a bug: mended, logged."""
        async with self._workplace.changing(conversation_id) as change:
            place = await line.place_of(change.connection, conversation_id)
            waits = change.thread.holder == QUEUE
            if waits == (place is not None):
                return False
            if waits:
                known = await line.handoff(change.connection, change.thread.handoff_id or "")
                await line.enter(change.connection, place_for_requeue(change, known, None))
            else:
                await line.leave(change.connection, conversation_id)
            change.touch()
            log.error("queue_mended", conversation_id=conversation_id, waits=waits)
            return True
