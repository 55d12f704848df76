"""A database that is locked, full or gone: a coded refusal in time, nothing half written, and it heals by itself."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy import text as sql
from sqlalchemy.exc import OperationalError, ProgrammingError

import handoff.database
from handoff.crash_points import CRASH_POINTS, EXIT_CODE, crash_if_asked
from handoff.database import Database
from handoff.desk import Desk
from handoff.errors import StorageUnavailable
from handoff.store import VERSION_TABLE, Store, line
from handoff.tables import metadata
from tests.factories import Chat, make_desk, member, open_chat
from tests.stand_ins import Clock

DRIVER = Path(__file__).with_name("crash_driver.py")


def file_of(url: str) -> str:
    return url.removeprefix("sqlite:///")


async def test_a_locked_database_is_refused_in_time_and_heals(
    desk: Desk, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handoff.database, "DEADLINE_SECONDS", 0.3)
    chat = await open_chat(desk)
    other = sqlite3.connect(file_of(sqlite_url))
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()

    with pytest.raises(StorageUnavailable):
        await chat.writes("在吗", "m1")

    assert time.monotonic() - began < 2
    other.rollback()
    other.close()
    assert (await chat.writes("在吗", "m1")).seq == 1


def test_the_deadline_leaves_time_to_answer_within_five_seconds() -> None:
    assert handoff.database.DEADLINE_SECONDS < 5


async def test_a_full_database_refuses_and_stores_nothing_half(desk: Desk) -> None:
    chat = await open_chat(desk)
    await chat.writes("在吗")
    async with desk.workplace.store.writing() as connection:
        pages = (await connection.execute(sql("PRAGMA page_count"))).scalar_one()
        await connection.execute(sql(f"PRAGMA max_page_count = {pages}"))

    with pytest.raises(StorageUnavailable):
        for n in range(200):
            await chat.writes("字" * 4000, f"big{n}")

    stored = await chat.log()
    assert [event.seq for event in stored] == list(range(1, len(stored) + 1))
    assert (await desk.conversation(chat.id)).head_seq == len(stored)
    async with desk.workplace.store.writing() as connection:
        await connection.execute(sql("PRAGMA max_page_count = 1000000"))
    assert (await chat.writes("好了", "after")).seq == len(stored) + 1


async def test_a_vanished_database_is_storage_trouble_and_a_bug_in_a_statement_is_not(tmp_path: Path) -> None:
    gone = Database(f"sqlite:///{tmp_path}/x/desk.sqlite3")
    (tmp_path / "x").rmdir()
    with pytest.raises(StorageUnavailable):
        async with gone.writing():
            pass
    (tmp_path / "x").mkdir()

    with pytest.raises(OperationalError, match="no such table"):
        async with gone.writing() as connection:
            await connection.execute(sql("INSERT INTO nowhere VALUES (1)"))
    await gone.close()


@pytest.mark.servers
async def test_postgres_that_is_gone_and_a_bug_are_told_apart(postgres_url: str) -> None:
    away = Store.at("postgresql://127.0.0.1:1/x")
    with pytest.raises(StorageUnavailable):
        async with away.reading() as connection:
            await connection.execute(sql("SELECT 1"))
    await away.close()

    store = Store.at(postgres_url)
    with pytest.raises(ProgrammingError):
        async with store.writing() as connection:
            await connection.execute(sql("SELECT * FROM nowhere"))
    async with store.reading() as connection:
        with pytest.raises(Exception, match="read-only"):
            await connection.execute(sql("DELETE FROM queue"))
    await store.close()


@pytest.mark.servers
async def test_a_row_locked_too_long_on_postgres_is_refused(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(handoff.database.POSTGRES_SETTINGS, "lock_timeout", "200")
    desk = await make_desk(postgres_url)
    chat = await open_chat(desk)

    async with desk.workplace.changing(chat.id):
        with pytest.raises(StorageUnavailable):
            await chat.writes("在吗", "m1")

    assert (await chat.writes("在吗", "m1")).seq == 1
    await desk.workplace.store.close()


async def test_migrations_make_exactly_the_tables_that_the_code_knows(database_url: str) -> None:
    store = Store.at(database_url)

    def differences(connection: Connection) -> list[object]:
        def ours(name: str | None, kind: str, parents: object) -> bool:
            return kind != "table" or name != VERSION_TABLE

        context = MigrationContext.configure(connection, opts={"include_name": ours})
        return list(compare_metadata(context, metadata))

    async with store.reading() as connection:
        assert await connection.run_sync(differences) == []
    await store.close()


async def test_sqlite_is_opened_as_promised(desk: Desk) -> None:
    async with desk.workplace.store.reading() as connection:
        settings = [
            (await connection.execute(sql(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]

    assert settings == ["wal", 2, 1, 100]


async def test_only_commits_leave_the_event_loops_thread(desk: Desk) -> None:
    ran_in: list[tuple[str, int]] = []

    async with desk.workplace.store.writing() as connection:
        raw: Any = await connection.get_raw_connection()
        raw.driver_connection._connection.set_trace_callback(
            lambda statement: ran_in.append((statement.split()[0], threading.get_ident()))
        )
        await connection.execute(sql("UPDATE agents SET capacity = capacity"))

    own = threading.get_ident()
    assert [(verb, thread == own) for verb, thread in ran_in] == [("UPDATE", True), ("COMMIT", False)]


@dataclass(frozen=True)
class Crashed:
    """A desk's database after its process died, and what it had acknowledged until then."""

    url: str
    exit_code: int
    acked: list[str]
    complaints: str


@pytest.fixture(scope="module")
def crashed(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Crashed]:
    """One process that forks a desk for each crash point: starting Python once is most of the time."""
    folder = tmp_path_factory.mktemp("crashed")
    urls = {}
    for point in (*CRASH_POINTS, "nowhere"):
        shutil.copy(migrated_sqlite, folder / f"{point}.sqlite3")
        urls[point] = f"sqlite:///{folder / point}.sqlite3"
    environment = {**os.environ, "JIELI_DEVELOPMENT": "1"}
    driver = [sys.executable, str(DRIVER), json.dumps(urls)]
    done = subprocess.run(driver, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    return {
        line["point"]: Crashed(urls[line["point"]], line["exit_code"], line["acked"], done.stderr)
        for line in map(json.loads, done.stdout.splitlines())
    }


@pytest.mark.parametrize("point", CRASH_POINTS)
async def test_nothing_acknowledged_is_lost_or_doubled_at_any_crash_point(
    crashed: dict[str, Crashed], point: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handoff.database, "DEADLINE_SECONDS", 60.0)
    after = crashed[point]
    assert after.exit_code == EXIT_CODE, after.complaints
    desk = await make_desk(after.url, now=clock)
    clock.pass_time(days=1)
    welcome = await desk.welcome(member())
    chat = Chat(desk, welcome.conversation.id, welcome.customer.id)

    for client_msg_id in ("m1", "m2", "m3"):
        await chat.writes(client_msg_id, client_msg_id)
    await desk.work_until_idle()

    log = await chat.log()
    sent = [event.client_msg_id for event in log if event.author.role == "customer" and event.kind == "message"]
    assert sorted(sent) == ["m1", "m2", "m3"]
    assert set(after.acked) <= set(sent)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    async with desk.workplace.store.reading() as connection:
        assert await line.without_place(connection) == []
        assert await line.places_of_nobody(connection) == []
    assert await chat.holder() != "bot" or len(await chat.said_by("bot")) == 3
    await desk.workplace.store.close()


def test_a_desk_without_a_crash_point_gets_to_the_end(crashed: dict[str, Crashed]) -> None:
    after = crashed["nowhere"]
    assert (after.exit_code, after.acked) == (0, ["m1", "m2"]), after.complaints


def test_crash_points_are_dead_outside_development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIELI_CRASH_AT", "before_commit")
    monkeypatch.delenv("JIELI_DEVELOPMENT", raising=False)

    crash_if_asked("before_commit")
