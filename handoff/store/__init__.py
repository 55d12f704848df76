"""All SQL of the desk, one module per noun; locks go conversation first, then agents, and never two conversations."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.clock import utc_now
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

    async def time(self) -> datetime:
        """What all desks on this database agree on: its server's time; a file has none but this machine's."""
        if self.database.is_sqlite:
            return utc_now()
        async with self.reading() as connection:
            # Not now(), which is the time when the transaction began.
            found: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
            return found

    async def close(self) -> None:
        await self.database.close()
