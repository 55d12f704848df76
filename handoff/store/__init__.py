"""All SQL of the desk, one module per noun; locks go conversation first, then agents, and never two conversations."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.database import Database
from handoff.store import staff

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
VERSION_TABLE = "handoff_version"


class Store:
    """The desk's database; `prepare` brings its tables up to date and must have run once."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def at(cls, url: str) -> Store:
        return cls(Database(url))

    async def prepare(self) -> None:
        await self.database.upgrade(MIGRATIONS, VERSION_TABLE)
        async with self.writing() as connection:
            await staff.ensure_groups(connection)

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.database.writing()

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self.database.reading()

    async def close(self) -> None:
        await self.database.close()
