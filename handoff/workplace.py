"""Where everybody at the desk works: the store, the bus, the rules and the clock, and how a conversation is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from handoff.bell import Bell
from handoff.bus import Bus, Wake
from handoff.change import Change
from handoff.clock import utc_now
from handoff.crash_points import crash_if_asked
from handoff.errors import NotFound
from handoff.identifiers import new_id
from handoff.rules import Rules
from handoff.store import Store, conversations
from handoff.store.outbox import Due, Kind

log = structlog.get_logger(__name__)


@dataclass
class Workplace:
    store: Store
    bus: Bus
    rules: Rules
    now: Callable[[], datetime] = utc_now
    # Names this process in leases.
    node: str = field(default_factory=new_id)
    # Each worker's bell; rung after every commit that wrote work of its kinds into the outbox.
    bells: list[Bell] = field(default_factory=list)

    @asynccontextmanager
    async def changing(self, conversation_id: str, customer_id: str | None = None) -> AsyncIterator[Change]:
        """One transaction on one locked conversation; browsers are told after its commit.

        Raises NotFound for a missing conversation and for one of another customer than `customer_id`.
        """
        leased: list[tuple[Bell, Due]] = []
        try:
            async with self.store.writing() as connection:
                thread = await conversations.lock(connection, conversation_id)
                if thread is None or (customer_id is not None and thread.customer_id != customer_id):
                    raise NotFound
                change = Change(connection, thread, self.now(), self.rules, self.bells, leased)
                yield change
                await change.save()
        except BaseException:
            for bell, _ in leased:
                bell.release()
            raise
        for bell, due in leased:
            bell.give(due)
        crash_if_asked("after_commit_before_bus")
        await self.tell(change.wakes)
        self.ring(change.owed)
        crash_if_asked("after_commit_before_ack")

    def ring(self, owed: Set[Kind]) -> None:
        for bell in self.bells:
            if not owed.isdisjoint(bell.kinds):
                bell.ring()

    async def tell(self, wakes: list[Wake]) -> None:
        for wake in wakes:
            await self.bus.publish(wake)
