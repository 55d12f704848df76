"""Time and promises: told before they come due and when they are overdue, and handed on when a shift ends."""

from __future__ import annotations

from datetime import timedelta

from handoff.change import SYSTEM
from handoff.promise_log import write_passed_on
from handoff.promises import AGENT, must_be_passed_on, next_owner
from handoff.routing import DEFAULT_GROUP
from handoff.standards_watch import alert
from handoff.store import promised, skills, staff
from handoff.store.staff import LINE_CUTS
from handoff.workplace import Workplace


async def watch_promises(place: Workplace) -> int:
    """What is due soon and what is overdue is told to the staff once each; returns how many are overdue."""
    now = place.now()
    soon = now + timedelta(seconds=place.rules.promise_warning_seconds)
    async with place.store.reading() as connection:
        due = await promised.due_before(connection, soon)
    for each in due:
        is_overdue = each.due_at < now
        if (each.overdue_told_at if is_overdue else each.warned_at) is not None:
            continue
        async with place.changing(each.conversation_id) as change:
            body = {"promise_id": each.id, "owner": each.owner}
            if is_overdue and await promised.note_overdue(change.connection, each.id, change.now):
                await alert(change, "promise_overdue", f"承诺已逾期：{each.text}", body)
            elif not is_overdue and await promised.note_due_soon(change.connection, each.id, change.now):
                await alert(change, "promise_due_soon", f"承诺即将到期：{each.text}", body)
    return sum(each.due_at < now for each in due)


async def pass_promises_on(place: Workplace) -> int:
    """Promises of those who are off duty go to whoever is there, before they come due."""
    now = place.now()
    longest = max(place.rules.shift_hand_on_seconds, place.rules.line_cut_hand_on_seconds)
    async with place.store.reading() as connection:
        due = await promised.due_before(connection, now + timedelta(seconds=longest))
        away = await skills.off_duty(connection) if due else {}
        hands = await skills.hands(connection) if away else []
    passed_on = 0
    for each in due:
        reason = away.get(each.owner.removeprefix(AGENT)) if each.owner.startswith(AGENT) else None
        if reason is None or not must_be_passed_on(each.due_at, reason in LINE_CUTS, now, place.rules):
            continue
        async with place.changing(each.conversation_id) as change:
            promise = await promised.open_one(change.connection, each.conversation_id, each.id)
            member = await staff.get(change.connection, each.owner.removeprefix(AGENT), lock=True)
            # He may have come back, or somebody have done it, since the look from outside.
            if promise is None or promise.owner != each.owner or member is None or member.presence != "offline":
                continue
            owner = next_owner(change.thread.group_id or DEFAULT_GROUP, hands)
            await write_passed_on(change, SYSTEM, promise, owner, "off_duty", "")
            passed_on += 1
    return passed_on
