"""Remembers for ten minutes what a turn was answered, so that a retry gets the same answer once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable
from typing import Any, Callable

KEPT_SECONDS = 600.0
KEPT_ANSWERS = 5_000
"""About 10 MB of answers; the oldest goes first."""

Answer = dict[str, Any]
Key = tuple[str, str]


class Answered:
    """Answers by (conversation, turn). A second request during the first waits for its answer."""

    def __init__(self, clock: Callable[[], float], limit: int = KEPT_ANSWERS) -> None:
        self._clock = clock
        self._limit = limit
        self._answers: OrderedDict[Key, tuple[float, asyncio.Future[Answer]]] = OrderedDict()

    def knows(self, key: Key) -> bool:
        """Whether this turn is being answered or was, so that asking again costs nothing."""
        self._forget_old()
        return key in self._answers

    async def once(self, key: Key, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """The first call works; a failure is raised to everyone who waits for it and then forgotten."""
        self._forget_old()
        if key in self._answers:
            return await asyncio.shield(self._answers[key][1])
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[key] = (self._clock() + KEPT_SECONDS, future)
        try:
            answer = await work()
        except BaseException as error:
            self._answers.pop(key, None)
            failure = error if isinstance(error, Exception) else RuntimeError("the first request was given up")
            future.set_exception(failure)
            future.exception()  # nobody may be waiting; asyncio would complain about an error never looked at
            raise
        future.set_result(answer)
        return answer

    def _forget_old(self) -> None:
        now = self._clock()
        while self._answers:
            key, (until, future) = next(iter(self._answers.items()))
            if (until > now and len(self._answers) <= self._limit) or not future.done():
                return
            del self._answers[key]
