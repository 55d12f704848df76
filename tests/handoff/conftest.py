"""A desk with a scripted bot, a shop in memory and a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from handoff.desk import Desk
from tests.factories import make_desk
from tests.stand_ins import Clock, ScriptedBot, ShopInMemory


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bot() -> ScriptedBot:
    return ScriptedBot()


@pytest.fixture
def shop() -> ShopInMemory:
    return ShopInMemory()


@pytest.fixture
async def desk(sqlite_url: str, bot: ScriptedBot, shop: ShopInMemory, clock: Clock) -> AsyncIterator[Desk]:
    desk = await make_desk(sqlite_url, bot=bot, shop=shop, now=clock)
    yield desk
    await desk.workplace.store.close()


@pytest.fixture
async def any_desk(database_url: str, bot: ScriptedBot, shop: ShopInMemory, clock: Clock) -> AsyncIterator[Desk]:
    """The same desk on SQLite and on PostgreSQL: what passes here is promised on both."""
    desk = await make_desk(database_url, bot=bot, shop=shop, now=clock)
    yield desk
    await desk.workplace.store.close()
