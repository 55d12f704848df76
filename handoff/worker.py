"""Takes work from the outbox under a lease and does it: bounded, in order per conversation, on whichever desk lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from handoff.bell import Bell
from handoff.crash_points import crash_if_asked
from handoff.errors import StorageUnavailable
from handoff.store import outbox
from handoff.store.outbox import Due, Kind
from handoff.workplace import Workplace

log = structlog.get_logger(__name__)

# Beyond the longest attempt: a lease that ends sooner would let a second desk begin while the first still works.
LEASE_MARGIN_SECONDS = 5.0
# After trouble with the database, so that a locked one is not asked in a tight loop.
PAUSE_SECONDS = 0.5


class Worker:
    def __init__(
        self,
        workplace: Workplace,
        kinds: Sequence[Kind],
        do: Callable[[Due], Awaitable[None]],
        *,
        concurrency: int,
        longest_seconds: float,
        overdue_seconds: float,
    ) -> None:
        self._workplace = workplace
        self._kinds = kinds
        self._do = do
        self._concurrency = concurrency
        self._lease = timedelta(seconds=longest_seconds + LEASE_MARGIN_SECONDS)
        self._overdue = timedelta(seconds=overdue_seconds)
        self._running: set[asyncio.Task[None]] = set()
        self._bell = Bell(kinds, workplace.node, self._lease, lambda: concurrency - len(self._running))

    async def run(self) -> None:
        """Works until cancelled; what is in flight then is left to the lease."""
        self._workplace.bells.append(self._bell)
        try:
            while True:
                given, is_owed = self._bell.take()
                if given:
                    crash_if_asked("outbox_taken_before_turn")
                for due in given:
                    self._start(due)
                try:
                    if is_owed or not given:
                        with self._bell.holding() as places:
                            for due in await self._take(places, is_owed):
                                self._start(due)
                except StorageUnavailable:
                    log.warning("outbox_unreachable", kinds=self._kinds)
                    await asyncio.sleep(PAUSE_SECONDS)
                await self._rest()
        finally:
            self._workplace.bells.remove(self._bell)
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def run_until_idle(self) -> int:
        """Does everything that is due now and what follows from it; returns how much that was."""
        done = 0
        while dues := await self._take(self._concurrency, is_owed=False):
            await asyncio.gather(*(self._do(due) for due in dues))
            done += len(dues)
        return done

    async def _take(self, limit: int, is_owed: bool) -> list[Due]:
        place = self._workplace
        now = place.now()
        if not is_owed:
            # Looking costs nothing; only taking needs the write lock.
            async with place.store.reading() as connection:
                if not await outbox.anything_free(connection, self._kinds, now):
                    return []
        async with place.store.writing() as connection:
            taken = await outbox.take(
                connection, self._kinds, place.node, now, now + self._lease, max(0, limit), now - self._overdue
            )
        if taken:
            crash_if_asked("outbox_taken_before_turn")
        return taken

    def _start(self, due: Due) -> None:
        task = asyncio.create_task(self._guarded(due))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        # The next message of the same conversation may be waiting behind this one.
        self._bell.nudge()

    async def _guarded(self, due: Due) -> None:
        try:
            await self._do(due)
        except StorageUnavailable:
            log.warning("outbox_result_not_stored", work_id=due.id, kind=due.kind, conversation_id=due.conversation_id)
        except Exception:
            # A bug in one piece of work must not stop the others; its lease runs out and it is tried again.
            log.exception("outbox_work_failed", work_id=due.id, kind=due.kind, conversation_id=due.conversation_id)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._workplace.rules.outbox_poll_seconds):
                await self._bell.heard()
        except TimeoutError:
            pass
