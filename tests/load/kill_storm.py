"""So many acknowledged lines and escalations over so many kills, and not one lost: `python -m tests.load.kill_storm`.

The counts of GUARANTEES.md by default; each named crash point is armed in turn between plain kills.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections import Counter
from itertools import cycle
from pathlib import Path

import httpx

from handoff.crash_points import CRASH_POINTS
from tests.conformance import checkers
from tests.conformance.evidence import read_ledger
from tests.load.chaos import Findings
from tests.load.chaos_parts import Colleague, IllBot, Shopper, ill_bot_server
from tests.load.chaos_sites import PostgresSite, Site, SqliteSite, make_people
from tests.load.chaos_troubles import start_again

SPEAKERS = 24
AT_ONCE = 6
"""Lines that one speaker has on the way."""

CRASH_PATIENCE_SECONDS = 6.0
SETTLE_SECONDS = 60.0


class Storm:
    def __init__(self, site: Site, acks: int, kills: int, escalations: int, dice: random.Random) -> None:
        self.site = site
        self.wanted = {"acked": acks, "kills": kills, "escalated": escalations}
        self.dice = dice
        self.done: Counter[str] = Counter()
        self.escalated: list[str] = []

    @property
    def is_enough(self) -> bool:
        return all(self.done[name] >= wanted for name, wanted in self.wanted.items())

    async def run(self) -> Findings:
        await self.site.open()
        try:
            await self.site.desks[0].until_healthy()
            (login,) = await make_people(self.site, 1, SPEAKERS)
            for desk in self.site.desks[1:]:
                await start_again(desk)
            return await self._run(login)
        finally:
            await self.site.close()

    async def _run(self, login: str) -> Findings:
        agent = Colleague(self.site.url, login, self.dice)
        speakers = [Shopper(self.site.url, self.dice) for _ in range(SPEAKERS)]
        for person in (agent, *speakers):
            await person.start()
        await agent.go_online()
        for speaker in speakers:
            await speaker.ask_for_person()
            await agent.claim(speaker.conversation_id)
            await agent.say(speaker.conversation_id, "您好")
        began = time.monotonic()
        tasks = [asyncio.create_task(self._speak(speaker)) for speaker in speakers]
        tasks += [asyncio.create_task(self._escalate()) for _ in range(4)]
        await self._kill_again_and_again()
        await asyncio.gather(*tasks)
        await self._settle([agent, *speakers])
        return await self._judge([agent, *speakers], time.monotonic() - began)

    async def _speak(self, speaker: Shopper) -> None:
        """Every line goes out twice: what was acknowledged once must stay one."""
        while not self.is_enough:
            while len(speaker.outbox) < AT_ONCE and speaker.is_connected:
                sent = await speaker.say(speaker.conversation_id, f"第 {len(speaker.account.sent)} 句")
                if sent in speaker.outbox:
                    await speaker._send(speaker.outbox[sent])
                    self.done["sent again"] += 1
            before = len(speaker.acks)
            with contextlib.suppress(TimeoutError):
                await speaker.until(lambda before=before: len(speaker.acks) > before, 1)
            self.done["acked"] += len(speaker.acks) - before

    async def _escalate(self) -> None:
        """Newcomers who ask for a person and, when they hear nothing, ask again under the same id."""
        async with httpx.AsyncClient(base_url=self.site.url, timeout=10, trust_env=False, verify=False) as http:
            while not self.is_enough:
                if self.done["escalated"] >= self.wanted["escalated"]:
                    await asyncio.sleep(0.2)
                    continue
                http.cookies.clear()
                with contextlib.suppress(httpx.HTTPError):
                    answer = await http.post("/api/v1/widget/sessions", json={"app": "demo"})
                    session = answer.raise_for_status().json()
                    await self._ask(http, session)

    async def _ask(self, http: httpx.AsyncClient, session: dict[str, dict[str, str]]) -> None:
        place, client_msg_id = session["conversation"]["id"], uuid.uuid4().hex
        proof = {"Authorization": f"Bearer {session['visitor']}"}
        while not self.is_enough:
            with contextlib.suppress(httpx.HTTPError):
                path = f"/api/v1/widget/conversations/{place}/handoff"
                told = await http.post(path, json={"client_msg_id": client_msg_id}, headers=proof)
                if told.status_code in (200, 201):
                    self.escalated.append(place)
                    self.done["escalated"] += 1
                    return
            await asyncio.sleep(0.1)

    async def _kill_again_and_again(self) -> None:
        points = cycle(CRASH_POINTS)
        while not self.is_enough:
            await asyncio.sleep(self.dice.uniform(0.3, 2.5))
            desk = self.dice.choice(self.site.desks)
            await desk.kill()
            self.done["kills"] += 1
            if self.done["kills"] % 2:
                point = next(points)
                desk.start(crash_at=point)
                if await desk.until_dead(CRASH_PATIENCE_SECONDS):
                    self.done[point] += 1
                    self.done["kills"] += 1
                await desk.kill()
            await start_again(desk)

    async def _settle(self, people: list[Colleague | Shopper]) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while any(person.outbox for person in people) and time.monotonic() < deadline:
            await asyncio.sleep(0.2)

    async def _judge(self, people: list[Colleague | Shopper], seconds: float) -> Findings:
        store = self.site.store()
        ledger = await read_ledger(store)
        await store.close()
        acks = [ack for person in people for ack in person.account.acks]
        sent = [client_msg_id for person in people for client_msg_id in person.account.sent]
        refused = [client_msg_id for person in people for client_msg_id in person.refusals]
        findings = Findings(f"kill storm on {self.site.name}, {seconds:.0f} s")
        findings.broken = {
            "lost": checkers.lost_acks(acks, ledger),
            "doubled": checkers.doubled(ledger) + checkers.told_twice(acks),
            "stuck": checkers.without_outcome(sent, (ack.client_msg_id for ack in acks), refused),
            "escalations lost": checkers.lost_escalations(ledger, self.escalated),
            "rest": checkers.all_of_the_database(ledger),
        }
        findings.counts = self.done | Counter(
            {
                "sent": len(sent),
                "acked messages": len({ack.client_msg_id for ack in acks}),
                "events": len(ledger.events),
            }
        )
        findings.waited = [ended - began for person in people for began, ended in person.account.waited]
        for person in people:
            await person.stop()
        return findings


async def storm(kind: type[SqliteSite] | type[PostgresSite], acks: int, kills: int, escalations: int) -> Findings:
    home = Path(tempfile.mkdtemp(prefix="jieli-storm-"))
    dice = random.Random(1)
    bot = IllBot(dice)
    bot.is_well = True
    async with ill_bot_server(bot) as server:
        findings = await Storm(kind(home, server.url), acks, kills, escalations, dice).run()
    shutil.rmtree(home)
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acks", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--escalations", type=int, default=2_000)
    parser.add_argument("--site", choices=["sqlite", "postgres"], default="sqlite")
    asked = parser.parse_args()
    kind = SqliteSite if asked.site == "sqlite" else PostgresSite
    findings = asyncio.run(storm(kind, asked.acks, asked.kills, asked.escalations))
    findings.print(needs_late_bot=False)
    return 1 if any(findings.broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
