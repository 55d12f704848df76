"""Warns the staff before a service standard is broken, and says so once when it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from handoff.change import SYSTEM, Change
from handoff.hours import Hours
from handoff.standards import LABELS, Running, State, running_clocks
from handoff.store import groups, line
from handoff.store.groups import GroupPlan
from handoff.views import Json
from handoff.workplace import Workplace

WORDS: dict[State, str] = {"warning": "{label}即将超时", "breach": "{label}已超时"}


async def watch_standards(place: Workplace) -> int:
    """One `alert` for each clock and state; returns how many were raised."""
    now = place.now()
    async with place.store.reading() as connection:
        plans = await groups.plans(connection)
        served = await line.served(connection)
    raised = 0
    for row in served:
        if row.snoozed_until is not None and row.snoozed_until > now:
            continue
        plan = plans.get(row.group_id)
        news = [each for each in _late(row, plan, now) if _is_news(row.alerted, *each)]
        if not news:
            continue
        async with place.changing(row.id) as change:
            for clock, state in news:
                raised += await _alert_once(change, clock, state)
    return raised


async def alert(change: Change, code: str, text: str, details: Json) -> None:
    """For the staff's eyes: something that must not go on like this."""
    await change.write("alert", SYSTEM, {"code": code, "text": text, **details})


def _late(row: Row[Any], plan: GroupPlan | None, now: datetime) -> list[tuple[Running, State]]:
    hours, standards = (plan.hours, plan.standards) if plan is not None else (Hours(), None)
    clocks = running_clocks(row.at, row.first_answer_at, row.unanswered_since, row.level, standards)
    return [(clock, state) for clock in clocks if (state := clock.state(now, hours)) is not None]


def _is_news(alerted: Json, clock: Running, state: State) -> bool:
    """A breach follows its warning; a warning never follows its breach."""
    return alerted.get(clock.key) not in (state, "breach")


async def _alert_once(change: Change, clock: Running, state: State) -> bool:
    """Looks again under the lock: the agent may have answered, or another desk have raised it."""
    thread = change.thread
    is_answered = clock.clock == "next_response" and thread.unanswered_since != clock.since
    if clock.clock == "first_response" and thread.handoff_id:
        known = await line.handoff(change.connection, thread.handoff_id)
        is_answered = known is None or known.first_answer_at is not None
    has_ended = not thread.holder.startswith("agent:") and thread.holder != "queue"
    if is_answered or has_ended or not _is_news(thread.alerted, clock, state):
        return False
    thread.alerted = {**thread.alerted, clock.key: state}
    text = WORDS[state].format(label=LABELS[clock.clock])
    details = {"clock": clock.clock, "target_seconds": clock.target_seconds}
    await alert(change, f"standard_{state}", text, details)
    return True
