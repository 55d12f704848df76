"""The desk: everything that customers, agents and time can do to a conversation, put together from its parts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from handoff.acting import Acting
from handoff.before_sending import BeforeSending
from handoff.bus import Bus
from handoff.call_back import CallBack
from handoff.canned_replies import CannedReplies
from handoff.clock import utc_now
from handoff.company import Company
from handoff.customer_side import CustomerSide
from handoff.errands import Errands
from handoff.errors import StorageUnavailable
from handoff.identity import Identity
from handoff.promising import Promising
from handoff.rasa_bot import Bot
from handoff.reading import Reading
from handoff.roster import Roster
from handoff.rules import Rules
from handoff.shop import Shop
from handoff.skills import Skills
from handoff.store import Store, outbox
from handoff.summariser import Summariser
from handoff.taking import Taking
from handoff.transfers import Transfers
from handoff.turns import Turns
from handoff.unmasking import Unmasking
from handoff.watch import Swept, Watch
from handoff.worker import Worker
from handoff.workplace import Workplace

__all__ = ["Desk", "Identity"]

ERRAND_CONCURRENCY = 4
# Three shop calls in a row, each within the gateway's two seconds, and some orders' logistics.
LONGEST_ERRAND_SECONDS = 15.0


class Desk(
    CustomerSide,
    CallBack,
    Taking,
    Promising,
    Acting,
    Transfers,
    Company,
    Unmasking,
    CannedReplies,
    BeforeSending,
    Skills,
    Roster,
    Reading,
):
    """Every method is one transaction and tells the bus after its commit; `working` does what is owed and watches."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        bot: Bot,
        shop: Shop,
        rules: Rules | None = None,
        now: Callable[[], datetime] = utc_now,
        summariser: Summariser | None = None,
    ) -> None:
        self.workplace = Workplace(store, bus, rules or Rules(), now)
        self.shop = shop
        rules = self.workplace.rules
        turns = Turns(self.workplace, bot)
        self._turns = Worker(
            self.workplace,
            ("bot_turn",),
            turns.do,
            concurrency=rules.bot_concurrency,
            longest_seconds=rules.bot_timeout_seconds,
            overdue_seconds=turns.overdue_seconds,
        )
        self._errands = Worker(
            self.workplace,
            ("order_snapshot", "customer_refresh"),
            Errands(self.workplace, shop, summariser).do,
            concurrency=ERRAND_CONCURRENCY,
            longest_seconds=LONGEST_ERRAND_SECONDS,
            overdue_seconds=float(rules.message_answer_seconds),
        )
        self._watch = Watch(self.workplace, self.assign_waiting)

    @property
    def node(self) -> str:
        """This process's name in leases and heartbeats."""
        return self.workplace.node

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Runs the outbox workers and the watch until the block ends; unfinished work stays in the outbox."""
        if self.workplace.store.database.is_sqlite:
            # One desk process per SQLite file: whoever held these leases is gone, so nobody waits for them.
            async with self.workplace.store.writing() as connection:
                await outbox.drop_leases(connection)
        tasks = [asyncio.create_task(part.run()) for part in (self._turns, self._errands, self._watch)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(StorageUnavailable):
                async with self.workplace.store.writing() as connection:
                    await outbox.drop_leases(connection, self.node)

    async def work_until_idle(self) -> int:
        """Does all that is owed now, and returns how much that was; for commands and tests that run no `working`."""
        done = await self._turns.run_until_idle()
        return done + await self._errands.run_until_idle()

    async def sweep(self) -> Swept:
        """One round of the watch, now."""
        return await self._watch.sweep()

    def begin_watch(self) -> None:
        """Counts agents' silence from now on, for whoever calls `sweep` himself."""
        self._watch.begin()
