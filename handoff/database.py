"""Opens SQLite or PostgreSQL so that the same code keeps the same promises on both."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import sqlalchemy.exc
import structlog
from filelock import FileLock
from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from handoff import inline_sqlite
from handoff.crash_points import crash_if_asked
from handoff.errors import StorageUnavailable

log = structlog.get_logger(__name__)

# Every send gets an ack or a refusal within five seconds; the rest is for the way there and back.
DEADLINE_SECONDS = 4.5
# SQLite has no fair line for writers, so we ask again so often; short, since one writer is done within milliseconds.
RETRY_SECONDS = 0.01
SQLITE_BUSY_MILLISECONDS = 5000
# Under WAL a reader meets a lock only while another process repairs or closes the file; the loop must not stand still.
SQLITE_READER_BUSY_MILLISECONDS = 100
POOL_SIZE = 8
POSTGRES_SETTINGS = {
    "lock_timeout": "4000",
    "statement_timeout": "4500",
    "idle_in_transaction_session_timeout": "10000",
}
# Classes of SQLSTATE: connection, rolled back, resources, not in the right state, intervention, system.
POSTGRES_TROUBLE = frozenset({"08", "40", "53", "55", "57", "58"})
READ_ONLY = "25006"
# Any number, the same in every desk: only one of them migrates at a time.
MIGRATION_LOCK = 5_417_001


class Database:
    """`writing` and `reading` are transactions; storage trouble of any kind leaves them as StorageUnavailable."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_timeout": DEADLINE_SECONDS, "pool_size": POOL_SIZE}
        if self.is_sqlite:
            parsed = parsed.set(drivername="sqlite+aiosqlite")
            options["connect_args"] = {"async_creator_fn": inline_sqlite.connect}
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        else:
            parsed = parsed.set(drivername="postgresql+asyncpg")
            options["connect_args"] = {"timeout": 4, "command_timeout": 5, "server_settings": POSTGRES_SETTINGS}
            options["max_overflow"] = POOL_SIZE
        self.engine = create_async_engine(parsed, **options)
        self._writing_engine = self.engine
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            self._writing_engine = create_async_engine(parsed, **{**options, "pool_size": 1, "max_overflow": 0})
            event.listen(self._writing_engine.sync_engine, "connect", _prepare_sqlite_writer)
        # SQLite has one writer at a time; waiting here in line is fair and blocks no thread.
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One write transaction, committed when the block ends well."""
        with _guarded():
            if not self.is_sqlite:
                async with self.engine.connect() as connection, connection.begin():
                    yield connection
                    crash_if_asked("before_commit")
                return
            deadline = time.monotonic() + DEADLINE_SECONDS
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self._writer.acquire()
            try:
                async with self._writing_engine.connect() as connection:
                    await _begin_immediate(connection, deadline)
                    yield connection
                    crash_if_asked("before_commit")
                    await connection.commit()
            finally:
                self._writer.release()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view of the database."""
        with _guarded():
            async with self.engine.connect() as connection:
                if self.is_sqlite:
                    await connection.exec_driver_sql("BEGIN")
                else:
                    await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                yield connection

    async def upgrade(self, migrations: Path, version_table: str) -> None:
        """Runs the Alembic scripts in a folder; all of them in one transaction, so a killed upgrade never happened."""
        config = alembic.config.Config()
        config.set_main_option("script_location", str(migrations).replace("%", "%%"))
        config.attributes["version_table"] = version_table

        def run(connection: Connection) -> None:
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")

        if self.is_sqlite:
            with _guarded():
                await asyncio.to_thread(_write_ahead, str(self.engine.url.database))
        async with self.writing() as connection:
            if not self.is_sqlite:
                await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            await connection.run_sync(run)

    async def close(self) -> None:
        await self.engine.dispose()
        await self._writing_engine.dispose()


class _guarded:
    """Turns storage trouble into the coded refusal; a broken constraint or a bug stays what it is."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and is_storage_trouble(error):
            log.warning("storage_unavailable", error=type(error).__name__, cause=type(error.__cause__).__name__)
            raise StorageUnavailable from error


def is_storage_trouble(error: BaseException) -> bool:
    """Locked, full, gone or too slow. A statement that can never work is a bug and must not hide behind "try again"."""
    if isinstance(error, sqlalchemy.exc.DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        if state is not None:
            return str(state)[:2] in POSTGRES_TROUBLE or state == READ_ONLY
        if isinstance(
            error, sqlalchemy.exc.IntegrityError | sqlalchemy.exc.ProgrammingError | sqlalchemy.exc.DataError
        ):
            return False
        return not str(error.orig).startswith("no such")
    return isinstance(error, sqlalchemy.exc.TimeoutError | sqlite3.OperationalError | OSError | TimeoutError)


def _write_ahead(path: str) -> None:
    """Turns a new file to WAL, which it remembers. Of two that do this at once SQLite fails one instead of waiting."""
    with FileLock(f"{path}.lock", timeout=DEADLINE_SECONDS), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Without this the driver begins transactions by itself, deferred, and a read that turns into a write fails.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {SQLITE_READER_BUSY_MILLISECONDS}")
    cursor.close()


def _prepare_sqlite_writer(connection: Any, record: object) -> None:
    """The wait for the write lock is ours (see below): SQLite's own would hold a thread and cannot be cut short."""
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA busy_timeout = 0").close()


async def _begin_immediate(connection: AsyncConnection, deadline: float) -> None:
    while True:
        try:
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except sqlalchemy.exc.OperationalError as error:
            if "locked" not in str(error.orig) or time.monotonic() > deadline:
                raise
        await asyncio.sleep(RETRY_SECONDS)
