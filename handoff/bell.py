"""What wakes a worker: that work is owed, that it is worth a look, or a piece of work that is leased for it already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from handoff.store.outbox import Due, Kind


class Bell:
    """One worker's. A place is reserved before work is leased for it, so that it never gets more than it can do."""

    def __init__(self, kinds: Sequence[Kind], node: str, lease: timedelta, free_places: Callable[[], int]) -> None:
        self.kinds = frozenset(kinds)
        self.node = node
        self.lease = lease
        self._free_places = free_places
        self._reserved = 0
        self._given: list[Due] = []
        self._is_owed = False
        self._rung = asyncio.Event()

    @property
    def places(self) -> int:
        """How much more may be taken, apart from what is reserved and given."""
        return self._free_places() - self._reserved - len(self._given)

    def reserve(self) -> bool:
        if self.places <= 0:
            return False
        self._reserved += 1
        return True

    def release(self) -> None:
        """What was to be leased was not stored."""
        self._reserved -= 1

    @contextmanager
    def holding(self) -> Iterator[int]:
        """Reserves all free places while the worker looks for work to fill them; what it begins then counts itself."""
        places = max(0, self.places)
        self._reserved += places
        try:
            yield places
        finally:
            self._reserved -= places

    def give(self, due: Due) -> None:
        """It is stored and leased: the worker may begin."""
        self._reserved -= 1
        self._given.append(due)
        self._rung.set()

    def ring(self) -> None:
        self._is_owed = True
        self._rung.set()

    def nudge(self) -> None:
        self._rung.set()

    def take(self) -> tuple[list[Due], bool]:
        """What was given since the last time, and whether more is owed."""
        given, self._given = self._given, []
        is_owed, self._is_owed = self._is_owed, False
        self._rung.clear()
        return given, is_owed

    async def heard(self) -> None:
        await self._rung.wait()
