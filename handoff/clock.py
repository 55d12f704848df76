"""The time of day, passed in everywhere so that tests can hold it still."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog

from handoff.errors import StorageUnavailable

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60.0
# So much may the time move at one look: a wrong clock is followed within hours, and no grace ends early by it.
LARGEST_STEP = timedelta(seconds=3)
# Whoever is asked answers that late at worst; less is no sign of a wrong clock.
TOLERANCE = timedelta(seconds=1)


def utc_now() -> datetime:
    return datetime.now(UTC)


def steady_seconds() -> float:
    """Goes on while the machine sleeps, and does not care what anybody sets its clock to."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """One time for all desks on one database: taken from it at the start, then counted on, whatever clocks do.

    With the time of day as the machine tells it, a desk two hours ahead would take every agent for vanished.
    """

    def __init__(self, true_time: datetime, seconds: Callable[[], float] = steady_seconds) -> None:
        self._seconds = seconds
        self._began = seconds()
        self._at_begin = true_time

    def __call__(self) -> datetime:
        return self._at_begin + timedelta(seconds=self._seconds() - self._began)

    def approach(self, true_time: datetime) -> None:
        """Towards what is said to be the time, in small steps: it may be the other clock that was set wrong."""
        gap = true_time - self()
        if abs(gap) > TOLERANCE:
            step = min(max(gap, -LARGEST_STEP), LARGEST_STEP)
            self._at_begin += step
            log.warning("clock_disagrees", gap_seconds=round(gap.total_seconds()))


@asynccontextmanager
async def steady_clock(read_time: Callable[[], Awaitable[datetime]]) -> AsyncIterator[SteadyClock]:
    """Looks at the time now and then until the block ends."""
    clock = SteadyClock(await read_time())

    async def follow() -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                clock.approach(await read_time())
            except StorageUnavailable:
                log.warning("time_unreadable")

    following = asyncio.create_task(follow())
    try:
        yield clock
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
