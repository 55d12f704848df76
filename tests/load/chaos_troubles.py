"""Everything that is done to a running site, one trouble after another, and when it was."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import asyncpg

from handoff.crash_points import CRASH_POINTS
from tests.load.chaos_sites import PostgresSite, Site, SqliteSite
from tests.load.desk_process import CLAIM_TIMEOUT_SECONDS, GRACE_SECONDS, DeskProcess, faketime_library

LOCKS_SECONDS = (1.5, 6.0)
JUMPS_HOURS = (-2, 2)
# A crash point is reached by what people do; some acts are rare.
CRASH_PATIENCE_SECONDS = 25
LONGEST_WAY_BACK_SECONDS = 30.0
# So long after a clock jump nothing else happens: whoever is taken from an agent then was taken by the clock.
CALM_SECONDS = max(GRACE_SECONDS, CLAIM_TIMEOUT_SECONDS) + 4
# People need a moment to be back; what takes longer is counted against the desk.
AFTERMATH_SECONDS = 4.0


@dataclass
class Trouble:
    name: str
    began: float
    ended: float
    # Whether an answer may be late for it: a process that is stopped or gone answers nobody.
    silences: bool

    def touches(self, begin: float, end: float) -> bool:
        return begin <= self.ended + AFTERMATH_SECONDS and end >= self.began


@dataclass
class Troubles:
    site: Site
    dice: random.Random
    happened: list[Trouble] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    exits: list[int | None] = field(default_factory=list)

    async def go_on(self, until: float, everybody_is_back: Callable[[], bool]) -> None:
        """Every crash point and every other trouble in turn, in an order by the dice, until the time is up.

        On a busy machine a desk takes long to start: what breaks while nobody is there proves nothing.
        """
        self._everybody_is_back = everybody_is_back
        waiting: list[tuple[str, bool, Callable[[], Awaitable[bool | None]]]] = []
        while time.monotonic() < until:
            await self._until_everybody_is_back()
            await asyncio.sleep(self.dice.uniform(0.5, 2.5))
            if not waiting:
                waiting = self._all()
                self.dice.shuffle(waiting)
            name, silences, make = waiting.pop()
            began = time.monotonic()
            trouble = Trouble(name, began, began + 3600, silences)
            self.happened.append(trouble)
            try:
                self.counts[name] += await make() is not False
            except (OSError, TimeoutError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError):
                # What was to be broken was still broken from the last time.
                self.counts[f"{name} (not possible)"] += 1
            trouble.ended = time.monotonic()
            if name == "clock jump":
                await asyncio.sleep(CALM_SECONDS)

    def _all(self) -> list[tuple[str, bool, Callable[[], Awaitable[bool | None]]]]:
        site = self.site
        found: list[tuple[str, bool, Callable[[], Awaitable[bool | None]]]] = [
            (point, True, lambda point=point: self._crash_at(point))  # type: ignore[misc]
            for point in CRASH_POINTS
        ]
        found += [
            ("kill -9", True, self._kill),
            ("frozen", True, lambda: self._desk().freeze(self.dice.uniform(1, 4))),
            ("locked", False, lambda: site.lock(self.dice.choice(LOCKS_SECONDS))),
            ("restarted politely", True, self._restart),
        ]
        if faketime_library() is not None:
            found.append(("clock jump", False, self._jump))
        if isinstance(site, SqliteSite) and site.has_small_disk:
            found.append(("disk full", False, lambda: site.fill_disk(self.dice.uniform(2, 6))))
        if isinstance(site, PostgresSite):
            found += [
                ("PostgreSQL kill -9", True, site.kill_postgres),
                ("Redis kill -9", False, lambda: site.kill_redis(self.dice.uniform(1, 5))),
                ("Redis hung", False, lambda: site.hang_redis(self.dice.uniform(3, 6))),
            ]
        return found

    async def _until_everybody_is_back(self) -> None:
        deadline = time.monotonic() + LONGEST_WAY_BACK_SECONDS
        while not self._everybody_is_back() and time.monotonic() < deadline:
            await asyncio.sleep(0.1)

    def never_tried(self) -> list[str]:
        missing = [] if faketime_library() is not None else ["clock jumps (libfaketime is for 64-bit Linux)"]
        if isinstance(self.site, SqliteSite) and not self.site.has_small_disk:
            missing.append("disk full (only root can make a small disk)")
        points = [point for point in CRASH_POINTS if not self.counts[point]]
        return missing + ([f"crash points never reached: {', '.join(points)}"] if points else [])

    def _desk(self) -> DeskProcess:
        return self.dice.choice(self.site.desks)

    async def _kill(self) -> None:
        desk = self._desk()
        await desk.kill()
        await start_again(desk)

    async def _restart(self) -> None:
        """As in a rolling restart, one desk after the other."""
        for desk in self.site.desks:
            self.exits.append(await desk.stop())
            await start_again(desk)

    async def _crash_at(self, point: str) -> bool:
        """Restarted with the point armed; True if the process reached it and died there."""
        desk = self._desk()
        await desk.kill()
        desk.start(crash_at=point)
        with contextlib.suppress(TimeoutError):
            await desk.until_healthy()
        if isinstance(self.site, PostgresSite):
            # Else the others, who have everybody now, would do all the work.
            self.site.balancer.send_everybody_to(desk)
        died = await desk.until_dead(CRASH_PATIENCE_SECONDS)
        if isinstance(self.site, PostgresSite):
            self.site.balancer.send_everybody_to(None)
        await desk.kill()
        await start_again(desk)
        return died

    async def _jump(self) -> None:
        """Somebody sets one machine's clock; it stays so, also over the next restart, until the next jump."""
        desk = self._desk()
        desk.set_clock(self.dice.choice(JUMPS_HOURS))
        # The library looks at its file once a second.
        await asyncio.sleep(1.5)


async def start_again(desk: DeskProcess) -> None:
    desk.start()
    with contextlib.suppress(TimeoutError):
        await desk.until_healthy()
