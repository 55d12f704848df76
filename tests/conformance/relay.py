"""Desks that may die at a named point and start again on the same database, and people who remember what they got."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import handoff.crash_points
from handoff.bus import Bus, InProcessBus
from handoff.desk import Desk
from handoff.errors import JieliError, StorageUnavailable
from handoff.rasa_bot import TurnAnswer, TurnRequest
from handoff.views import Event, Receipt
from tests.conformance.evidence import Absence, Ack, Ledger, View, read_ledger
from tests.factories import make_desk, member
from tests.stand_ins import Clock, ScriptedBot, answer, faq, wants_person

# A desk that died is back after so long.
RESTART_SECONDS = 60


class Died(BaseException):
    """The process is gone: nothing after this point ran, and nobody caught it."""


@contextlib.contextmanager
def deaths_instead_of_exits() -> Any:
    """A crash point ends what the desk is doing, not the test."""

    def die(code: int) -> None:
        raise Died

    real = handoff.crash_points.os
    stand_in: Any = SimpleNamespace(environ={"JIELI_DEVELOPMENT": "1"}, _exit=die)
    handoff.crash_points.os = stand_in  # type: ignore[attr-defined]
    try:
        yield stand_in.environ
    finally:
        handoff.crash_points.os = real  # type: ignore[attr-defined]


def reply(request: TurnRequest) -> TurnAnswer:
    """Different for each message; some messages bring a person, some only annoy."""
    if "人工" in request.text:
        return wants_person(request.text)
    return answer(faq(f"答：{request.text}"))


@dataclass
class Send:
    """What somebody means to say until he has an answer, and after it."""

    who: str
    conversation_id: str
    client_msg_id: str
    text: str
    ack: Ack | None = None


@dataclass
class Process:
    """One desk process: it thinks the time is `off` from the true one, and dies with all that it has in hand."""

    desk: Desk
    bot: ScriptedBot
    off: timedelta = timedelta(0)
    in_hand: set[asyncio.Task[Any]] = field(default_factory=set)
    thinking: asyncio.Task[Any] | None = None
    is_dead: bool = False


@dataclass
class Relay:
    """`desks` processes on one database; requests reach the one at `at`."""

    url: str
    environ: dict[str, str]
    size: int = 1
    new_bus: Callable[[], Bus] = InProcessBus
    clock: Clock = field(default_factory=Clock)
    agents: dict[str, int] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    sends: list[Send] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)
    views: dict[tuple[str, str], View] = field(default_factory=dict)
    promised_a_person: list[str] = field(default_factory=list)
    conflicts: int = 0
    deaths: int = 0
    died_with_others: int = 0
    jumps: int = 0
    refusals: list[str] = field(default_factory=list)
    # Agents whose windows are closed, since when; and all such times, ended or not.
    away: dict[str, datetime] = field(default_factory=dict)
    absences: list[Absence] = field(default_factory=list)
    mended: int = 0
    processes: list[Process] = field(default_factory=list)
    at: int = 0

    @property
    def process(self) -> Process:
        return self.processes[self.at]

    @property
    def desk(self) -> Desk:
        return self.process.desk

    @property
    def is_open(self) -> bool:
        return bool(self.processes)

    async def open(self, agents: dict[str, int]) -> None:
        self.processes = [await self._new_process() for _ in range(self.size)]
        for agent_id, capacity in agents.items():
            await self.desk.add_agent(agent_id, ["order"], ["agent"], capacity, agent_id=agent_id)
            await self.desk.set_presence(agent_id, "online")
            await self.desk.agent_seen(agent_id)
        self.agents = agents

    async def _new_process(self, off: timedelta = timedelta(0)) -> Process:
        bot = ScriptedBot(reply)
        process = Process(await make_desk(self.url, bot=bot, bus=self.new_bus()), bot, off)
        process.desk.workplace.now = lambda: self.clock() + process.off
        process.desk.begin_watch()
        return process

    async def attempt(self, act: Awaitable[Any]) -> Any:
        """What the act returned; None when it was refused in words or its desk died over it."""
        process = self.process
        work = asyncio.ensure_future(act)
        process.in_hand.add(work)
        try:
            await asyncio.wait({work})
        finally:
            process.in_hand.discard(work)
        if work.cancelled():
            # The same process was doing something else, and died of that.
            self.died_with_others += 1
            return None
        trouble = work.exception()
        if trouble is None:
            return work.result()
        if isinstance(trouble, Died):
            self.deaths += 1
            await self._replace(process)
        elif isinstance(trouble, StorageUnavailable):
            self.refusals.append(str(trouble))
        elif not isinstance(trouble, JieliError):
            raise trouble
        return None

    async def restart(self) -> None:
        """A new process on the same database; what the old one knew and had begun is lost."""
        await self._replace(self.process)

    async def _replace(self, process: Process) -> None:
        self.environ.pop("JIELI_CRASH_AT", None)
        if process.is_dead:
            return
        await self._end(process)
        self.processes[self.processes.index(process)] = await self._new_process(process.off)
        self.clock.pass_time(seconds=RESTART_SECONDS)
        await self._heartbeats()

    async def close(self) -> None:
        self.environ.pop("JIELI_CRASH_AT", None)
        for process in self.processes:
            await self._end(process)

    async def _end(self, process: Process) -> None:
        """Whatever the process was doing ends where it stands; what people are doing does not."""
        process.is_dead = True
        doing = set(process.in_hand) | ({process.thinking} if process.thinking is not None else set())
        doing.discard(asyncio.current_task())  # type: ignore[arg-type]
        for task in doing:
            task.cancel()
        await asyncio.gather(*doing, return_exceptions=True)
        process.thinking = None
        await process.desk.workplace.bus.close()
        await process.desk.workplace.store.close()

    # Time

    async def time_passes(self, seconds: float) -> None:
        """The heartbeats of whoever is there are heard meanwhile."""
        self.clock.pass_time(seconds=seconds)
        await self._heartbeats()

    async def _heartbeats(self) -> None:
        """Whatever people do at one desk, their windows are open at another that lives."""
        alive = next(process for process in reversed(self.processes) if not process.is_dead)
        armed = self.environ.pop("JIELI_CRASH_AT", None)
        for agent_id in self.agents:
            if agent_id not in self.away:
                await alive.desk.agent_seen(agent_id)
        if armed is not None:
            self.environ["JIELI_CRASH_AT"] = armed

    async def sweep(self) -> None:
        """One round of this desk's watch; the sweeper finds nothing to mend in a desk that keeps its promises."""
        swept = await self.attempt(self.desk.sweep())
        if swept is not None:
            self.mended += swept.mended

    def jump(self, hours: float) -> None:
        """Somebody has set this machine's clock."""
        self.jumps += 1
        self.process.off = timedelta(hours=hours)

    # People

    async def enter(self, name: str) -> str | None:
        welcome = await self.attempt(self.desk.welcome(member(name, name)))
        if welcome is None:
            return None
        self.customers[welcome.conversation.id] = welcome.customer.id
        return str(welcome.conversation.id)

    async def deliver(self, send: Send) -> None:
        """Sends, or sends again; whatever comes back is held against the desk for ever."""
        body = {"type": "text", "text": send.text}
        if send.who in self.agents:
            act = self.desk.say(send.conversation_id, send.who, send.client_msg_id, body)
        else:
            act = self.desk.hear(send.conversation_id, self.customers[send.conversation_id], send.client_msg_id, body)
        receipt: Receipt | None = await self.attempt(act)
        if receipt is not None:
            self.conflicts += receipt.conflict
            send.ack = Ack(send.conversation_id, send.client_msg_id, receipt.message_id, receipt.seq)
            self.acks.append(send.ack)

    async def say(self, who: str, conversation_id: str, text: str) -> Send:
        send = Send(who, conversation_id, f"m{len(self.sends)}", text)
        self.sends.append(send)
        await self.deliver(send)
        return send

    async def ask_for_person(self, conversation_id: str, client_msg_id: str) -> None:
        act = self.desk.ask_for_person(conversation_id, self.customers[conversation_id], client_msg_id)
        if await self.attempt(act) is not None:
            self.promised_a_person.append(conversation_id)

    async def about_a_promise(self, conversation_id: str, act: Callable[[str], Awaitable[None]]) -> None:
        """The one in this conversation that is due first."""
        for promise in await self.desk.promises("", "all"):
            if promise.conversation_id == conversation_id:
                await act(promise.promise_id)
                return

    async def agent_leaves(self, agent_id: str) -> None:
        await self.attempt(self.desk.agent_gone(agent_id))
        if agent_id not in self.away:
            self.away[agent_id] = self.clock()
            self.absences.append(Absence(agent_id, self.clock()))

    async def agent_returns(self, agent_id: str) -> None:
        if agent_id in self.away:
            del self.away[agent_id]
            open_absence = next(each for each in self.absences if each.agent_id == agent_id and each.until is None)
            open_absence.until = self.clock()
        await self.attempt(self.desk.agent_seen(agent_id))

    async def holding_agent(self, conversation_id: str) -> str | None:
        agent = (await self.desk.conversation(conversation_id)).agent
        return agent.id if agent is not None else None

    async def bot_works(self) -> None:
        await self._bot_ends()
        await self.attempt(self.desk.work_until_idle())

    async def bot_begins(self) -> None:
        """Takes the work and stays in thought until `bot_works` or a death."""
        process = self.process
        if process.thinking is None:
            process.bot.hold("late")
            process.thinking = asyncio.create_task(process.desk.work_until_idle())
            begun = asyncio.create_task(process.bot.began.wait())
            await asyncio.wait({process.thinking, begun}, return_when=asyncio.FIRST_COMPLETED)
            begun.cancel()

    async def _bot_ends(self) -> None:
        process = self.process
        process.bot.mode = "ok"
        process.bot.let_go()
        if process.thinking is not None:
            thinking, process.thinking = process.thinking, None
            await self.attempt(thinking)

    async def read(self, reader: str, conversation_id: str, after: int | None = None) -> None:
        """Reconnects: everything after the last number that this reader has, or after an older one, in small pages."""
        view = self.views.setdefault((reader, conversation_id), View(reader, conversation_id))
        seq = view.contiguous if after is None else min(after, view.contiguous)
        audience: Any = "staff" if reader in self.agents else "customer"
        while True:
            page = await self.attempt(self.desk.events(conversation_id, after=seq, limit=3, audience=audience))
            if page is None:
                return
            for event in page.events:
                view.take(event.seq, event.id if isinstance(event, Event) else None)
                seq = event.seq
            if not page.more:
                return

    async def ledger(self) -> Ledger:
        return await read_ledger(self.desk.workplace.store)
