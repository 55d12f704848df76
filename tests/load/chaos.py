"""People talk while everything breaks, then every promise is counted: `python -m tests.load.chaos`, 1 unless kept."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from handoff.crash_points import CRASH_POINTS
from handoff.store import Store, outbox
from tests.conformance import checkers
from tests.conformance.evidence import Ledger, View, read_ledger
from tests.load.chaos_parts import Colleague, DeskProcess, IllBot, Shopper, ill_bot_server

CUSTOMERS = 10
AGENTS = 3
CAPACITY = 4
SETTLE_SECONDS = 60.0
LOCKS_SECONDS = (1.5, 6.0)


@dataclass
class Findings:
    """Broken promises by kind, in words; and what was tried."""

    broken: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        return not any(self.broken.values()) and self.counts["suppressed"] > 0 and self.counts["acked"] > 0

    def print(self) -> None:
        tried = ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
        print(f"counted: {tried}")
        for name, words in self.broken.items():
            print(f"{name:>22}: {len(words)}")
            for each in words[:5]:
                print(f"{'':>24}{each}")
        if self.seconds:
            figures = "  ".join(
                f"p{round(q * 100)} {quantile(self.seconds, q) * 1000:.0f} ms" for q in (0.5, 0.95, 0.99)
            )
            print(f"ack, outages included:  {figures}")
        for each in self.skipped:
            print(f"skipped: {each}")
        print("every promise was kept" if self.is_kept else "PROMISES WERE BROKEN")


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


class Chaos:
    def __init__(self, home: Path, seconds: float, seed: int) -> None:
        self.dice = random.Random(seed)
        self.home = home
        self.seconds = seconds
        self.bot = IllBot(self.dice)
        self.findings = Findings()
        self.over_capacity: list[str] = []

    async def run(self) -> Findings:
        async with ill_bot_server(self.bot) as server:
            self.desk = DeskProcess(self.home, _free_port(), server.url)
            try:
                return await self._run()
            finally:
                await self.desk.kill()

    async def _run(self) -> Findings:
        self.desk.start()
        if not await self.desk.until_healthy():
            raise SystemExit(f"the desk does not start; see {self.home / 'desk.log'}")
        logins = await self.desk.make_people(AGENTS, CAPACITY)
        agents = [Colleague(self.desk.url, login, self.dice) for login in logins]
        shoppers = [Shopper(self.desk.url, self.dice) for _ in range(CUSTOMERS)]
        for person in (*agents, *shoppers):
            await person.start()
        for agent in agents:
            await agent.go_online()
        stalled = await self._stalled_reader(shoppers[0])

        until = time.monotonic() + self.seconds
        ids = [agent.me["id"] for agent in agents]
        lives = [asyncio.create_task(agent.live(until, ids)) for agent in agents]
        lives += [asyncio.create_task(shopper.live(until)) for shopper in shoppers]
        lives.append(asyncio.create_task(self._watch_capacity(until)))
        await self._break_things(until)
        await asyncio.gather(*lives)

        await self._heal()
        settled = await self._settle(agents, shoppers)
        ledger, undone = await self._evidence()
        stalled.cancel()
        self._judge(ledger, undone, agents, shoppers, settled)
        for person in (*agents, *shoppers):
            await person.stop()
        return self.findings

    async def _break_things(self, until: float) -> None:
        """Every crash point in turn, and between them whatever the dice say."""
        troubles: list[tuple[str, Callable[[], object]]] = []
        points = list(CRASH_POINTS)
        while time.monotonic() < until:
            await asyncio.sleep(self.dice.uniform(0.5, 2.5))
            if not troubles:
                troubles = [("kill -9", self._kill), ("frozen", self._freeze), ("locked", self._lock)]
                troubles += [(point, lambda point=point: self._crash_at(point)) for point in points]  # type: ignore[misc]
                self.dice.shuffle(troubles)
            name, make_trouble = troubles.pop()
            happened = await make_trouble()  # type: ignore[misc]
            self.findings.counts[name] += bool(happened)

    async def _kill(self) -> bool:
        await self.desk.kill()
        await self._start_again()
        return True

    async def _crash_at(self, point: str) -> bool:
        """Restarted with the point armed; True if the process reached it and died there."""
        await self.desk.kill()
        self.desk.start(crash_at=point)
        died = await self.desk.until_dead(20)
        await self.desk.kill()
        await self._start_again()
        return died

    async def _freeze(self) -> bool:
        await self.desk.freeze(self.dice.uniform(1, 4))
        return True

    async def _lock(self) -> bool:
        await self.desk.lock_database(self.dice.choice(LOCKS_SECONDS))
        return True

    async def _start_again(self) -> None:
        self.desk.start()
        await self.desk.until_healthy()

    async def _heal(self) -> None:
        self.bot.is_well = True
        if not self.desk.is_alive:
            await self._start_again()

    async def _stalled_reader(self, shopper: Shopper) -> asyncio.Task[None]:
        """A second window of a customer that reads nothing more, again and again as it is thrown out."""

        async def stall() -> None:
            while True:
                with contextlib.suppress(OSError, httpx.HTTPError, Exception):
                    sleeper = await shopper._open()
                    await sleeper.send(f'{{"v":1,"t":"watch","c":"{shopper.conversation_id}","d":{{"after":0}}}}')
                    sleeper.transport.pause_reading()
                    self.findings.counts["stalled readers"] += 1
                    await asyncio.sleep(15)
                    sleeper.transport.abort()
                await asyncio.sleep(1)

        return asyncio.create_task(stall())

    async def _watch_capacity(self, until: float) -> None:
        """Looks at the database from outside, several times a second."""
        query = (
            "SELECT a.id, a.capacity, count(c.id) FROM agents a JOIN conversations c ON c.holder = 'agent:' || a.id "
            "GROUP BY a.id, a.capacity HAVING count(c.id) > a.capacity"
        )
        while time.monotonic() < until:
            await asyncio.sleep(0.3)
            with contextlib.suppress(sqlite3.OperationalError):
                connection = sqlite3.connect(f"file:{self.desk.database}?mode=ro", uri=True, timeout=1)
                self.over_capacity += [f"{row[0]} held {row[2]} of {row[1]}" for row in connection.execute(query)]
                connection.close()
                self.findings.counts["looks at capacity"] += 1

    async def _settle(self, agents: list[Colleague], shoppers: list[Shopper]) -> bool:
        """Everything is well again: outboxes empty, the bot's work done, every reader at the head."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            ledger, undone = await self._evidence()
            behind = checkers.left_behind(_views(shoppers), ledger)
            if not undone and not behind and not any(person.outbox for person in (*agents, *shoppers)):
                return True
            await asyncio.sleep(0.5)
        return False

    async def _evidence(self) -> tuple[Ledger, list[str]]:
        store = Store.at(f"sqlite:///{self.desk.database}")
        try:
            async with store.reading() as connection:
                undone = [due.id for due in await outbox.undone(connection) if due.kind == "bot_turn"]
            return await read_ledger(store), undone
        finally:
            await store.close()

    def _judge(
        self, ledger: Ledger, undone: list[str], agents: list[Colleague], shoppers: list[Shopper], settled: bool
    ) -> None:
        people = [*agents, *shoppers]
        acks = [ack for person in people for ack in person.account.acks]
        sent = [client_msg_id for person in people for client_msg_id in person.account.sent]
        refused = [client_msg_id for person in people for client_msg_id in person.refusals]
        views = _views(shoppers)
        claims = Counter(claim for agent in agents for claim in agent.claims)
        escalated = [conversation_id for shopper in shoppers for conversation_id in shopper.escalations]
        self.findings.broken = {
            "lost": checkers.lost_acks(acks, ledger),
            "doubled": checkers.doubled(ledger) + checkers.told_twice(acks),
            "holes": checkers.holes(ledger),
            "reordered": checkers.seen_otherwise(views, ledger) + checkers.answered_before_asked(ledger),
            "left behind": checkers.left_behind(views, ledger),
            "stuck": checkers.without_outcome(sent, (ack.client_msg_id for ack in acks), refused)
            + [f"bot turn {each} never ended" for each in undone]
            + ([] if settled else ["it did not come to rest"])
            + _unanswered(ledger),
            "escalations lost": checkers.lost_escalations(ledger, escalated),
            "double claims": checkers.double_claims(ledger)
            + [f"{claim} was given twice" for claim, times in claims.items() if times > 1],
            "over capacity": self.over_capacity + checkers.over_capacity(ledger),
            "bot after hand-over": checkers.second_voices(ledger),
            "holder disagrees": checkers.holder_disagrees(ledger),
            "audit chain": checkers.broken_chains(ledger),
        }
        kinds = Counter(event["kind"] for event in ledger.events)
        self.findings.counts.update(
            {
                "sent": len(sent),
                "acked": len({ack.client_msg_id for ack in acks}),
                "refused": len(set(refused) - {ack.client_msg_id for ack in acks}),
                "events": len(ledger.events),
                "escalations": kinds["handed_over"],
                "claims": kinds["claimed"],
                "contested claims": sum(agent.contested for agent in agents),
                "requeued": kinds["requeued"],
                "suppressed": kinds["suppressed"],
                "desk starts": self.desk.starts,
                "reconnections": sum(person.reconnections for person in people),
                **{f"bot {mode}": times for mode, times in self.bot.turns.items()},
            }
        )
        self.findings.seconds = [each for person in people for each in person.account.seconds]
        if shutil.which("faketime") is None:
            self.findings.skipped.append("clock jumps (faketime is not installed)")
        missed = [point for point in CRASH_POINTS if not self.findings.counts[point]]
        if missed:
            self.findings.skipped.append(f"crash points that this run never reached: {', '.join(missed)}")


def _views(shoppers: list[Shopper]) -> list[View]:
    """What the customers' windows hold, as the checkers read it."""
    return [
        View(
            f"customer {n}",
            thread.conversation_id,
            {seq: str(event.get("id") or "") for seq, event in thread.events.items()},
            thread.contradictions,
        )
        for n, shopper in enumerate(shoppers)
        for thread in shopper.threads.values()
    ]


def _unanswered(ledger: Ledger) -> list[str]:
    """A customer who is with the bot and whose last message nobody has dealt with: silence."""
    logs = ledger.logs
    broken = []
    for thread in ledger.conversations:
        log = logs[thread["id"]]
        asked = [each["seq"] for each in log if each["kind"] == "message" and each["author_role"] == "customer"]
        dealt_with = max(
            (
                each["seq"]
                for each in log
                if each["kind"] not in ("message", "reopened") or each["author_role"] == "bot"
            ),
            default=0,
        )
        if thread["holder"] == "bot" and asked and asked[-1] > dealt_with:
            broken.append(f"{thread['id']}: nobody reacted to seq {asked[-1]}")
    return broken


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def make_chaos(seconds: float, seed: int) -> Findings:
    home = Path(tempfile.mkdtemp(prefix="jieli-chaos-"))
    findings = await Chaos(home, seconds, seed).run()
    if findings.is_kept:
        shutil.rmtree(home)
    else:
        print(f"kept for a closer look: {home}")
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long people talk (default 5)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    findings = asyncio.run(make_chaos(asked.minutes * 60, asked.seed))
    findings.print()
    return 0 if findings.is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
