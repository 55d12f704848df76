"""Three desks restarted one after the other under five hundred open chats: `python -m tests.load.rolling_restart`.

The next desk is restarted when everybody is back from the last one, as whoever looks after desks would do it;
`--in-a-row` does not wait for that.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from websockets.asyncio.client import ClientConnection

from tests.conformance import checkers
from tests.conformance.evidence import read_ledger
from tests.load.chaos import quantile
from tests.load.chaos_parts import IllBot, Shopper, ill_bot_server
from tests.load.chaos_sites import PostgresSite, make_people
from tests.load.chaos_troubles import start_again
from tests.load.clients import Frame

AT_ONCE = 16
SPEAKERS = 20
BACK_SECONDS = 15.0


class Visitor(Shopper):
    """Remembers how long he was without his chat."""

    def __init__(self, desk: str, dice: random.Random) -> None:
        super().__init__(desk, dice)
        self.lost_at: float | None = None
        self.seconds_away: list[float] = []

    @property
    def is_away(self) -> bool:
        return self.lost_at is not None or not self.is_connected

    async def _open(self) -> ClientConnection:
        if self.opened.is_set() and self.lost_at is None:
            self.lost_at = time.monotonic()
        return await super()._open()

    async def _take(self, frame: Frame) -> None:
        if frame["t"] == "caught_up" and self.lost_at is not None:
            self.seconds_away.append(time.monotonic() - self.lost_at)
            self.lost_at = None
        await super()._take(frame)


async def measure(sockets: int, is_in_a_row: bool) -> bool:
    home, dice = Path(tempfile.mkdtemp(prefix="jieli-rolling-")), random.Random(1)
    bot = IllBot(dice)
    bot.is_well = True
    async with ill_bot_server(bot) as server:
        site = PostgresSite(home, server.url)
        await site.open()
        try:
            await site.desks[0].until_healthy()
            await make_people(site, 1, 8)
            for desk in site.desks[1:]:
                await start_again(desk)
            return await _restart_under(site, sockets, dice, is_in_a_row)
        finally:
            await site.close()
            shutil.rmtree(home)


async def _until_nobody(is_so: Callable[[Visitor], object], visitors: list[Visitor]) -> None:
    """Gives up after the time that is promised: what takes longer is counted."""
    deadline = time.monotonic() + BACK_SECONDS
    while any(is_so(each) for each in visitors) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)


async def _restart_under(site: PostgresSite, sockets: int, dice: random.Random, is_in_a_row: bool) -> bool:
    visitors = [Visitor(site.url, dice) for _ in range(sockets)]
    for start in range(0, sockets, AT_ONCE):
        await asyncio.gather(*(visitor.start() for visitor in visitors[start : start + AT_ONCE]))
    until = time.monotonic() + 3600
    await _until_nobody(lambda each: each.is_away, visitors)
    talking = [asyncio.create_task(visitor.live(until)) for visitor in visitors[:SPEAKERS]]
    began = time.monotonic()
    exits = []
    for desk in site.desks:
        exits.append(await desk.stop())
        await start_again(desk)
        if not is_in_a_row:
            await _until_nobody(lambda each: each.is_away, visitors)
    seconds = time.monotonic() - began
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    await _until_nobody(lambda each: each.is_away or each.outbox, visitors)
    store = site.store()
    ledger = await read_ledger(store)
    await store.close()
    acks = [ack for visitor in visitors for ack in visitor.account.acks]
    away = [each for visitor in visitors for each in visitor.seconds_away]
    never_back = sum(visitor.is_away for visitor in visitors)
    lost = checkers.lost_acks(acks, ledger) + checkers.doubled(ledger) + checkers.holes(ledger)
    for start in range(0, sockets, AT_ONCE):
        await asyncio.gather(*(visitor.stop() for visitor in visitors[start : start + AT_ONCE]))
    print(f"{sockets} chats, three desks restarted in {seconds:.0f} s, exit codes {exits}")
    print(f"{len(acks)} acknowledged meanwhile; lost, doubled or holes: {len(lost)}; never back: {never_back}")
    if away:
        figures = "  ".join(f"p{round(q * 100)} {quantile(away, q):.1f} s" for q in (0.5, 0.95))
        print(f"away: {figures}  longest {max(away):.1f} s  of {len(away)} times")
    return not lost and not never_back and not any(exits) and bool(away) and max(away) < BACK_SECONDS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--in-a-row", action="store_true", help="restart the next desk without waiting for anybody")
    asked = parser.parse_args()
    return 0 if asyncio.run(measure(asked.sockets, asked.in_a_row)) else 1


if __name__ == "__main__":
    sys.exit(main())
