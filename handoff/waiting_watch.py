"""What time does to those who wait: another group helps out, and nobody is left without a word."""

from __future__ import annotations

from datetime import timedelta

from handoff.change import SYSTEM
from handoff.handing_over import door_of, overflow
from handoff.rules import Rules
from handoff.sentences import say
from handoff.store import groups, line, staff
from handoff.store.line import Place
from handoff.workplace import Workplace


async def let_others_help(place: Workplace) -> int:
    """Whoever has waited too long in one group goes to the group that helps out, if somebody is there."""
    now = place.now()
    async with place.store.reading() as connection:
        plans = await groups.plans(connection)
        waiting = await line.places(connection)
    moved = 0
    for each in waiting:
        plan = plans.get(each.group_id)
        helping = plans.get(plan.overflow_to) if plan is not None and plan.overflow_to else None
        if plan is None or helping is None or helping.id == plan.id:
            continue
        after = timedelta(seconds=plan.overflow_seconds or place.rules.overflow_seconds)
        if now - (each.in_group_since or each.waiting_since) < after:
            continue
        async with place.changing(each.conversation_id) as change:
            present = await line.place_of(change.connection, each.conversation_id)
            door = await door_of(change, helping, await staff.staffing(change.connection))
            # A group that he has been passed on from would only pass him back.
            if present is None or present.group_id != plan.id or present.in_group_since or door.why_not is not None:
                continue
            await overflow(change, present, helping)
            moved += 1
    return moved


async def remind(place: Workplace) -> int:
    """Tells those who wait that they are not forgotten, each time after twice as long."""
    now = place.now()
    async with place.store.reading() as connection:
        waiting = await line.places(connection)
    told = 0
    for each in waiting:
        if now - each.waiting_since < wait_before_reminder(each.reminders, place.rules):
            continue
        async with place.changing(each.conversation_id) as change:
            present = await line.place_of(change.connection, each.conversation_id)
            if present is None or present.reminders != each.reminders:
                continue
            ahead = await line.count_ahead(change.connection, present.group_id, present.place, each.conversation_id)
            name = "still_waiting" if ahead else "still_waiting_first"
            await change.write("notice", SYSTEM, {"code": name, "text": say(change.thread.locale, name, ahead=ahead)})
            await line.note_reminder(change.connection, each.conversation_id, _due_reminders(present, place))
            told += 1
    return told


def wait_before_reminder(reminders: int, rules: Rules) -> timedelta:
    return timedelta(seconds=rules.reminder_seconds * (2 ** (reminders + 1) - 1))


def _due_reminders(present: Place, place: Workplace) -> int:
    """A desk that was down tells a customer once, not once for every reminder that it has missed."""
    reminders = present.reminders + 1
    while place.now() - present.waiting_since >= wait_before_reminder(reminders, place.rules):
        reminders += 1
    return reminders
