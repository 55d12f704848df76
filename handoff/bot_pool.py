"""Several Rasa servers as one bot: each conversation keeps to one of them, and goes to the next when that is away."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence

import structlog

from handoff.errors import BotFailed
from handoff.rasa_bot import RasaBot, TurnAnswer, TurnRequest

log = structlog.get_logger(__name__)

# A server that was not there is not tried first again for so long; when no other is left it is tried at once.
AWAY_SECONDS = 30.0
# These say that the server is away, not that it was asked something that it cannot do.
AWAY = frozenset({"unreachable", "breaker_open"})


class BotPool:
    """Losing a server costs a conversation Rasa's memory of it, no more: what matters comes with every turn, and a
    turn that is asked twice is carried out once, for the shop knows it by its `turn_id`."""

    def __init__(self, bots: Sequence[RasaBot], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._bots = tuple(bots)
        self._monotonic = monotonic
        self._away_until: dict[str, float] = {}

    async def turn(self, request: TurnRequest, timeout_seconds: float) -> TurnAnswer:
        """Raises BotFailed within the time given: the last server's, if all are away."""
        started = self._monotonic()
        try:
            return await self._asked(request, started + timeout_seconds)
        except BotFailed as failure:
            # A server that is passed over, as the spare place that stands empty is, has failed nobody.
            milliseconds = round((self._monotonic() - started) * 1000)
            log.warning("bot_failed", turn_id=request.turn_id, kind=failure.kind, milliseconds=milliseconds)
            raise

    async def _asked(self, request: TurnRequest, deadline: float) -> TurnAnswer:
        *others, last = self._in_order(request.conversation_id)
        for bot in others:
            try:
                return await bot.turn(request, deadline - self._monotonic())
            except BotFailed as failure:
                if failure.kind not in AWAY:
                    raise
                self._away_until[bot.url] = self._monotonic() + AWAY_SECONDS
                log.info("bot_passed_over", turn_id=request.turn_id, url=bot.url, kind=failure.kind)
        return await last.turn(request, deadline - self._monotonic())

    def _in_order(self, conversation_id: str) -> list[RasaBot]:
        """Its own server first (rendezvous hashing: a server more or less moves only its share), absent ones last."""
        now = self._monotonic()

        def place(bot: RasaBot) -> tuple[bool, bytes]:
            drawn = hashlib.blake2b(f"{bot.url} {conversation_id}".encode(), digest_size=8).digest()
            return self._away_until.get(bot.url, 0.0) > now, drawn

        return sorted(self._bots, key=place)

    async def is_ready(self) -> bool:
        return any(await asyncio.gather(*(bot.is_ready() for bot in self._bots)))

    async def close(self) -> None:
        for bot in self._bots:
            await bot.close()
