"""How often somebody may do something; over it, he is told how long to wait."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from agent_console.problems import TooManyAttempts, TooManyRequests
from agent_console.settings import Settings

PASSWORD_TRIES = RateLimitItemPerMinute(10)
"""For one login from one address; a person who mistypes needs three, a guesser needs millions."""

SETUP_TRIES = RateLimitItemPerMinute(5)
TICKETS = RateLimitItemPerMinute(60)
UPLOADS = RateLimitItemPerMinute(12)
LOOKUPS = RateLimitItemPerMinute(240)
"""Suggestions while typing: four a second, as the widget asks at most every 200 ms."""


class RateLimits:
    """Counts in this process; several desks together allow as many times more."""

    def __init__(self, settings: Settings) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())
        self._messages = RateLimitItemPerMinute(settings.messages_per_minute)
        self._sessions = RateLimitItemPerMinute(settings.sessions_per_minute)
        self._sign_ins = RateLimitItemPerMinute(settings.sign_ins_per_minute)
        self._frames = RateLimitItemPerSecond(settings.frames_per_second * 5, 5)

    async def sign_in(self, login: str, address: str) -> None:
        """Raises TooManyAttempts. Counted before the password is looked at, so parallel guesses count too."""
        for item, key in ((self._sign_ins, ("sign-in", address)), (PASSWORD_TRIES, ("password", login, address))):
            if not await self._windows.hit(item, *key):
                raise TooManyAttempts(await self._wait(item, *key))

    async def signed_in(self, login: str, address: str) -> None:
        """The right password clears what was mistyped before."""
        await self._windows.clear(PASSWORD_TRIES, "password", login, address)

    async def setup(self, address: str) -> None:
        if not await self._windows.hit(SETUP_TRIES, "setup", address):
            raise TooManyAttempts(await self._wait(SETUP_TRIES, "setup", address))

    async def session(self, address: str) -> None:
        await self._hit(self._sessions, "session", address)

    async def message(self, customer_id: str) -> None:
        await self._hit(self._messages, "message", customer_id)

    async def ticket(self, customer_id: str) -> None:
        await self._hit(TICKETS, "ticket", customer_id)

    async def upload(self, person_id: str) -> None:
        await self._hit(UPLOADS, "upload", person_id)

    async def lookup(self, person_id: str) -> None:
        await self._hit(LOOKUPS, "lookup", person_id)

    async def frame(self, connection_id: str) -> None:
        await self._hit(self._frames, "frame", connection_id)

    async def _hit(self, item: RateLimitItem, *key: str) -> None:
        if not await self._windows.hit(item, *key):
            raise TooManyRequests(await self._wait(item, *key))

    async def _wait(self, item: RateLimitItem, *key: str) -> int:
        stats = await self._windows.get_window_stats(item, *key)
        return max(1, math.ceil(stats.reset_time - time.time()))
