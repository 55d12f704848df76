"""Writes what becomes of promises into the log and the book, inside whichever change makes, keeps or moves them."""

from __future__ import annotations

from datetime import datetime, timedelta

from handoff import bodies
from handoff.change import Change
from handoff.errors import Invalid
from handoff.identifiers import new_id
from handoff.promises import AGENT, LONGEST_DAYS, NewPromise
from handoff.said_promises import said_promise
from handoff.store import promised
from handoff.views import Author, Event, Json, Promise

TEXT_LIMIT = 200


async def write_promise(change: Change, author: Author, promise: NewPromise, staff: Json | None = None) -> Event:
    body = promise.as_body() | ({"staff": staff} if staff else {})
    made = await change.write("promise_made", author, body)
    await promised.add(change.connection, change.thread.id, promise, made.seq)
    change.touch()
    return made


async def hear_promise(change: Change, author: Author, owner: str, text: str, of_seq: int) -> None:
    """What was just said may promise to come back: then it is kept, once for each owner, and can be withdrawn."""
    heard = said_promise(text, change.now)
    if heard is None:
        return
    for known in await promised.open_in(change.connection, change.thread.id):
        if known.owner == owner and known.kind != "answer":
            return
    promise = NewPromise(new_id(), heard.text, owner, heard.due_at, heard.kind)
    await write_promise(change, author, promise, {"of_seq": of_seq, "heard": True})


async def keep_promised_answers(change: Change, author: Author) -> None:
    """An agent has answered: what the customer was promised about an answer is kept. Other promises need more."""
    for promise in await promised.open_in(change.connection, change.thread.id):
        if promise.kind == "answer":
            await write_kept(change, author, promise)


async def write_kept(change: Change, author: Author, promise: Promise, note: str = "") -> Event:
    body = _body(promise) | ({"staff": {"note": note}} if note else {})
    kept = await change.write("promise_kept", author, body)
    await promised.keep(change.connection, promise.promise_id, kept.seq)
    change.touch()
    return kept


async def write_withdrawn(change: Change, author: Author, promise: Promise, reason: str) -> Event:
    body = _body(promise) | {"staff": {"reason": reason}}
    withdrawn = await change.write("promise_withdrawn", author, body)
    await promised.withdraw(change.connection, promise.promise_id, withdrawn.seq)
    change.touch()
    return withdrawn


async def write_passed_on(change: Change, author: Author, promise: Promise, owner: str, why: str, note: str) -> Event:
    body = _body(promise) | {"from": promise.owner, "owner": owner, "why": why, "note": note}
    passed_on = await change.write("promise_passed_on", author, body)
    await promised.give_to(change.connection, promise.promise_id, owner)
    change.touch()
    return passed_on


def checked_deadline(due_at: datetime, now: datetime) -> datetime:
    if not timedelta(0) < due_at - now <= timedelta(days=LONGEST_DAYS):
        raise Invalid("due_at", f"必须是将来的时间，且不超过 {LONGEST_DAYS} 天")
    return due_at


async def promise_at_closing(change: Change, author: Author, text: str, due_at: datetime) -> None:
    """跟进: what stays to be done becomes a promise of whoever closes."""
    text = bodies.clean_text(text, "promise.text", limit=TEXT_LIMIT)
    promise = NewPromise(new_id(), text, owner_of(author.id), checked_deadline(due_at, change.now), "follow_up")
    await write_promise(change, author, promise)


def owner_of(agent_id: str) -> str:
    return f"{AGENT}{agent_id}"


def _body(promise: Promise) -> Json:
    return promise.model_dump(mode="json", include={"promise_id", "text", "due_at", "owner", "kind"})
