"""How often somebody may do something; over it, he is told how long to wait."""

from __future__ import annotations

import math
import time
from typing import Any

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from agent_console.pace import Pace
from agent_console.problems import TooManyAttempts, TooManyRequests
from agent_console.settings import Settings

log = structlog.get_logger(__name__)

REDIS_SECONDS = 0.5
"""A Redis that takes longer is no help: signing in must not hang on it."""

PASSWORD_TRIES = RateLimitItemPerMinute(10)
"""For one login from one address; a person who mistypes needs three, a guesser needs millions."""

SETUP_TRIES = RateLimitItemPerMinute(5)
TICKETS_PER_MINUTE = 60
UPLOADS_PER_MINUTE = 12
LOOKUPS_PER_MINUTE = 240
"""Suggestions while typing: four a second, as the widget asks at most every 200 ms."""

FRAME_BURST_SECONDS = 5
"""A page that opens many conversations at once sends a burst, then goes quiet."""


class RateLimits:
    """Guesses at passwords and codes are counted together by all desks where there is a Redis, else by each.

    What protects only a desk's own strength (messages, sessions, frames) is counted by each desk for itself.
    """

    def __init__(self, settings: Settings) -> None:
        self._own_windows = MovingWindowRateLimiter(MemoryStorage())
        self._windows = self._own_windows
        self._redis: ConnectionPool | None = None
        if settings.redis_url:
            self._redis = ConnectionPool.from_url(
                settings.redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
            )
            self._windows = MovingWindowRateLimiter(_shared_storage(settings.redis_url, self._redis))
        self._sign_ins = RateLimitItemPerMinute(settings.sign_ins_per_minute)
        self._messages = Pace(settings.messages_per_minute, 60)
        self._sessions = Pace(settings.sessions_per_minute, 60)
        self._tickets = Pace(TICKETS_PER_MINUTE, 60)
        self._uploads = Pace(UPLOADS_PER_MINUTE, 60)
        self._lookups = Pace(LOOKUPS_PER_MINUTE, 60)
        self._frames = Pace(settings.frames_per_second * FRAME_BURST_SECONDS, FRAME_BURST_SECONDS)

    async def sign_in(self, login: str, address: str) -> None:
        """Raises TooManyAttempts. Counted before the password is looked at, so parallel guesses count too."""
        await self._try(self._sign_ins, "sign-in", address)
        await self._try(PASSWORD_TRIES, "password", login, address)

    async def signed_in(self, login: str, address: str) -> None:
        """The right password clears what was mistyped before."""
        try:
            await self._windows.clear(PASSWORD_TRIES, "password", login, address)
        except StorageError:
            await self._own_windows.clear(PASSWORD_TRIES, "password", login, address)

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.disconnect()

    async def setup(self, address: str) -> None:
        await self._try(SETUP_TRIES, "setup", address)

    def session(self, address: str) -> None:
        """This and the following raise TooManyRequests."""
        _keep(self._sessions, address)

    def message(self, customer_id: str) -> None:
        _keep(self._messages, customer_id)

    def ticket(self, customer_id: str) -> None:
        _keep(self._tickets, customer_id)

    def upload(self, person_id: str) -> None:
        _keep(self._uploads, person_id)

    def lookup(self, person_id: str) -> None:
        _keep(self._lookups, person_id)

    def frame(self, connection_id: str) -> None:
        _keep(self._frames, connection_id)

    async def _try(self, item: RateLimitItem, *key: str) -> None:
        try:
            await _hit(self._windows, item, *key)
        except StorageError as trouble:
            log.warning("shared_limits_away", error=type(trouble.__cause__ or trouble).__name__)
            await _hit(self._own_windows, item, *key)


async def _hit(windows: MovingWindowRateLimiter, item: RateLimitItem, *key: str) -> None:
    if not await windows.hit(item, *key):
        stats = await windows.get_window_stats(item, *key)
        raise TooManyAttempts(max(1, math.ceil(stats.reset_time - time.time())))


def _shared_storage(redis_url: str, pool: ConnectionPool) -> RedisStorage:
    options: dict[str, Any] = {"connection_pool": pool}
    return RedisStorage(
        f"async+{redis_url}", wrap_exceptions=True, implementation="redispy", key_prefix="jieli", **options
    )


def _keep(pace: Pace, key: str) -> None:
    if wait := pace.wait(key):
        raise TooManyRequests(math.ceil(wait))
