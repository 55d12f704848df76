"""Fetching a person: the decision is stored, the customer stands in line and is told so, in one change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row

from handoff.change import BOT_AUTHOR, SYSTEM, Change
from handoff.identifiers import new_id
from handoff.promise_log import write_promise
from handoff.promises import promise_answer
from handoff.routing import DEFAULT_GROUP, Door, Staffing, WhyNot, group_for, open_door, place_in_line, speaking_groups
from handoff.sentences import say, say_handed_over, say_when
from handoff.store import decided, line, staff
from handoff.store import groups as store_groups
from handoff.store.groups import GroupPlan
from handoff.store.line import Handoff, Place
from handoff.triggers import Decision, Noticed
from handoff.views import Author, Event, Json


async def hand_over(
    change: Change,
    who: Literal["customer", "desk"],
    decision: Decision,
    inputs: Json,
    *,
    client_msg_id: str | None = None,
    fingerprint: str | None = None,
) -> Event:
    """The conversation must be with the bot (IllegalMove otherwise). Returns the `handed_over` event."""
    assert decision.reason is not None, "a hand-over has a reason"
    thread, connection = change.thread, change.connection
    groups = await staff.staffing(connection)
    has_product = bool(thread.page.get("product_id"))
    plans = await store_groups.plans(connection)
    speaking = speaking_groups(thread.locale, {name: plan.languages for name, plan in plans.items()})
    wanted = group_for(thread.intent, bool(thread.slots.get("order_no")), has_product, groups, speaking)
    doors = {name: await door_of(change, plan, groups) for name, plan in plans.items()}
    group = open_door(wanted, doors)
    why_not = doors[group].why_not if group in doors else "nobody_online"
    place = Place(
        conversation_id=thread.id,
        handoff_id=new_id(),
        group_id=group,
        severity=decision.severity,
        waiting_since=change.now,
        place=place_in_line(change.now, decision.severity, was_served=False, rules=change.rules),
        preferred_agent_id=thread.last_agent_id,
    )
    ahead = await line.count_ahead(connection, group, place.place, thread.id)
    reasons = [reason.as_json() for reason in decision.reasons]
    body = {
        "handoff_id": place.handoff_id,
        "sentence": say_handed_over(thread.locale, ahead, why_not in (None, "queue_full")),
        "group": group,
        "staff": {"reason": decision.reason, "reasons": reasons, "severity": decision.severity},
    }
    act: Literal["ask_for_person", "hand_over"] = "ask_for_person" if who == "customer" else "hand_over"
    event = await change.move(who, act, SYSTEM, body, place=place, client_msg_id=client_msg_id, fingerprint=fingerprint)
    thread.handoff_id, thread.reason = place.handoff_id, decision.reason
    await record(change, place.handoff_id, event.seq, decision, group, inputs)
    await change.owe("order_snapshot", event.seq, {"handoff_id": place.handoff_id})
    if why_not is not None:
        opens_at = plans[group].hours.next_opening(change.now) if why_not == "outside_hours" else None
        await _promise_to_answer(change, group, why_not, opens_at)
    return event


async def door_of(change: Change, plan: GroupPlan, groups: Mapping[str, Staffing]) -> Door:
    return Door(
        is_open=plan.hours.is_open(change.now),
        online=groups[plan.id].online if plan.id in groups else 0,
        waiting=await line.length_of(change.connection, plan.id),
        queue_limit=plan.queue_limit or change.rules.queue_limit,
        overflow_to=plan.overflow_to,
    )


async def record(change: Change, handoff_id: str, seq: int, decision: Decision, group: str, inputs: Json) -> None:
    assert decision.reason is not None
    await line.record(
        change.connection,
        Handoff(
            id=handoff_id,
            conversation_id=change.thread.id,
            seq=seq,
            at=change.now,
            reason=decision.reason,
            reasons=[reason.as_json() for reason in decision.reasons],
            severity=decision.severity,
            group_id=group,
            inputs=inputs,
        ),
    )
    await decided.add(change.connection, change.thread.id, seq, change.now, decision, inputs, handoff_id)


async def hand_over_for_bot_error(change: Change, kind: str, seq: int) -> Event:
    """The bot failed on the message `seq`: the customer is told and queued, never left in silence."""
    await change.write("notice", SYSTEM, {"code": "bot_away", "text": say(change.thread.locale, "bot_away")})
    reason = Noticed("bot_error", 1.0, kind, seq)
    decision = Decision(True, "bot_error", (reason,), severity=2, attention=None)
    return await hand_over(change, "desk", decision, {"bot_failure": kind, "of_seq": seq})


WhyRequeued = Literal["agent_lost", "claim_timeout", "declined"]


async def requeue(change: Change, why: WhyRequeued, from_agent: str, note: str = "") -> Event:
    """Back to the head of the line with the waiting time so far; same hand-over, same card."""
    thread = change.thread
    place = place_for_requeue(change, await _present(change), thread.group_id)
    sentence = say(thread.locale, "requeued_declined" if why == "declined" else "requeued")
    body = {"sentence": sentence, "staff": {"why": why, "from": from_agent} | ({"note": note} if note else {})}
    event = await change.move("desk", "requeue", SYSTEM, body, place=place)
    await line.note_on(change.connection, place.handoff_id, claimed_by=None, claimed_at=None)
    return event


async def overflow(change: Change, place: Place, group: GroupPlan) -> Event:
    """To the line of the group that helps out, with the place that the whole waiting time gives."""
    moved = replace(place, group_id=group.id, in_group_since=change.now)
    body = {
        "sentence": say(change.thread.locale, "overflowed", group=group.name),
        "staff": {"why": "overflow", "from": place.group_id},
    }
    event = await change.move("desk", "overflow", SYSTEM, body, place=moved)
    await line.note_on(change.connection, place.handoff_id, group_id=group.id)
    return event


async def transfer_to_group(
    change: Change, who: Literal["agent", "supervisor"], author: Author, group: str, name: str, note: str
) -> Event:
    """To the head of another group's line: the customer has waited once already."""
    place = place_for_requeue(change, await _present(change), group)
    body = {
        "sentence": say(change.thread.locale, "transferred_group", group=name),
        "staff": {"from": author.id, "to": {"group": group}, "note": note},
    }
    event = await change.move(who, "transfer_to_group", author, body, place=place)
    await line.note_on(change.connection, place.handoff_id, claimed_by=None, claimed_at=None, group_id=group)
    return event


def place_for_requeue(change: Change, known: Row[Any] | None, group: str | None) -> Place:
    """A place with the severity and the waiting time that the hand-over began with."""
    severity, since = (known.severity, known.at) if known is not None else (1, change.now)
    return Place(
        conversation_id=change.thread.id,
        handoff_id=change.thread.handoff_id or new_id(),
        group_id=group or (known.group_id if known is not None else change.thread.group_id or DEFAULT_GROUP),
        severity=severity,
        waiting_since=since,
        place=place_in_line(since, severity, was_served=True, rules=change.rules),
    )


async def _present(change: Change) -> Row[Any] | None:
    handoff_id = change.thread.handoff_id
    return await line.handoff(change.connection, handoff_id) if handoff_id else None


async def _promise_to_answer(change: Change, group: str, code: WhyNot, opens_at: datetime | None) -> None:
    locale = change.thread.locale
    promise = promise_answer(group, locale, change.now, change.rules, opens_at)
    if code == "outside_hours" and opens_at is None:
        # Closed for good as far as anybody knows: no opening is told.
        code = "nobody_online"
    opens = say_when(locale, opens_at) if opens_at is not None else ""
    text = say(locale, code, due=say_when(locale, promise.due_at), opens=opens)
    await change.write("notice", SYSTEM, {"code": code, "text": text})
    await write_promise(change, BOT_AUTHOR, promise)
