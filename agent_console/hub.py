"""Everybody connected to this desk: wakes and polls become looks into the log, and silence becomes a heartbeat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from agent_console.connection import Connection
from agent_console.feed import Feed, Watcher
from agent_console.problems import as_jieli_error, write_down
from agent_console.protocol import Closing, frame
from agent_console.row_feed import Lister, RowFeed
from handoff.bus import Bus, Wake
from handoff.conversation import agent_holder
from handoff.desk import Desk
from handoff.events import Reader
from handoff.views import Json

log = structlog.get_logger(__name__)

HEADS_AT_ONCE = 500
"""Conversations asked about in one statement; databases limit the length of a list."""

PLACES_SECONDS = 15.0
"""An estimate moves with measured times, which change by the minute."""

MOST_SOCKETS_PER_PERSON = 12
"""Tabs and devices of one person; above it the oldest is replaced, so a page in a reload loop cannot pile up."""


@dataclass(eq=False)
class Visit:
    """One open socket: who is there, what he watches, and what proves him."""

    connection: Connection
    reader: Reader
    person_id: str
    author: Json
    proof: str | None = None
    """Digest of the console sign-in; when that ends, so does the socket."""
    watching: dict[str, Watcher] = field(default_factory=dict)
    lister: Lister | None = None


class Hub:
    """The sockets of this process."""

    def __init__(
        self,
        desk: Desk,
        bus: Bus,
        *,
        poll_seconds: float,
        heartbeat_seconds: float,
        still_signed_in: Callable[[set[str]], Awaitable[set[str]]],
    ) -> None:
        self._desk = desk
        self._bus = bus
        self._poll_seconds = poll_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._still_signed_in = still_signed_in
        self._visits: dict[str, list[Visit]] = {}
        self._feeds: dict[str, Feed] = {}
        self._rows = RowFeed(desk)
        self._places_told_at = 0.0

    @property
    def visits(self) -> list[Visit]:
        return [visit for visits in self._visits.values() for visit in visits]

    @property
    def watched(self) -> int:
        return len(self._feeds)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Listen, poll and beat until the block ends; then every socket is told to come back."""
        tasks = [
            asyncio.create_task(self._listen()),
            asyncio.create_task(_every(self._poll_seconds, self._poll)),
            asyncio.create_task(_every(self._heartbeat_seconds, self._beat)),
        ]
        try:
            yield
        finally:
            for visit in self.visits:
                visit.connection.end(Closing.RESTARTING, "restarting")
            for feed in self._feeds.values():
                feed.stop()
            self._rows.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # sockets come, watch and go

    async def enter(self, visit: Visit) -> None:
        own = self._visits.setdefault(visit.person_id, [])
        own.append(visit)
        if len(own) > MOST_SOCKETS_PER_PERSON:
            own[0].connection.end(Closing.REPLACED, "too many windows")
        if visit.reader == "staff":
            await self._desk.agent_seen(visit.person_id)

    async def leave(self, visit: Visit) -> None:
        for conversation_id in tuple(visit.watching):
            self.unwatch(visit, conversation_id)
        if visit.lister is not None:
            self._rows.remove(visit.lister)
        own = self._visits.get(visit.person_id, [])
        if visit in own:
            own.remove(visit)
        if not own:
            self._visits.pop(visit.person_id, None)
            if visit.reader == "staff":
                await self._desk.agent_gone(visit.person_id)

    def watch(self, visit: Visit, conversation_id: str, after: int) -> None:
        """Send everything after `after`, then whatever comes. Watching again starts over from the new number."""
        self.unwatch(visit, conversation_id)
        feed = self._feeds.get(conversation_id)
        if feed is None:
            feed = self._feeds[conversation_id] = Feed(conversation_id, self._desk)
        watcher = Watcher(visit.connection, visit.reader, after)
        visit.watching[conversation_id] = watcher
        feed.add(watcher)

    def unwatch(self, visit: Visit, conversation_id: str) -> None:
        watcher = visit.watching.pop(conversation_id, None)
        feed = self._feeds.get(conversation_id)
        if watcher is None or feed is None:
            return
        feed.remove(watcher)
        if not feed.watchers:
            feed.stop()
            del self._feeds[conversation_id]

    def list_rows(self, visit: Visit) -> None:
        if visit.lister is None:
            visit.lister = self._rows.add(visit.connection, visit.person_id)

    def end_sign_in(self, proof: str) -> None:
        """Close the sockets of a sign-in that has just ended here; other desks notice at their next poll."""
        for visit in self.visits:
            if visit.proof == proof:
                visit.connection.end(Closing.NOT_SIGNED_IN, "signed out")

    async def tell_typing(self, visit: Visit, conversation_id: str, text: str | None) -> None:
        shown = text if visit.author["role"] == "customer" else None
        await self._bus.publish(Wake("typing", conversation_id, {"author": visit.author, "text": shown}))

    # what happens

    async def _listen(self) -> None:
        async for wake in self._bus.listen():
            try:
                await self._hear(wake)
            except Exception as trouble:  # one strange wake must not deafen the desk
                write_down(trouble, as_jieli_error(trouble), wake=wake.kind)

    async def _hear(self, wake: Wake) -> None:
        feed = self._feeds.get(wake.id)
        match wake.kind:
            case "conversation":
                if feed is not None:
                    feed.look()
                self._rows.look()
            case "rows":
                self._rows.look()
            case "typing" if feed is not None:
                self._tell_typing(feed, wake.data or {})
            case "read" if feed is not None:
                data = wake.data or {}
                feed.tell(frame("read", {"role": data["role"], "seq": data["seq"]}, c=feed.id))
            case "invited":
                for visit in self._visits.get(wake.id, []):
                    if visit.reader == "staff":
                        visit.connection.offer(frame("invited", wake.data))
            case "presence":
                agent = await self._desk.agent(wake.id)
                text = frame("presence", {"agent_id": agent.id, "presence": agent.presence})
                for visit in self.visits:
                    if visit.reader == "staff":
                        visit.connection.offer(text)

    def _tell_typing(self, feed: Feed, data: Json) -> None:
        """A customer's words are for staff; that an agent types is for the customer only if he holds the baton."""
        author = data["author"]
        own = {visit.connection for visit in self._visits.get(author["id"], [])}
        staff_text = frame(
            "typing", {"author": author, "text": data["text"]} if data["text"] else {"author": author}, c=feed.id
        )
        holds = feed.conversation is not None and feed.conversation.holder == agent_holder(author["id"])
        for watcher in feed.watchers:
            if watcher.connection in own:
                continue
            if watcher.reader == "staff":
                watcher.connection.offer(staff_text)
            elif holds:
                watcher.connection.offer(frame("typing", {"author": author}, c=feed.id))

    async def _poll(self) -> None:
        """Find what no wake told: lost hints, other desks, a Redis that is away."""
        for visit in self.visits:
            visit.connection.end_if_stuck()
        ids = list(self._feeds)
        for start in range(0, len(ids), HEADS_AT_ONCE):
            heads = await self._desk.heads(ids[start : start + HEADS_AT_ONCE])
            for conversation_id, head in heads.items():
                if (feed := self._feeds.get(conversation_id)) is not None:
                    feed.notice_head(head)
        self._rows.look()
        await self._tell_places(ids)
        proofs = {visit.proof for visit in self.visits if visit.proof is not None}
        if proofs:
            for proof in proofs - await self._still_signed_in(proofs):
                self.end_sign_in(proof)

    async def _tell_places(self, ids: list[str]) -> None:
        """Each waiting customer's place, when a queue moved; now and then also without, as estimates change."""
        is_due = time.monotonic() - self._places_told_at > PLACES_SECONDS
        if not self._rows.has_queue_moved and not is_due:
            return
        self._rows.has_queue_moved = False
        self._places_told_at = time.monotonic()
        for conversation_id in ids:
            if (feed := self._feeds.get(conversation_id)) is not None:
                await feed.tell_waiting()

    async def _beat(self) -> None:
        """Say the head numbers, so that a client notices a push that was lost on an open socket."""
        for visit in self.visits:
            heads = {
                conversation_id: self._feeds[conversation_id].head_seq
                for conversation_id, watcher in visit.watching.items()
                if watcher.is_live
            }
            visit.connection.offer(frame("heartbeat", {"heads": heads}))
        for person_id in {visit.person_id for visit in self.visits if visit.reader == "staff"}:
            await self._desk.agent_seen(person_id)


async def _every(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A loop that must survive: trouble is written down and the next round comes all the same."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception as trouble:
            write_down(trouble, as_jieli_error(trouble), loop=work.__name__)
