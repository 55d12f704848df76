"""Reads what a handoff card is made of, inside whichever transaction needs it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.asked_again import asked_again
from handoff.card import AskedAgain, Card
from handoff.context_package import KINDS, Escalation, build_card, since_reopening
from handoff.events import as_seen_by
from handoff.store import line, log, promised
from handoff.store.conversations import Thread
from handoff.views import Event


async def read_card(connection: AsyncConnection, thread: Thread) -> Card:
    return (await _card_and_events(connection, thread))[0]


async def read_card_and_messages(connection: AsyncConnection, thread: Thread) -> tuple[Card, list[Event]]:
    """The card, and the messages since the conversation was last reopened."""
    card, events = await _card_and_events(connection, thread)
    return card, [event for event in since_reopening(events) if event.kind == "message"]


async def what_is_asked_again(connection: AsyncConnection, thread: Thread, text: str) -> list[AskedAgain]:
    return asked_again(text, *await read_card_and_messages(connection, thread))


async def _card_and_events(connection: AsyncConnection, thread: Thread) -> tuple[Card, list[Event]]:
    stored = await log.of_kinds(connection, thread.id, KINDS)
    events = [event for event in (as_seen_by(each, "staff") for each in stored) if isinstance(event, Event)]
    promises = await promised.open_in(connection, thread.id)
    found = await line.handoff(connection, thread.handoff_id) if thread.handoff_id else None
    escalation = None
    if found is not None:
        escalation = Escalation(
            found.id,
            found.reason,
            found.reasons,
            found.severity,
            found.orders or [],
            found.person_was_needed,
            found.summary,
        )
    return build_card(events, escalation, promises, thread.head_seq), events
