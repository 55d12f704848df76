"""One transaction on one conversation: its events, its holder, its place in line and its audit row, or none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.audit import audit_row
from handoff.bell import Bell
from handoff.bus import Wake
from handoff.conversation import BOT, NOBODY, QUEUE, Act, Move, Who, agent_holder, legal_move
from handoff.events import KINDS, one_line
from handoff.identifiers import new_id
from handoff.rules import Rules
from handoff.store import audited, conversations, line, log, outbox
from handoff.store.conversations import Thread
from handoff.store.line import Place
from handoff.views import Author, Event, Json, Receipt

SYSTEM = Author(role="system", id="desk", name="系统")
BOT_AUTHOR = Author(role="bot", id="bot", name="机器人")


class Change:
    """The conversation is locked while this exists; `thread` is changed in memory and stored by `save`."""

    def __init__(
        self,
        connection: AsyncConnection,
        thread: Thread,
        now: datetime,
        rules: Rules,
        workers: Sequence[Bell],
        leased: list[tuple[Bell, outbox.Due]],
    ) -> None:
        self.connection = connection
        self.thread = thread
        self.now = now
        self.rules = rules
        self.wakes: list[Wake] = []
        self.owed: set[outbox.Kind] = set()
        # Workers of this desk, and what was leased for them here: theirs once the transaction has committed.
        self._workers = workers
        self._leased = leased
        self._before = thread.copy()
        self._touched = False

    async def sent_before(self, client_msg_id: str, fingerprint: str) -> Receipt | None:
        """The receipt of what was stored under this id, ever; `conflict` when it said something else."""
        found = await log.sent_before(self.connection, self.thread.id, client_msg_id)
        if found is None:
            return None
        message_id, seq, first_fingerprint = found
        return Receipt(
            client_msg_id=client_msg_id,
            message_id=message_id,
            seq=seq,
            conflict=first_fingerprint != fingerprint,
            is_repeat=True,
        )

    async def write(
        self, kind: str, author: Author, body: Json, *, client_msg_id: str | None = None, fingerprint: str | None = None
    ) -> Event:
        """Appends the next event of the log."""
        thread = self.thread
        thread.head_seq += 1
        event = Event(
            conversation_id=thread.id,
            seq=thread.head_seq,
            id=new_id(),
            kind=kind,
            at=self.now,
            author=author,
            client_msg_id=client_msg_id,
            audience=KINDS[kind],
            body=body,
        )
        await log.append(self.connection, event, fingerprint)
        if kind == "message":
            thread.last_text, thread.last_at, thread.last_author = one_line(body), self.now, author.role
            thread.unread += author.role == "customer"
        return event

    async def move(
        self,
        who: Who,
        act: Act,
        author: Author,
        body: Json,
        *,
        to_agent: str | None = None,
        place: Place | None = None,
        client_msg_id: str | None = None,
        fingerprint: str | None = None,
    ) -> Event:
        """Passes the baton as the table allows, or raises IllegalMove; the only place that changes a holder."""
        thread = self.thread
        move = legal_move(who, act, thread.holder, author.id if author.role == "agent" else None)
        before = thread.holder
        thread.holder = _holder_after(move, to_agent)
        thread.holder_version += 1
        thread.holder_since = self.now
        if move.come_from == "queue":
            await line.leave(self.connection, thread.id)
        if move.to == "queue":
            assert place is not None, "whoever enters the queue has a place in it"
            await line.enter(self.connection, place)
            thread.waiting_since, thread.group_id = place.waiting_since, place.group_id
        else:
            thread.waiting_since = None
        if move.to == "agent":
            thread.last_agent_id, thread.answered = to_agent, False
        if move.to not in ("queue", "agent"):
            thread.unanswered_since, thread.alerted = None, {}
        thread.attention = thread.snoozed_until = None
        event = await self.write(move.event, author, body, client_msg_id=client_msg_id, fingerprint=fingerprint)
        await self.audit(f"{author.role}:{author.id}", act, {"seq": event.seq, "from": before, "to": thread.holder})
        return event

    async def audit(self, actor: str, act: str, details: Json) -> None:
        thread = self.thread
        row = audit_row(thread.id, thread.audit_number + 1, self.now, actor, act, details, thread.audit_hash)
        await audited.append(self.connection, row)
        thread.audit_number, thread.audit_hash = row.number, row.hash

    async def owe(self, kind: outbox.Kind, seq: int, body: Json) -> None:
        """Writes work into the outbox, to be done after the commit: here if there is room, else by whichever desk is
        alive. What stands behind other work of this conversation waits for it."""
        work = outbox.Due(new_id(), self.thread.id, kind, seq, self.thread.holder_version, body, self.now, attempts=0)
        stands_behind = await outbox.anything_undone(self.connection, self.thread.id, kind)
        worker = None if stands_behind else next((each for each in self._workers if kind in each.kinds), None)
        if worker is None or not worker.reserve():
            await outbox.add(self.connection, work)
            self.owed.add(kind)
            return
        work = replace(work, attempts=1)
        self._leased.append((worker, work))
        await outbox.add(self.connection, work, leased_by=worker.node, leased_until=self.now + worker.lease)

    def begin_session(self) -> None:
        """From the next event on, the bot starts with an empty tracker; what it must know goes along in the turn."""
        self.thread.session += 1
        self.thread.session_turns = 0
        self.thread.session_from_seq = self.thread.head_seq + 1

    def settle(self) -> None:
        """A person has dealt with everything so far: the bot begins afresh with the next message."""
        self.thread.bot_from_seq = self.thread.head_seq + 1
        self.begin_session()

    def touch(self) -> None:
        """Something shown in the row has changed that is stored elsewhere."""
        self._touched = True

    async def save(self) -> None:
        if await conversations.save(self.connection, self._before, self.thread, touched=self._touched):
            data = {"head_seq": self.thread.head_seq, "holder_version": self.thread.holder_version}
            self.wakes += [Wake("conversation", self.thread.id, data), Wake("rows", self.thread.id)]


def _holder_after(move: Move, to_agent: str | None) -> str:
    if move.to == "agent":
        assert to_agent is not None, "an agent takes the baton by name"
        return agent_holder(to_agent)
    return {"bot": BOT, "queue": QUEUE, "nobody": NOBODY}[move.to]
