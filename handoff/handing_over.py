"""Fetching a person: the decision is stored, the customer stands in line and is told so, in one change."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Row

from handoff.change import BOT_AUTHOR, SYSTEM, Change
from handoff.identifiers import new_id
from handoff.promises import promise_answer
from handoff.routing import DEFAULT_GROUP, group_for, place_in_line
from handoff.sentences import say, say_handed_over, say_when
from handoff.store import line, promised, staff
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
    group = group_for(thread.intent, bool(thread.slots.get("order_no")), has_product, groups)
    waiting_already = await line.length_of(connection, group)
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
    is_staffed = group in groups and groups[group].online > 0
    reasons = [reason.as_json() for reason in decision.reasons]
    body = {
        "handoff_id": place.handoff_id,
        "sentence": say_handed_over(thread.locale, ahead, is_staffed),
        "group": group,
        "staff": {"reason": decision.reason, "reasons": reasons, "severity": decision.severity},
    }
    act: Literal["ask_for_person", "hand_over"] = "ask_for_person" if who == "customer" else "hand_over"
    event = await change.move(who, act, SYSTEM, body, place=place, client_msg_id=client_msg_id, fingerprint=fingerprint)
    thread.handoff_id, thread.reason = place.handoff_id, decision.reason
    await record(change, place.handoff_id, event.seq, decision, group, inputs)
    await change.owe("order_snapshot", event.seq, {"handoff_id": place.handoff_id})
    if not is_staffed:
        await _promise_to_answer(change, group, "nobody_online")
    elif waiting_already >= change.rules.queue_limit:
        await _promise_to_answer(change, group, "queue_full")
    return event


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


async def hand_over_for_bot_error(change: Change, kind: str, seq: int) -> Event:
    """The bot failed on the message `seq`: the customer is told and queued, never left in silence."""
    await change.write("notice", SYSTEM, {"code": "bot_away", "text": say(change.thread.locale, "bot_away")})
    reason = Noticed("bot_error", 1.0, kind, seq)
    decision = Decision(True, "bot_error", (reason,), severity=2, attention=None)
    return await hand_over(change, "desk", decision, {"bot_failure": kind, "of_seq": seq})


async def requeue(change: Change, why: Literal["agent_lost", "claim_timeout"], from_agent: str) -> Event:
    """Back to the head of the line with the waiting time so far; same hand-over, same card."""
    thread = change.thread
    place = place_for_requeue(change, await _present(change), thread.group_id)
    body = {"sentence": say(thread.locale, "requeued"), "staff": {"why": why, "from": from_agent}}
    event = await change.move("desk", "requeue", SYSTEM, body, place=place)
    await line.note_on(change.connection, place.handoff_id, claimed_by=None, claimed_at=None)
    return event


async def transfer_to_group(change: Change, author: Author, group: str, name: str, note: str) -> Event:
    """To the head of another group's line: the customer has waited once already."""
    place = place_for_requeue(change, await _present(change), group)
    body = {
        "sentence": say(change.thread.locale, "transferred_group", group=name),
        "staff": {"from": author.id, "to": {"group": group}, "note": note},
    }
    event = await change.move("agent", "transfer_to_group", author, body, place=place)
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


async def _promise_to_answer(change: Change, group: str, code: Literal["nobody_online", "queue_full"]) -> None:
    promise = promise_answer(group, change.thread.locale, change.now, change.rules)
    text = say(change.thread.locale, code, due=say_when(change.thread.locale, promise.due_at))
    await change.write("notice", SYSTEM, {"code": code, "text": text})
    made = await change.write("promise_made", BOT_AUTHOR, promise.as_body())
    await promised.add(change.connection, change.thread.id, promise, made.seq)


async def keep_open_promises(change: Change, author: Author) -> None:
    """An agent has answered: what the customer was promised about an answer is kept."""
    for promise in await promised.open_in(change.connection, change.thread.id):
        body = promise.model_dump(mode="json", exclude={"kept"})
        kept = await change.write("promise_kept", author, body)
        await promised.keep(change.connection, promise.promise_id, kept.seq)
