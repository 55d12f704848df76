"""People talk while everything breaks, then every promise is counted: `python -m tests.load.chaos`, 1 unless kept."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from handoff.errors import StorageUnavailable
from handoff.rules import Rules
from handoff.store import outbox
from tests.conformance import checkers
from tests.conformance.evidence import Absence, Ledger, View, read_ledger
from tests.load.chaos_parts import BOT_MODES, FORGOTTEN_SHARE, PERSON_SHARE, Colleague, IllBot, Shopper, ill_bot_server
from tests.load.chaos_sites import PostgresSite, Site, SqliteSite, make_people
from tests.load.chaos_troubles import AFTERMATH_SECONDS, JUMPS_HOURS, Trouble, Troubles, start_again
from tests.load.desk_process import CLAIM_TIMEOUT_SECONDS, GRACE_SECONDS, ROOT

CUSTOMERS = 10
AGENTS = 3
CAPACITY = 4
SETTLE_SECONDS = 60.0
# Five seconds for an ack or a coded refusal, and what two busy cores add to it.
OUTCOME_SECONDS = 6.0
BEAT_SECONDS = 0.5
# More of the time than this in line for a processor: others have it.
BUSY_SHARE = 0.3
# Acts of people without which a run has proved little.
MUST_HAPPEN = (
    "stalled readers", "escalations", "claims", "contested claims", "requeued, agent_lost", "requeued, claim_timeout",
    "suppressed", "promises",
)  # fmt: skip
RULES = Rules(grace_seconds=GRACE_SECONDS, claim_timeout_seconds=CLAIM_TIMEOUT_SECONDS)


@dataclass
class Findings:
    """Broken promises by kind, in words; and what was tried."""

    site: str
    broken: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    waited: list[float] = field(default_factory=list)
    calm: list[float] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)
    without_redis: list[float] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)
    never_reached: list[str] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        return not any(self.broken.values()) and self.counts["suppressed"] > 0 and self.counts["acked"] > 0

    def print(self, needs_late_bot: bool = True) -> None:
        print(f"\n{self.site}")
        for title, counts in (("counted", self.counts), ("happened", self.happened)):
            print(f"{title}: {', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}")
        for name, words in self.broken.items():
            print(f"{name:>22}: {len(words)}")
            for each in words[:5]:
                print(f"{'':>24}{each}")
        for name, values in (
            ("ack, outages included", self.waited),
            ("ack, nothing broken", self.calm),
            ("agent to customer, outages included", self.delivered),
            ("agent to customer, without Redis", self.without_redis),
        ):
            if values:
                figures = (f"p{round(q * 100)} {quantile(values, q) * 1000:.0f} ms" for q in (0.5, 0.95, 0.99))
                print(f"{name}:  {'  '.join(figures)}  of {len(values)}")
        for each in self.skipped:
            print(f"cannot be done here: {each}")
        print(f"never reached: {', '.join(self.never_reached) or 'nothing, everything came at least once'}")
        is_kept = self.is_kept if needs_late_bot else not any(self.broken.values())
        print("every promise was kept" if is_kept else "PROMISES WERE BROKEN")


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


class Chaos:
    def __init__(self, site: Site, bot: IllBot, seconds: float, dice: random.Random) -> None:
        self.site = site
        self.bot = bot
        self.seconds = seconds
        self.dice = dice
        self.findings = Findings(site.name)
        self.troubles = Troubles(site, dice, self)
        self.over_capacity: list[str] = []
        self.busy: list[tuple[float, float]] = []

    async def run(self) -> Findings:
        await self.site.open()
        try:
            return await self._run()
        finally:
            await self.site.close()

    async def _run(self) -> Findings:
        first, *others = self.site.desks
        if not await first.until_healthy():
            raise SystemExit(f"the desk does not start; see {first.home / 'desk.log'}")
        logins = await make_people(self.site, AGENTS, CAPACITY)
        for desk in others:
            await start_again(desk)
        self.agents = [Colleague(self.site.url, login, self.dice) for login in logins]
        self.shoppers = [Shopper(self.site.url, self.dice) for _ in range(CUSTOMERS)]
        self.people: list[Colleague | Shopper] = [*self.agents, *self.shoppers]
        for person in self.people:
            await person.start()
        for agent in self.agents:
            await agent.go_online()
        stalled = asyncio.create_task(self._stalled_reader(self.shoppers[0]))

        until = time.monotonic() + self.seconds
        ids = [agent.me["id"] for agent in self.agents]
        lives = [asyncio.create_task(agent.live(until, ids)) for agent in self.agents]
        lives += [asyncio.create_task(shopper.live(until)) for shopper in self.shoppers]
        lives.append(asyncio.create_task(self._watch_capacity(until)))
        lives.append(asyncio.create_task(self._watch_processors(until)))
        await self.troubles.go_on(until)
        await asyncio.gather(*lives)

        await self._heal()
        settled = await self._settle()
        ledger, undone = await self._evidence()
        stalled.cancel()
        self._judge(ledger, undone, settled)
        self._count(ledger)
        for person in self.people:
            await person.stop()
        return self.findings

    def are_all_back(self) -> bool:
        return all(person.is_connected for person in self.people)

    def lead_to(self, point: str | None) -> None:
        """The watch takes customers from agents who forget them; people talk to the bot and write anyway."""
        is_watch = point == "watch_before_requeue"
        for agent in self.agents:
            agent.forgotten_share = 1.0 if is_watch else FORGOTTEN_SHARE
        for shopper in self.shoppers:
            shopper.person_share = 0.5 if is_watch else PERSON_SHARE

    async def agent_vanishes(self, seconds: float) -> None:
        await self.dice.choice(self.agents).vanish(seconds)

    async def _heal(self) -> None:
        self.bot.is_well = True
        for desk in self.site.desks:
            if not desk.is_alive:
                await start_again(desk)

    async def _stalled_reader(self, shopper: Shopper) -> None:
        """A second window of a customer that reads nothing more, again and again as it is thrown out."""
        while True:
            with contextlib.suppress(Exception):  # the desk is away as often as not
                sleeper = await shopper._open()
                await sleeper.send(f'{{"v":1,"t":"watch","c":"{shopper.conversation_id}","d":{{"after":0}}}}')
                sleeper.transport.pause_reading()
                self.findings.counts["stalled readers"] += 1
                await asyncio.sleep(15)
                sleeper.transport.abort()
            await asyncio.sleep(1)

    async def _watch_capacity(self, until: float) -> None:
        """Looks at the database from outside, several times a second."""
        query = (
            "SELECT a.id, a.capacity, count(c.id) FROM agents a JOIN conversations c ON c.holder = 'agent:' || a.id "
            "GROUP BY a.id, a.capacity HAVING count(c.id) > a.capacity"
        )
        while time.monotonic() < until:
            await asyncio.sleep(0.3)
            with contextlib.suppress(Exception):  # locked, full or gone, as it shall be
                self.over_capacity += [f"{row[0]} held {row[2]} of {row[1]}" for row in await self.site.rows(query)]
                self.findings.counts["looks at capacity"] += 1

    async def _watch_processors(self, until: float) -> None:
        """When a desk stood in line for a processor, the machine was too busy to judge any time by it."""
        before = {desk.process: desk.seconds_in_line for desk in self.site.desks}
        while (began := time.monotonic()) < until:
            await asyncio.sleep(BEAT_SECONDS)
            now = {desk.process: desk.seconds_in_line for desk in self.site.desks}
            stood = max(seconds - before.get(process, seconds) for process, seconds in now.items())
            if stood > BUSY_SHARE * BEAT_SECONDS:
                self.busy.append((began, time.monotonic()))
            before = now

    async def _settle(self) -> bool:
        """Everything is well again: outboxes empty, the bot's work done, every reader at the head."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(StorageUnavailable, OSError, asyncpg.PostgresError):
                ledger, undone = await self._evidence()
                behind = checkers.left_behind(views_of(self.shoppers), ledger)
                if not undone and not behind and not any(person.outbox for person in self.people):
                    return True
            await asyncio.sleep(0.5)
        return False

    async def _evidence(self) -> tuple[Ledger, list[str]]:
        store = self.site.store()
        try:
            async with store.reading() as connection:
                undone = [due.id for due in await outbox.undone(connection) if due.kind == "bot_turn"]
            return await read_ledger(store), undone
        finally:
            await store.close()

    def _judge(self, ledger: Ledger, undone: list[str], settled: bool) -> None:
        acks = [ack for person in self.people for ack in person.account.acks]
        sent = [client_msg_id for person in self.people for client_msg_id in person.account.sent]
        refused = [client_msg_id for person in self.people for client_msg_id in person.refusals]
        views = views_of(self.shoppers)
        claims = Counter(claim for agent in self.agents for claim in agent.claims)
        escalated = [conversation_id for shopper in self.shoppers for conversation_id in shopper.escalations]
        self.findings.broken = {
            "lost": checkers.lost_acks(acks, ledger),
            "doubled": checkers.doubled(ledger) + checkers.told_twice(acks),
            "holes": checkers.holes(ledger),
            "reordered": checkers.seen_otherwise(views, ledger) + checkers.answered_before_asked(ledger),
            "left behind": checkers.left_behind(views, ledger),
            "stuck": checkers.without_outcome(sent, (ack.client_msg_id for ack in acks), refused)
            + [f"bot turn {each} never ended" for each in undone]
            + ([] if settled else ["it did not come to rest"])
            + checkers.left_in_silence(ledger),
            "late outcomes": self._late_outcomes(),
            "escalations lost": checkers.lost_escalations(ledger, escalated),
            "double claims": checkers.double_claims(ledger)
            + [f"{claim} was given twice" for claim, times in claims.items() if times > 1],
            "over capacity": self.over_capacity + checkers.over_capacity(ledger),
            "bot after hand-over": checkers.second_voices(ledger),
            "holder disagrees": checkers.holder_disagrees(ledger),
            "taken too early": checkers.taken_too_early(ledger, self._absences(), RULES),
            "promises broken": checkers.broken_promises(ledger),
            "asleep otherwise": checkers.asleep_otherwise(ledger),
            "audit chain": checkers.broken_chains(ledger),
            "impolite exits": [f"exit code {code}" for code in self.troubles.exits if code],
        }

    def _count(self, ledger: Ledger) -> None:
        kinds = Counter(event["kind"] for event in ledger.events)
        acked = {ack.client_msg_id for person in self.people for ack in person.account.acks}
        refused = {client_msg_id for person in self.people for client_msg_id in person.refusals}
        self.findings.counts.update(
            {
                "sent": sum(len(person.account.sent) for person in self.people),
                "acked": len(acked),
                "refused": len(refused - acked),
                "events": len(ledger.events),
                "escalations": kinds["handed_over"],
                "claims": kinds["claimed"],
                "contested claims": sum(agent.contested for agent in self.agents),
                **Counter(
                    f"requeued, {event['body']['staff']['why']}"
                    for event in ledger.events
                    if event["kind"] == "requeued"
                ),
                "suppressed": kinds["suppressed"],
                "promises": len(ledger.promises),
                "desk starts": sum(desk.starts for desk in self.site.desks),
                "reconnections": sum(person.reconnections for person in self.people),
                **{f"bot {mode}": times for mode, times in self.bot.turns.items()},
            }
        )
        waited = [span for person in self.people for span in person.account.waited]
        self.findings.waited = [end - began for began, end in waited]
        calm = (span for span in waited if not self._troubled(*span) and not self._was_busy(*span))
        self.findings.calm = [end - began for began, end in calm]
        self.findings.counts["busy seconds"] = round(sum(end - begin for begin, end in self.busy))
        self.findings.happened = self.troubles.counts
        self.findings.skipped = self.troubles.never_tried()
        ill = [f"bot {mode}" for mode in dict.fromkeys(BOT_MODES) if not self.bot.turns.get(mode)]
        acts = [act for act in MUST_HAPPEN if not self.findings.counts[act]]
        self.findings.never_reached = self.troubles.never_reached() + ill + acts
        self.findings.delivered = list(self._delivered(self.troubles.happened, anything=True))
        redis = [each for each in self.troubles.happened if each.name.startswith("Redis")]
        self.findings.without_redis = list(self._delivered(redis))

    def _delivered(self, during: list[Trouble], anything: bool = False) -> Iterator[float]:
        """From an agent's `say` to the message in the customer's window, by one steady clock."""
        arrived = {
            (thread.conversation_id, seq): at
            for shopper in self.shoppers
            for thread in shopper.threads.values()
            for seq, at in thread.arrived_at.items()
        }
        for agent in self.agents:
            for conversation_id, seq, began in {
                (ack.conversation_id, ack.seq, agent.account.sent[ack.client_msg_id][1]) for ack in agent.account.acks
            }:
                at = arrived.get((conversation_id, seq))
                if at is not None and (anything or any(each.began <= began <= each.ended for each in during)):
                    yield at - began

    def _troubled(self, began: float, ended: float) -> bool:
        return any(trouble.touches(began, ended) for trouble in self.troubles.happened)

    def _what_happened(self, began: float, ended: float) -> str:
        return ", ".join(each.name for each in self.troubles.happened if each.touches(began, ended)) or "nothing broken"

    def _was_busy(self, began: float, ended: float) -> bool:
        return any(begin <= ended and end >= began for begin, end in self.busy)

    def _late_outcomes(self) -> list[str]:
        """From the last time a message went out on an open line: an ack or a coded refusal, unless nobody was there."""
        silences = [trouble for trouble in self.troubles.happened if trouble.silences]
        return [
            f"an answer took {ended - began:.1f} s ({self._what_happened(began, ended)})"
            for person in self.people
            for began, ended in person.account.answered
            if ended - began > OUTCOME_SECONDS
            and not any(each.touches(began, ended) for each in silences)
            and not self._was_busy(began, ended)
        ]

    def _absences(self) -> list[Absence]:
        """While something was broken anybody's line may have been; a clock that jumps breaks no line.

        A desk alone on its database that starts under a wrong clock writes wrong times into the log.
        """
        offset = datetime.now(UTC).timestamp() - time.monotonic()

        def moment(seconds: float) -> datetime:
            return datetime.fromtimestamp(seconds + offset, UTC)

        def absence(agent_id: str, trouble: Trouble, hours: int) -> Absence:
            wrong = timedelta(hours=hours)
            until = moment(trouble.ended) + timedelta(seconds=AFTERMATH_SECONDS + GRACE_SECONDS)
            return Absence(agent_id, moment(trouble.began) - timedelta(seconds=GRACE_SECONDS) + wrong, until + wrong)

        troubles = [trouble for trouble in self.troubles.happened if trouble.name != "clock jump"]
        clocks = (0, *JUMPS_HOURS) if len(self.site.desks) == 1 else (0,)
        ids = [agent.me["id"] for agent in self.agents]
        return [absence(agent_id, trouble, hours) for agent_id in ids for trouble in troubles for hours in clocks]


def views_of(shoppers: list[Shopper]) -> list[View]:
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


async def make_chaos(kind: type[SqliteSite] | type[PostgresSite], seconds: float, seed: int) -> Findings:
    home = Path(tempfile.mkdtemp(prefix="jieli-chaos-"))
    dice = random.Random(seed)
    bot = IllBot(dice)
    async with ill_bot_server(bot) as server:
        findings = await Chaos(kind(home, server.url), bot, seconds, dice).run()
    if findings.is_kept:
        shutil.rmtree(home)
    else:
        print(f"kept for a closer look: {home}")
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.5, help="how long people talk on each site (default 3.5)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--site", choices=["sqlite", "postgres", "both"], default="both")
    asked = parser.parse_args()
    kinds: list[type[SqliteSite] | type[PostgresSite]] = []
    kinds += [SqliteSite] if asked.site != "postgres" else []
    kinds += [PostgresSite] if asked.site != "sqlite" else []
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    print(f"{asked.minutes:g} minutes on each site, seed {asked.seed}, code {commit.stdout.strip()}")
    all_kept = True
    for kind in kinds:
        findings = asyncio.run(make_chaos(kind, asked.minutes * 60, asked.seed))
        findings.print()
        all_kept = all_kept and findings.is_kept and not findings.never_reached
    return 0 if all_kept else 1


if __name__ == "__main__":
    sys.exit(main())
