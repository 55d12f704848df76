"""Ends conversations with the bot that the customer has left, and brings back what was set aside."""

from __future__ import annotations

from datetime import timedelta

from handoff.change import SYSTEM
from handoff.conversation import BOT
from handoff.sentences import say
from handoff.snoozing import wake
from handoff.store import conversations, outbox, promised
from handoff.workplace import Workplace


async def close_idle(place: Workplace) -> int:
    """Silence is not "solved": the outcome stays open. Whoever was promised an answer is still waiting for it."""
    before = place.now() - timedelta(seconds=place.rules.bot_idle_close_seconds)
    async with place.store.reading() as connection:
        idle = await conversations.idle_with_bot(connection, before)
    closed = 0
    for conversation_id in idle:
        async with place.changing(conversation_id) as change:
            thread = change.thread
            is_idle = thread.holder == BOT and thread.last_at is not None and thread.last_at < before
            owed = [due for due in await outbox.undone(change.connection, thread.id) if due.kind == "bot_turn"]
            promises = await promised.open_in(change.connection, thread.id)
            if not is_idle or owed or any(promise.kind == "answer" for promise in promises):
                continue
            body = {
                "sentence": say(thread.locale, "closed_idle"),
                "by": "desk",
                "staff": {"outcome": None, "category": "", "note": ""},
            }
            await change.move("desk", "close", SYSTEM, body)
            thread.closed_at, thread.outcome = change.now, None
            closed += 1
    return closed


async def wake_snoozed(place: Workplace) -> int:
    async with place.store.reading() as connection:
        due = await conversations.snoozed_before(connection, place.now())
    woken = 0
    for conversation_id in due:
        async with place.changing(conversation_id) as change:
            until = change.thread.snoozed_until
            if until is not None and until <= change.now:
                woken += await wake(change)
    return woken
