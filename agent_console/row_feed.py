"""The console's lists, kept fresh: each changed row goes to everyone who shows lists, the latest state only."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import structlog

from agent_console.connection import Connection
from agent_console.protocol import frame
from handoff import views
from handoff.desk import Desk
from handoff.errors import JieliError

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.1
"""A busy desk changes rows faster than anybody reads; gathering for a tenth of a second keeps a new row below one."""

COUNTS_SECONDS = 1.0
"""Counting walks every open conversation, once per agent; the numbers on the tabs need no more than this."""

ROWS_AT_ONCE = 32
"""Rows handed to a connection before its room is looked at again."""


@dataclass(eq=False)
class Lister:
    """One connection that shows lists. Rows it has not taken yet are replaced by newer ones, never queued up."""

    connection: Connection
    agent_id: str
    pending: dict[str, str] = field(default_factory=dict)
    something: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, row_id: str, text: str) -> None:
        self.pending.pop(row_id, None)
        self.pending[row_id] = text
        self.something.set()

    async def send_all(self) -> None:
        """Pass rows on at the reader's pace until cancelled."""
        while True:
            await self.something.wait()
            while self.pending:
                await self.connection.room()
                for row_id in list(self.pending)[:ROWS_AT_ONCE]:
                    self.connection.offer(self.pending.pop(row_id))
            self.something.clear()


class RowFeed:
    """Asks the desk for rows changed since the last time, once for all listers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._mark: int | None = None
        self._listers: dict[Lister, asyncio.Task[None]] = {}
        self._is_wanted = False
        self._looking: asyncio.Task[None] | None = None
        self._counts: dict[str, views.Counts] = {}
        self._counts_are_old = False
        self._counted_at = 0.0
        self._groups_in_queue: dict[str, str | None] = {}
        self.has_queue_moved = False
        """Set when somebody came into a queue or left it; whoever tells places takes it back."""

    def add(self, connection: Connection, agent_id: str) -> Lister:
        lister = Lister(connection, agent_id)
        self._listers[lister] = asyncio.create_task(lister.send_all())
        self._counts.pop(agent_id, None)
        self._counts_are_old = True
        self._counted_at = 0.0
        self.look()
        return lister

    def remove(self, lister: Lister) -> None:
        task = self._listers.pop(lister, None)
        if task is not None:
            task.cancel()

    def look(self) -> None:
        self._is_wanted = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    def stop(self) -> None:
        for lister in tuple(self._listers):
            self.remove(lister)
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while self._is_wanted or self._counts_are_old:
            try:
                if self._is_wanted:
                    self._is_wanted = False
                    await self._deliver()
                if self._counts_are_old and time.monotonic() - self._counted_at >= COUNTS_SECONDS:
                    self._counts_are_old = False
                    self._counted_at = time.monotonic()
                    for agent_id in {lister.agent_id for lister in self._listers}:
                        await self._tell_counts(agent_id)
            except JieliError as trouble:
                log.warning("rows_failed", code=trouble.code)
            await asyncio.sleep(GATHER_SECONDS)

    async def _deliver(self) -> None:
        # Also without listers: whoever comes later hears only of what changes from then on.
        changed = await self._desk.changed_rows(self._mark)
        self._mark = changed.mark
        for row in changed.rows:
            self._note_queue(row)
            if self._listers:
                text = frame("row", row.model_dump(mode="json"), c=row.id)
                for lister in self._listers:
                    lister.put(row.id, text)
        if changed.rows:
            self._counts_are_old = bool(self._listers)

    def _note_queue(self, row: views.Row) -> None:
        was_waiting = row.id in self._groups_in_queue
        is_waiting = row.holder == "queue"
        if is_waiting != was_waiting or (is_waiting and self._groups_in_queue[row.id] != row.group):
            self.has_queue_moved = True
        if is_waiting:
            self._groups_in_queue[row.id] = row.group
        else:
            self._groups_in_queue.pop(row.id, None)

    async def _tell_counts(self, agent_id: str) -> None:
        counts = await self._desk.counts(agent_id)
        if counts == self._counts.get(agent_id):
            return
        self._counts[agent_id] = counts
        text = frame("counts", counts.model_dump(mode="json"))
        for lister in self._listers:
            if lister.agent_id == agent_id:
                lister.put("counts", text)
