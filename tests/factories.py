"""Makes what a test needs in one line: a desk on a database, a customer with a conversation, agents on duty."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handoff.bus import Bus, InProcessBus
from handoff.desk import Desk, Identity
from handoff.rasa_bot import Bot
from handoff.rules import Rules
from handoff.shop import Shop
from handoff.store import Store
from handoff.summariser import Summariser
from handoff.views import Agent, Event, HiddenEvent, Receipt, Role
from tests.stand_ins import Clock, ScriptedBot, ShopInMemory


async def make_desk(
    url: str,
    *,
    bot: Bot | None = None,
    shop: Shop | None = None,
    bus: Bus | None = None,
    rules: Rules | None = None,
    now: Callable[[], datetime] | None = None,
    prepare: bool = False,
    summariser: Summariser | None = None,
) -> Desk:
    """A desk on this database, which the fixtures have brought up to date; the caller closes its store."""
    store = Store.at(url)
    if prepare:
        await store.prepare()
    bus, bot, shop = bus or InProcessBus(), bot or ScriptedBot(), shop or ShopInMemory()
    return Desk(store, bus, bot, shop, rules, now or Clock(), summariser)


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def member(subject: str = "u1", name: str = "陈晨", level: str = "gold") -> Identity:
    return Identity(app="demo", subject=subject, name=name, level=level, guest=False)


def guest(subject: str = "g1") -> Identity:
    return Identity(app="demo", subject=subject)


async def agent_on_duty(
    desk: Desk, name: str = "晓琳", *, capacity: int = 8, groups: tuple[str, ...] = ("order",)
) -> Agent:
    agent = await desk.add_agent(name, list(groups), ["agent"], capacity)
    return await desk.set_presence(agent.id, "online")


@dataclass
class Chat:
    """One customer's conversation, with the shortest way to do things in it."""

    desk: Desk
    id: str
    customer_id: str
    _sent: int = 0

    async def writes(self, words: str | dict[str, Any], client_msg_id: str | None = None) -> Receipt:
        self._sent += 1
        body = text(words) if isinstance(words, str) else words
        return await self.desk.hear(self.id, self.customer_id, client_msg_id or f"c{self._sent}", body)

    async def asks(self, words: str) -> Receipt:
        """Writes, and the bot has answered when this returns."""
        receipt = await self.writes(words)
        await self.desk.work_until_idle()
        return receipt

    async def wants_person(self, client_msg_id: str = "person") -> Receipt:
        return await self.desk.ask_for_person(self.id, self.customer_id, client_msg_id)

    async def holder(self) -> str:
        return (await self.desk.conversation(self.id)).holder

    async def log(self) -> list[Event]:
        page = await self.desk.events(self.id, after=0, limit=500)
        return [event for event in page.events if isinstance(event, Event)]

    async def seen_by_customer(self) -> list[Event | HiddenEvent]:
        return (await self.desk.events(self.id, after=0, limit=500, audience="customer")).events

    async def kinds(self) -> list[str]:
        return [event.kind for event in await self.log()]

    async def of_kind(self, kind: str) -> list[Event]:
        return [event for event in await self.log() if event.kind == kind]

    async def said_by(self, role: Role) -> list[dict[str, Any]]:
        return [event.body for event in await self.of_kind("message") if event.author.role == role]


async def until(is_true: Callable[[], bool | Awaitable[bool]], timeout_seconds: float = 10) -> None:
    """Waits for a condition that something else in this process brings about."""
    async with asyncio.timeout(timeout_seconds):
        while True:
            answer = is_true()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.005)


async def open_chat(desk: Desk, identity: Identity | None = None) -> Chat:
    welcome = await desk.welcome(identity or member())
    return Chat(desk, welcome.conversation.id, welcome.customer.id)


async def waiting_chat(desk: Desk, identity: Identity | None = None, words: str = "我的快递到哪了") -> Chat:
    """A customer who has asked the bot and then for a person."""
    chat = await open_chat(desk, identity)
    await chat.asks(words)
    await chat.wants_person()
    return chat


async def claimed_chat(desk: Desk, agent: Agent, identity: Identity | None = None) -> Chat:
    chat = await waiting_chat(desk, identity)
    await desk.claim(chat.id, agent.id)
    return chat
