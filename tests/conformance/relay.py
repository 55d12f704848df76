"""A desk that may die at a named point and start again on the same database, and people who remember what they got."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import handoff.crash_points
from handoff.desk import Desk
from handoff.errors import JieliError, StorageUnavailable
from handoff.rasa_bot import TurnAnswer, TurnRequest
from handoff.views import Event, Receipt
from tests.conformance.evidence import Ack, Ledger, View, read_ledger
from tests.factories import make_desk, member
from tests.stand_ins import Clock, ScriptedBot, answer, faq, wants_person


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
class Relay:
    url: str
    environ: dict[str, str]
    clock: Clock = field(default_factory=Clock)
    bot: ScriptedBot = field(default_factory=lambda: ScriptedBot(reply))
    agents: dict[str, int] = field(default_factory=dict)
    customers: dict[str, str] = field(default_factory=dict)
    sends: list[Send] = field(default_factory=list)
    acks: list[Ack] = field(default_factory=list)
    views: dict[tuple[str, str], View] = field(default_factory=dict)
    promised_a_person: list[str] = field(default_factory=list)
    conflicts: int = 0
    deaths: int = 0
    refusals: list[str] = field(default_factory=list)
    thinking: asyncio.Task[Any] | None = None
    desk: Desk = field(init=False)

    async def open(self, agents: dict[str, int]) -> None:
        self.desk = await make_desk(self.url, bot=self.bot, now=self.clock)
        for agent_id, capacity in agents.items():
            await self.desk.add_agent(agent_id, ["order"], ["agent"], capacity, agent_id=agent_id)
            await self.desk.set_presence(agent_id, "online")
        self.agents = agents

    async def attempt(self, act: Awaitable[Any]) -> Any:
        """What the act returned; None when it was refused in words or the desk died over it."""
        try:
            return await act
        except StorageUnavailable as trouble:
            self.refusals.append(str(trouble))
        except JieliError:
            pass
        except Died:
            self.deaths += 1
            await self.restart()
        return None

    async def restart(self) -> None:
        """A new process on the same database; what the old one knew and had begun is lost."""
        self.environ.pop("JIELI_CRASH_AT", None)
        await self._drop_thinking()
        await self.desk.workplace.store.close()
        self.bot = ScriptedBot(reply)
        self.desk = await make_desk(self.url, bot=self.bot, now=self.clock)
        self.clock.pass_time(seconds=60)

    async def close(self) -> None:
        self.environ.pop("JIELI_CRASH_AT", None)
        await self._drop_thinking()
        await self.desk.workplace.store.close()

    async def _drop_thinking(self) -> None:
        """A dead process does not go on with its other work."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self.thinking = None

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

    async def holding_agent(self, conversation_id: str) -> str | None:
        agent = (await self.desk.conversation(conversation_id)).agent
        return agent.id if agent is not None else None

    async def bot_works(self) -> None:
        await self._bot_ends()
        await self.attempt(self.desk.work_until_idle())

    async def bot_begins(self) -> None:
        """Takes the work and stays in thought until `bot_works` or a death."""
        if self.thinking is None:
            self.bot.hold("late")
            self.thinking = asyncio.create_task(self.desk.work_until_idle())
            begun = asyncio.create_task(self.bot.began.wait())
            await asyncio.wait({self.thinking, begun}, return_when=asyncio.FIRST_COMPLETED)
            begun.cancel()

    async def _bot_ends(self) -> None:
        self.bot.mode = "ok"
        self.bot.let_go()
        if self.thinking is not None:
            thinking, self.thinking = self.thinking, None
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
