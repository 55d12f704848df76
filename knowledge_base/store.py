"""The doorway to the database: opens it, brings it up to date, and hands out one transaction per request."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from alembic import command
from alembic.config import Config
from filelock import FileLock
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from knowledge_base.errors import CannotStart, StorageUnavailable
from knowledge_base.faq import Content, Entry, Served, State
from knowledge_base.tables import entries, knowledge

log = structlog.get_logger()

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MILLISECONDS = 5000
READ_ONLY = {"jieli_read_only": True}
#: SQLAlchemy wraps the drivers' errors; a lost server also shows itself as an OSError while connecting.
TROUBLE = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.InternalError,
    sqlite3.OperationalError,
    OSError,
    TimeoutError,
)


@dataclass(frozen=True)
class Head:
    """Which knowledge base this is and how far it has come."""

    knowledge_id: str
    revision: int


class Store:
    """`read()` and `write()` each open one transaction; leaving the block commits it, an exception undoes it."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        try:
            address = with_driver(sa.make_url(url))
            if self.is_sqlite and address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            kind: dict[str, Any] = {} if self.is_sqlite else {"pool_pre_ping": True, "pool_timeout": 5}
            self.engine: AsyncEngine = create_async_engine(address, **kind)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
            raise CannotStart(f"JIELI_KNOWLEDGE_DATABASE_URL 不对：{error}") from error
        if self.is_sqlite:
            sa.event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    async def open(self) -> None:
        """Bring the tables up to date. Several nodes may start at once: one migrates, the others wait."""
        if self.is_sqlite:
            await asyncio.to_thread(_write_ahead, str(self.engine.url.database))
        async with self.write() as connection:
            if not self.is_sqlite:
                await connection.execute(sa.text("SELECT pg_advisory_xact_lock(703041905)"))
            await connection.run_sync(_migrate)

    async def close(self) -> None:
        await self.engine.dispose()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A writing transaction. SQLite locks from its start, so nothing that was read in it can go stale."""
        async with self._transaction({}) as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self._transaction(READ_ONLY) as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, options: dict[str, Any]) -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.connect() as connection:
                await connection.execution_options(**options)
                async with connection.begin():
                    yield connection
        except TROUBLE as error:
            log.error("store_trouble", error=str(error).splitlines()[0])
            raise StorageUnavailable("知识库的数据库暂时不可用，请稍后再试") from error


def with_driver(address: sa.URL) -> sa.URL:
    """The address with the asynchronous driver where none is named, so that a plain `postgresql://…` works."""
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    return address.set(drivername=drivers.get(address.drivername, address.drivername))


def _write_ahead(path: str) -> None:
    """Turn a new file to WAL, which it remembers. Of two that do this at once SQLite fails one instead of waiting."""
    with FileLock(f"{path}.lock", timeout=BUSY_MILLISECONDS / 1000), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", f"busy_timeout={BUSY_MILLISECONDS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """The default begin takes the write lock too late: of two that read and then write, one fails."""
    read_only = connection.get_execution_options().get("jieli_read_only")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _migrate(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def entry_of(row: sa.Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        state=State(row.state),
        version=row.version,
        published_version=row.published_version,
        content=Content.from_json(row.content),
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )


def served_of(row: sa.Row[Any]) -> Served:
    return Served(id=row.id, content=Content.from_json(row.served), version=row.published_version, place=row.place)


async def head_of(connection: AsyncConnection) -> Head:
    row = (await connection.execute(sa.select(knowledge.c.id, knowledge.c.revision))).one()
    return Head(row.id, row.revision)


async def lock(connection: AsyncConnection) -> None:
    """Wait until no other editor is writing: the audit chain and the revision have one writer at a time."""
    await connection.execute(sa.select(knowledge.c.only).with_for_update())


async def next_revision(connection: AsyncConnection) -> int:
    """Count the revision up. The row stays locked until the commit, so revisions appear to readers in order."""
    grown = sa.update(knowledge).values(revision=knowledge.c.revision + 1).returning(knowledge.c.revision)
    return int((await connection.execute(grown)).scalar_one())


async def next_place(connection: AsyncConnection) -> int:
    """The number of the next new entry; the caller holds the lock."""
    return int((await connection.execute(sa.select(sa.func.max(entries.c.place)))).scalar_one() or 0) + 1


async def served_entries(connection: AsyncConnection) -> list[Served]:
    rows = (await connection.execute(sa.select(entries).where(entries.c.published_version.is_not(None)))).all()
    return await asyncio.to_thread(_all_served, rows)


def _all_served(rows: Sequence[sa.Row[Any]]) -> list[Served]:
    return [served_of(row) for row in rows]


async def changed_since(connection: AsyncConnection, revision: int) -> dict[str, Served | None]:
    """What customers get of every entry that changed after `revision`; None where it is no longer served."""
    rows = await connection.execute(sa.select(entries).where(entries.c.changed_revision > revision))
    return {row.id: served_of(row) if row.published_version is not None else None for row in rows}
