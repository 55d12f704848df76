"""One conversation as it is watched on this desk: every watcher gets every event once, in order, whatever is lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from agent_console.connection import Connection
from agent_console.protocol import frame
from handoff import views
from handoff.desk import Desk
from handoff.errors import JieliError, NotFound, NotWaiting
from handoff.events import Reader, as_seen_by

log = structlog.get_logger(__name__)

PAGE = 100
"""Fits a connection's queue beside what is live, so catching up never looks like a slow reader."""

HOLDER_STAYS = frozenset(
    {
        "message",
        "note",
        "understood",
        "suppressed",
        "feedback",
        "notice",
        "recalled",
        "promise_made",
        "promise_kept",
        "promise_withdrawn",
        "promise_passed_on",
    }
)
"""Kinds after which a `Conversation` looks as before."""


@dataclass(eq=False)
class Watcher:
    """One connection's place in one conversation: it has been given everything up to `given`."""

    connection: Connection
    reader: Reader
    given: int
    is_live: bool = False
    catching_up: asyncio.Task[None] | None = None

    def stop(self) -> None:
        if self.catching_up is not None:
            self.catching_up.cancel()


class Feed:
    """Reads the log on from what its watchers have. A wake only says when; the numbers say what."""

    def __init__(self, conversation_id: str, desk: Desk) -> None:
        self.id = conversation_id
        self.head_seq = 0
        self.holder_version = 0
        self.conversation: views.Conversation | None = None
        self.watchers: set[Watcher] = set()
        self._desk = desk
        self._waiting: views.Waiting | None = None
        self._is_wanted = False
        self._looking: asyncio.Task[None] | None = None

    def add(self, watcher: Watcher) -> None:
        self.watchers.add(watcher)
        watcher.catching_up = asyncio.create_task(self._catch_up(watcher))

    def remove(self, watcher: Watcher) -> None:
        watcher.stop()
        self.watchers.discard(watcher)

    def stop(self) -> None:
        for watcher in tuple(self.watchers):
            self.remove(watcher)
        if self._looking is not None:
            self._looking.cancel()

    def look(self) -> None:
        """Something may be new. Calls during a look make one more look, not many."""
        self._is_wanted = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    def notice_head(self, head: views.Head) -> None:
        """What the poll saw; look if it is more than we know."""
        if head.head_seq > self.head_seq or head.holder_version != self.holder_version:
            self.look()

    def tell(self, text: str, *, reader: Reader | None = None, but_not: Connection | None = None) -> None:
        """Hand a frame that is no event to live watchers."""
        for watcher in self.watchers:
            if watcher.connection is not but_not and (reader is None or watcher.reader == reader):
                watcher.connection.offer(text)

    async def tell_waiting(self) -> None:
        """While the customer is in the queue, say the place in it whenever it changed."""
        if self.conversation is None or self.conversation.holder != "queue":
            self._waiting = None
            return
        try:
            waiting = await self._desk.waiting(self.id)
        except (NotWaiting, NotFound):
            return
        if waiting != self._waiting:
            self._waiting = waiting
            self.tell(_waiting_frame(self.id, waiting))

    async def _look(self) -> None:
        while self._is_wanted:
            self._is_wanted = False
            try:
                await self._deliver()
            except JieliError as trouble:
                # The next wake or poll looks again from the same place; nothing was skipped.
                log.warning("look_failed", conversation_id=self.id, code=trouble.code)

    async def _deliver(self) -> None:
        live = [watcher for watcher in self.watchers if watcher.is_live]
        after = min((watcher.given for watcher in live), default=self.head_seq)
        page = await self._desk.events(self.id, after=after, limit=PAGE, audience="as_stored")
        frames = _Frames(self.id, page)
        for watcher in live:
            frames.give(watcher)
        self.head_seq = max(self.head_seq, page.head_seq)
        if page.more:
            self._is_wanted = True
        if self.conversation is None or any(event.kind not in HOLDER_STAYS for event in page.events):
            await self._tell_conversation()

    async def _tell_conversation(self) -> None:
        fresh = await self._desk.conversation(self.id)
        before, self.conversation = self.conversation, fresh
        self.holder_version = fresh.holder_version
        if before is None or _unlike(before, fresh):
            for watcher in self.watchers:
                if watcher.is_live:
                    watcher.connection.offer(_conversation_frame(fresh))
        await self.tell_waiting()

    async def _catch_up(self, watcher: Watcher) -> None:
        """Give a watcher page after page at its reader's pace, then let it go live without a gap."""
        try:
            while True:
                await watcher.connection.room()
                page = await self._desk.events(self.id, after=watcher.given, limit=PAGE, audience="as_stored")
                # A number above the head comes from another life of the database; holding on to it would hide events.
                watcher.given = min(watcher.given, page.head_seq)
                _Frames(self.id, page).give(watcher)
                self.head_seq = max(self.head_seq, page.head_seq)
                if not page.more and watcher.given >= self.head_seq:
                    break
            fresh = await self._desk.conversation(self.id)
            self.conversation = fresh
            self.holder_version = fresh.holder_version
            watcher.connection.offer(frame("caught_up", {"head_seq": watcher.given}, c=self.id))
            watcher.connection.offer(_conversation_frame(fresh))
            watcher.is_live = True
            # Whatever was stored since the last page was read is found by this look.
            self.look()
            if self._waiting is not None:
                watcher.connection.offer(_waiting_frame(self.id, self._waiting))
            await self.tell_waiting()
        except JieliError as trouble:
            log.warning("catch_up_failed", conversation_id=self.id, code=trouble.code)
            watcher.connection.offer(frame("refused", {"code": trouble.code, "detail": trouble.detail}, c=self.id))
            self.remove(watcher)


class _Frames:
    """A page's events as frames, each encoded once for all who read it alike."""

    def __init__(self, conversation_id: str, page: views.EventPage) -> None:
        self._id = conversation_id
        self._events = page.events
        self._encoded: dict[tuple[int, Reader], str] = {}

    def give(self, watcher: Watcher) -> None:
        for event in self._events:
            if event.seq == watcher.given + 1:
                watcher.connection.offer(self._frame(event, watcher.reader))
                watcher.given = event.seq

    def _frame(self, event: views.Event | views.HiddenEvent, reader: Reader) -> str:
        known = self._encoded.get((event.seq, reader))
        if known is None:
            seen = as_seen_by(event, reader) if isinstance(event, views.Event) else event
            known = frame("event", seen.model_dump(mode="json"), c=self._id, seq=event.seq)
            self._encoded[event.seq, reader] = known
        return known


def _unlike(before: views.Conversation, after: views.Conversation) -> bool:
    return before.model_copy(update={"head_seq": 0}) != after.model_copy(update={"head_seq": 0})


def _conversation_frame(conversation: views.Conversation) -> str:
    return frame("conversation", conversation.model_dump(mode="json"), c=conversation.id)


def _waiting_frame(conversation_id: str, waiting: views.Waiting) -> str:
    return frame("waiting", waiting.model_dump(mode="json"), c=conversation_id)
