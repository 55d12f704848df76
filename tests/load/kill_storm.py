"""So many acknowledged lines and escalations over so many kills, and not one lost: `python -m tests.load.kill_storm`.

The counts of GUARANTEES.md by default; each named crash point is armed in turn between plain kills. Ctrl-C ends the
storm early, and so does its time limit; what was counted until then is judged and printed all the same.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import shutil
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx

from handoff.crash_points import CRASH_POINTS
from tests.conformance import checkers
from tests.conformance.evidence import Ack, read_ledger
from tests.load.chaos import Findings, views_of
from tests.load.chaos_parts import Colleague, IllBot, Shopper, ill_bot_server
from tests.load.chaos_sites import PostgresSite, Site, SqliteSite, make_people
from tests.load.chaos_troubles import arm, start_again
from tests.load.desk_process import DeskProcess

SPEAKERS = 24
AT_ONCE = 6
"""Lines that one speaker has on the way."""

NEWCOMERS = 4
CRASH_PATIENCE_SECONDS = 30.0
SETTLE_SECONDS = 60.0
PROGRESS_SECONDS = 15.0


class Storm:
    def __init__(
        self, site: Site, wanted: dict[str, int], dice: random.Random, seconds: float, only_points: bool
    ) -> None:
        self.site = site
        self.wanted = wanted
        self.dice = dice
        self.seconds = seconds
        self.only_points = only_points
        self.done: Counter[str] = Counter()
        self.escalated: list[str] = []
        self.told: list[Ack] = []
        self.is_called_off = False
        self._armed: str | None = None

    @property
    def shares(self) -> dict[str, float]:
        counts = {
            "acked": len(self.told) + sum(len(speaker.acks) for speaker in self.speakers),
            "escalated": len(self.escalated),
            "kills": self.done["kills"],
        }
        return {name: counts[name] / wanted for name, wanted in self.wanted.items() if wanted}

    @property
    def is_over(self) -> bool:
        return self.is_called_off or all(share >= 1 for share in self.shares.values())

    async def run(self) -> Findings:
        await self.site.open()
        try:
            await self.site.desks[0].until_healthy()
            logins = await make_people(self.site, 2, SPEAKERS)
            for desk in self.site.desks[1:]:
                await start_again(desk)
            return await self._run(*logins)
        finally:
            await self.site.close()

    async def _run(self, login: str, forgetful_login: str) -> Findings:
        agent, forgetful = (Colleague(self.site.url, each, self.dice) for each in (login, forgetful_login))
        self.speakers = [Shopper(self.site.url, self.dice) for _ in range(SPEAKERS)]
        people = [agent, forgetful, *self.speakers]
        for person in people:
            await person.start()
        await agent.go_online()
        for speaker in self.speakers:
            await speaker.ask_for_person()
            await agent.claim(speaker.conversation_id)
            await agent.say(speaker.conversation_id, "您好")
        await forgetful.go_online()
        self.began = time.monotonic()
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._call_off)
        tasks = [asyncio.create_task(self._speak(speaker)) for speaker in self.speakers]
        tasks += [asyncio.create_task(self._newcomers()) for _ in range(NEWCOMERS)]
        tasks += [asyncio.create_task(self._forget(forgetful)), asyncio.create_task(self._tell())]
        await self._kill_again_and_again()
        await asyncio.gather(*tasks)
        seconds = time.monotonic() - self.began
        await self._settle(people)
        return await self._judge(people, seconds)

    def _call_off(self) -> None:
        self.is_called_off = True

    async def _tell(self) -> None:
        told_at = self.began
        while not self.is_over:
            await asyncio.sleep(0.2)
            now = time.monotonic()
            if now - self.began > self.seconds:
                self._call_off()
            if now - told_at >= PROGRESS_SECONDS:
                told_at = now
                shares = "  ".join(f"{name} {share:.0%}" for name, share in self.shares.items())
                print(f"{now - self.began:.0f} s: {shares}", flush=True)

    async def _speak(self, speaker: Shopper) -> None:
        """Every line goes out twice: what was acknowledged once must stay one."""
        while not self.is_over:
            if self.shares.get("acked", 1) >= 1:
                await asyncio.sleep(0.2)
                continue
            while len(speaker.outbox) < AT_ONCE and speaker.is_connected:
                sent = await speaker.say(speaker.conversation_id, f"第 {len(speaker.account.sent)} 句")
                if sent in speaker.outbox:
                    await speaker._send(speaker.outbox[sent])
                    self.done["sent again"] += 1
            before = len(speaker.acks)
            with contextlib.suppress(TimeoutError):
                await speaker.until(lambda before=before: len(speaker.acks) > before, 1)

    async def _newcomers(self) -> None:
        """They ask for a person and, when they hear nothing, ask again under the same id."""
        async with httpx.AsyncClient(base_url=self.site.url, timeout=10, trust_env=False, verify=False) as http:
            while not self.is_over:
                if self.shares.get("escalated", 1) >= 1:
                    await asyncio.sleep(0.2)
                    continue
                http.cookies.clear()
                with contextlib.suppress(httpx.HTTPError):
                    answer = await http.post("/api/v1/widget/sessions", json={"app": "demo"})
                    session = answer.raise_for_status().json()
                    await self._visit(http, session)

    async def _visit(self, http: httpx.AsyncClient, session: dict[str, Any]) -> None:
        """Some try the bot first; all of them want a person in the end."""
        place = session["conversation"]["id"]
        if self.dice.random() < 0.3:
            body = {"type": "text", "text": "我的快递到哪了"}
            told = await self._insist(http, session, "messages", {"body": body})
            if told is not None:
                self.told.append(Ack(place, told["client_msg_id"], told["message_id"], told["seq"]))
        if await self._insist(http, session, "handoff", {}) is not None:
            self.escalated.append(place)

    async def _insist(
        self, http: httpx.AsyncClient, session: dict[str, Any], what: str, asked: dict[str, Any]
    ) -> dict[str, Any] | None:
        path = f"/api/v1/widget/conversations/{session['conversation']['id']}/{what}"
        proof = {"Authorization": f"Bearer {session['visitor']}"}
        client_msg_id = uuid.uuid4().hex
        while not self.is_over:
            with contextlib.suppress(httpx.HTTPError):
                told = await http.post(path, json={"client_msg_id": client_msg_id, **asked}, headers=proof)
                if told.status_code in (200, 201):
                    return dict(told.json())
            await asyncio.sleep(0.1)
        return None

    async def _forget(self, agent: Colleague) -> None:
        """Claims and says nothing, so that the watch has to take customers back, when it shall die of that."""
        while not self.is_over:
            await asyncio.sleep(0.3)
            if self._armed != "watch_before_requeue":
                continue
            with contextlib.suppress(httpx.HTTPError):
                rows = (await agent.call("GET", "conversations?list=waiting&limit=1"))["rows"]
                for row in rows:
                    await agent.call("POST", f"conversations/{row['id']}/claim", {})

    async def _kill_again_and_again(self) -> None:
        """Spread over the work, so that every kill finds some under way."""
        points = cycle(CRASH_POINTS)
        while not self.is_over:
            await asyncio.sleep(self.dice.uniform(0.3, 1.5))
            share, *rest = (self.shares[name] for name in ("kills", *(each for each in self.shares if each != "kills")))
            if share >= 1 or (rest and share > min(rest)):
                continue
            desk = self.dice.choice(self.site.desks)
            if self.only_points or self.done["kills"] % 2:
                dead = await self._dead_at(next(points))
                desk = dead or desk
            await desk.kill()
            self.done["kills"] += 1
            await start_again(desk)

    async def _dead_at(self, point: str) -> DeskProcess | None:
        self._armed = point
        arm(self.site, point)
        deadline = time.monotonic() + CRASH_PATIENCE_SECONDS
        dead = None
        while dead is None and time.monotonic() < deadline and not self.is_called_off:
            await asyncio.sleep(0.02)
            dead = next((desk for desk in self.site.desks if not desk.is_alive), None)
        arm(self.site, None)
        self._armed = None
        self.done[point] += dead is not None
        return dead

    async def _settle(self, people: list[Colleague | Shopper]) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while any(person.outbox for person in people) and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        # Whoever has every answer still hears of what came after it.
        store = self.site.store()
        while time.monotonic() < deadline:
            if not checkers.left_behind(views_of(self.speakers), await read_ledger(store)):
                break
            await asyncio.sleep(1)
        await store.close()

    async def _judge(self, people: list[Colleague | Shopper], seconds: float) -> Findings:
        store = self.site.store()
        ledger = await read_ledger(store)
        await store.close()
        acks = [ack for person in people for ack in person.account.acks] + self.told
        sent = [client_msg_id for person in people for client_msg_id in person.account.sent]
        refused = [client_msg_id for person in people for client_msg_id in person.refusals]
        findings = Findings(f"kill storm on {self.site.name}, {seconds:.0f} s")
        findings.broken = {
            "lost": checkers.lost_acks(acks, ledger),
            "doubled": checkers.doubled(ledger) + checkers.told_twice(acks),
            "reordered": checkers.seen_otherwise(views_of(self.speakers), ledger),
            "left behind": checkers.left_behind(views_of(self.speakers), ledger),
            "stuck": checkers.without_outcome(sent, (ack.client_msg_id for ack in acks), refused),
            "escalations lost": checkers.lost_escalations(ledger, self.escalated),
            "rest": checkers.all_of_the_database(ledger),
        }
        findings.counts = self.done | Counter(
            {
                "sent": len(sent),
                "acked messages": len({ack.client_msg_id for ack in acks}),
                "escalated": len(self.escalated),
                "events": len(ledger.events),
                "desk starts": sum(desk.starts for desk in self.site.desks),
            }
        )
        findings.never_reached = [f"{name} only {share:.0%}" for name, share in self.shares.items() if share < 1]
        findings.never_reached += [point for point in CRASH_POINTS if not self.done[point]]
        findings.waited = [ended - began for person in people for began, ended in person.account.waited]
        for person in people:
            await person.stop()
        return findings


async def storm(
    kind: type[SqliteSite] | type[PostgresSite], wanted: dict[str, int], seconds: float, only_points: bool
) -> Findings:
    home = Path(tempfile.mkdtemp(prefix="jieli-storm-"))
    dice = random.Random(1)
    bot = IllBot(dice)
    bot.is_well = True
    async with ill_bot_server(bot) as server:
        # So many lines do not fit on the small disk that is there to be filled.
        site = kind(home, server.url, **({"wants_small_disk": False} if kind is SqliteSite else {}))
        findings = await Storm(site, wanted, dice, seconds, only_points).run()
    if any(findings.broken.values()):
        print(f"kept for a closer look: {home}")
    else:
        shutil.rmtree(home)
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acks", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--escalations", type=int, default=2_000)
    parser.add_argument(
        "--minutes", type=float, default=20.0, help="ends after so long, whatever is missing (default 20)"
    )
    parser.add_argument("--only-points", action="store_true", help="every kill at a crash point, one after the other")
    parser.add_argument("--site", choices=["sqlite", "postgres"], default="sqlite")
    asked = parser.parse_args()
    kind = SqliteSite if asked.site == "sqlite" else PostgresSite
    wanted = {"acked": asked.acks, "kills": asked.kills, "escalated": asked.escalations}
    findings = asyncio.run(storm(kind, wanted, asked.minutes * 60, asked.only_points))
    findings.print(needs_late_bot=False)
    return 1 if any(findings.broken.values()) or findings.never_reached else 0


if __name__ == "__main__":
    sys.exit(main())
