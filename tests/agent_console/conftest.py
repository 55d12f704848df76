"""A whole desk on a temporary SQLite file, served over real HTTP and sockets, with a scripted bot and shop."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from agent_console import passwords
from agent_console.app import create_app, open_accounts
from agent_console.auth import NewPerson
from agent_console.hang_up import HangingUpProtocol
from agent_console.parts import Parts
from agent_console.protocol import MOST_SOCKET_BYTES
from agent_console.settings import Settings
from handoff.bus import Bus
from tests.agent_console.neighbours import ScriptedKnowledgeBase, knowledge_base, listening
from tests.agent_console.people import APP, KEY, KEY_ID, PASSWORD, Colleague, Customer, Person
from tests.stand_ins import ScriptedBot, ShopInMemory


def settings_for(home: Path, knowledge_url: str = "http://127.0.0.1:9", **changes: Any) -> Settings:
    """Settings of a desk under test: quick polls, so that what a wake does not bring comes soon."""
    return Settings(
        home=home,
        development=True,
        knowledge_url=knowledge_url,
        apps={APP: {"name": "云杉生活", "keys": {KEY_ID: KEY}, "allowed_origins": ["https://shop.example"]}},
        **{"poll_seconds": 0.2, "heartbeat_seconds": 0.5, **changes},
    )


@dataclass
class RunningDesk:
    """A served desk, and the people who come to it."""

    base: str
    app: FastAPI
    bot: ScriptedBot
    shop: ShopInMemory
    knowledge: ScriptedKnowledgeBase
    stop: Callable[[], None]
    people: list[Person] = field(default_factory=list)

    @property
    def parts(self) -> Parts:
        found: Parts = self.app.state.parts
        return found

    def http(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.base, trust_env=False, timeout=10, **options)

    async def customer(self, **asked: Any) -> Customer:
        customer = Customer(self.base, self.http())
        self.people.append(customer)
        return await customer.enter(**asked)

    async def stranger(self) -> Colleague:
        """Somebody with the console's page and no sign-in."""
        stranger = Colleague(self.base, self.http(headers={"X-Jieli-Console": "1"}))
        self.people.append(stranger)
        return stranger

    async def colleague(
        self,
        *roles: str,
        name: str = "晓琳",
        groups: tuple[str, ...] = ("presale", "order", "aftersale"),
        capacity: int = 8,
    ) -> Colleague:
        """A signed-in person of the console, online."""
        login = f"{roles[0] if roles else 'agent'}-{uuid.uuid4().hex[:8]}"
        person = NewPerson(login, name, PASSWORD, list(roles) or ["agent"], list(groups), capacity)
        await self.parts.auth.add_person(person)
        colleague = await self.stranger()
        await colleague.sign_in(login)
        return await colleague.be_online()

    async def leave(self) -> None:
        for person in self.people:
            await person.leave()


@asynccontextmanager
async def running_desk(
    home: Path,
    bot: ScriptedBot | None = None,
    bus: Bus | None = None,
    knowledge: ScriptedKnowledgeBase | None = None,
    **changes: Any,
) -> AsyncIterator[RunningDesk]:
    bot, shop = bot or ScriptedBot(), ShopInMemory()
    settings = settings_for(home, knowledge.url if knowledge else "http://127.0.0.1:9", **changes)
    app = create_app(settings, bot=bot, bus=bus, shop=shop)
    options = {"ws": HangingUpProtocol, "ws_max_size": MOST_SOCKET_BYTES, "ws_per_message_deflate": False}
    async with listening(app, **options) as (port, stop):
        base = f"http://127.0.0.1:{port}"
        desk = RunningDesk(base, app, bot, shop, knowledge or ScriptedKnowledgeBase(), stop)
        try:
            yield desk
        finally:
            await desk.leave()


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with little memory: real cost, a third of a second per person, would be most of the suite."""
    monkeypatch.setattr(
        passwords, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)
    )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty desk's database, migrated once for the whole run."""
    home = tmp_path_factory.mktemp("migrated")

    async def migrate() -> None:
        async with open_accounts(settings_for(home)):
            pass

    asyncio.run(migrate())
    return home / "data"


@pytest.fixture
def home(migrated: Path, tmp_path: Path) -> Path:
    shutil.copytree(migrated, tmp_path / "data")
    return tmp_path


@pytest.fixture
async def knowledge() -> AsyncIterator[ScriptedKnowledgeBase]:
    async with knowledge_base() as scripted:
        yield scripted


@pytest.fixture
async def desk(home: Path, knowledge: ScriptedKnowledgeBase) -> AsyncIterator[RunningDesk]:
    async with running_desk(home, knowledge=knowledge) as running:
        yield running
