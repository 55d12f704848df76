"""Everything that is done to a running site, one trouble after another, and when it was."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import NamedTuple, Protocol

import asyncpg

from handoff.crash_points import CRASH_POINTS, EXIT_CODE
from tests.load.chaos_sites import PostgresSite, Site, SqliteSite
from tests.load.desk_process import CLAIM_TIMEOUT_SECONDS, GRACE_SECONDS, DeskProcess, faketime_library

LOCKS_SECONDS = (6.0, 1.5)
JUMPS_HOURS = (2, -2)
# A crash point is reached by what people do; some acts are rare.
CRASH_PATIENCE_SECONDS = 25
LONGEST_WAY_BACK_SECONDS = 30.0
# So long after a clock jump nothing else happens: whoever is taken from an agent then was taken by the clock.
CALM_SECONDS = max(GRACE_SECONDS, CLAIM_TIMEOUT_SECONDS) + 4
VANISHED_SECONDS = GRACE_SECONDS + 3
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


class Kind(NamedTuple):
    name: str
    silences: bool
    make: Callable[[], Awaitable[bool | None]]
    """False if it could not be brought about this time."""


class People(Protocol):
    """What troubles have to know of them and may ask of them."""

    def are_all_back(self) -> bool: ...

    def lead_to(self, point: str | None) -> None:
        """Do more of what leads to this crash point; with None, live as usual."""

    async def agent_vanishes(self, seconds: float) -> None: ...


@dataclass
class Troubles:
    site: Site
    dice: random.Random
    people: People
    happened: list[Trouble] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    exits: list[int | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._locks = cycle(LOCKS_SECONDS)
        self._jumps = cycle(JUMPS_HOURS)
        self._desks: Iterator[DeskProcess] | None = None

    async def go_on(self, until: float) -> None:
        """Every crash point and every other trouble once in each round, in an order by the dice, until time is up.

        What could not be brought about is tried again before the next round. On a busy machine a desk takes long to
        start: what breaks while nobody is there proves nothing.
        """
        self._began = time.monotonic()
        waiting: list[Kind] = []
        while time.monotonic() < until:
            await self._until_everybody_is_back()
            await asyncio.sleep(self.dice.uniform(0.5, 1.5))
            if not waiting:
                waiting = self.kinds()
                self.dice.shuffle(waiting)
            kind = waiting.pop()
            if not await self._happens(kind):
                waiting.insert(0, kind)

    async def _happens(self, kind: Kind) -> bool:
        began = time.monotonic()
        trouble = Trouble(kind.name, began, began + 3600, kind.silences)
        self.happened.append(trouble)
        try:
            is_done = await kind.make() is not False
        except (OSError, TimeoutError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError):
            # What was to be broken was still broken from the last time.
            is_done = False
        self.counts[kind.name if is_done else f"{kind.name} (not possible)"] += 1
        trouble.ended = time.monotonic()
        how_long = f"{trouble.ended - began:.1f} s" if is_done else "not possible"
        print(f"{began - self._began:6.0f} s  {kind.name} ({how_long})", flush=True)
        if kind.name == "clock jump":
            await asyncio.sleep(CALM_SECONDS)
        return is_done

    def kinds(self) -> list[Kind]:
        site = self.site
        found = [Kind(point, True, lambda point=point: self._crash_at(point)) for point in CRASH_POINTS]  # type: ignore[misc]
        found += [
            Kind("kill -9", True, self._kill),
            Kind("frozen", True, lambda: self._desk().freeze(self.dice.uniform(1, 4))),
            Kind("locked", False, lambda: site.lock(next(self._locks))),
            Kind("restarted politely", True, self._restart),
            Kind("agent vanished", False, lambda: self.people.agent_vanishes(VANISHED_SECONDS)),
        ]
        if faketime_library() is not None:
            found.append(Kind("clock jump", False, self._jump))
        if isinstance(site, SqliteSite) and site.has_small_disk:
            found.append(Kind("disk full", False, lambda: site.fill_disk(self.dice.uniform(2, 6))))
        if isinstance(site, PostgresSite):
            found += [
                Kind("PostgreSQL kill -9", True, site.kill_postgres),
                Kind("Redis kill -9", False, lambda: site.kill_redis(self.dice.uniform(3, 5))),
                Kind("Redis hung", False, lambda: site.hang_redis(self.dice.uniform(3, 6))),
            ]
        return found

    async def _until_everybody_is_back(self) -> None:
        deadline = time.monotonic() + LONGEST_WAY_BACK_SECONDS
        while not self.people.are_all_back() and time.monotonic() < deadline:
            await asyncio.sleep(0.1)

    def never_tried(self) -> list[str]:
        """What this machine does not let us do."""
        missing = [] if faketime_library() is not None else ["clock jumps (libfaketime is for 64-bit Linux)"]
        if isinstance(self.site, SqliteSite) and not self.site.has_small_disk:
            missing.append("disk full (only root can make a small disk)")
        return missing

    def never_reached(self) -> list[str]:
        return [kind.name for kind in self.kinds() if not self.counts[kind.name]]

    def _desk(self) -> DeskProcess:
        """One after the other."""
        self._desks = self._desks or cycle(self.site.desks)
        return next(self._desks)

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
        """Whoever of the desks passes there next dies in the middle of serving people."""
        self.people.lead_to(point)
        arm(self.site, point)
        try:
            dead = await self._first_dead()
        finally:
            arm(self.site, None)
            self.people.lead_to(None)
        if dead is not None:
            await start_again(dead)
        return dead is not None

    async def _first_dead(self) -> DeskProcess | None:
        deadline = time.monotonic() + CRASH_PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for desk in self.site.desks:
                if desk.exit_code == EXIT_CODE:
                    return desk
            await asyncio.sleep(0.05)
        return None

    async def _jump(self) -> None:
        """Somebody sets one machine's clock; it stays so, also over the next restart, until the next jump."""
        desk = self._desk()
        desk.set_clock(next(self._jumps))
        # The library looks at its file once a second.
        await asyncio.sleep(1.5)


async def start_again(desk: DeskProcess) -> None:
    desk.start()
    with contextlib.suppress(TimeoutError):
        await desk.until_healthy()


def arm(site: Site, point: str | None) -> None:
    """From now on one of its desks dies at that point; None takes it back if none has yet."""
    if point is None:
        site.crash_file.unlink(missing_ok=True)
        return
    written = site.crash_file.with_suffix(".new")
    written.write_text(point)
    written.rename(site.crash_file)
