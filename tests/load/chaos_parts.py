"""What chaos happens to: a real desk process, a bot that is ill in every way, and people who keep account."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidHandshake

from tests.conformance.evidence import Ack
from tests.load.clients import Agent, Client, Customer, Frame
from tests.stand_ins import Asked, LittleServer, Said

ROOT = Path(__file__).resolve().parents[2]
BOT_MODES = ("ok", "ok", "ok", "ok", "empty", "500", "hang", "slow", "garbage", "late")
BOT_TIMEOUT_SECONDS = 2.5
# Nobody types on and on while nothing goes out.
MOST_UNSENT = 4
# So many of the claimed are forgotten, and must go back to the head of the queue.
FORGOTTEN_SHARE = 0.2
PASSWORD = "chaos of the whole desk"
ADMIN = {"login": "laoban", "name": "老板", "password": PASSWORD}


class IllBot:
    """Rasa over HTTP, with another illness for every turn; `is_well` heals it."""

    def __init__(self, dice: random.Random) -> None:
        self.is_well = False
        self.turns: dict[str, int] = {}
        self._dice = dice

    async def reply(self, asked: Asked) -> Said:
        if asked.method == "GET":
            return 200, {"ready": True, "model": "double", "actions": True}
        mode = "ok" if self.is_well else self._dice.choice(BOT_MODES)
        self.turns[mode] = self.turns.get(mode, 0) + 1
        if mode == "hang":
            return None
        if mode == "500":
            return 500, {"error": {"code": "action_failed", "detail": "as asked"}}
        if mode == "garbage":
            return 200, b"<html>502 Bad Gateway</html>"
        if mode == "slow":
            await asyncio.sleep(self._dice.uniform(0.3, BOT_TIMEOUT_SECONDS * 0.8))
        if mode == "late":
            await asyncio.sleep(BOT_TIMEOUT_SECONDS + 1)
        text = asked.body["text"]
        said = [] if mode == "empty" else [{"type": "text", "text": f"答：{text}"}]
        return 200, {
            "turn_id": asked.body["turn_id"],
            "messages": said,
            "understanding": {"intent": "faq", "confidence": 0.9, "ranking": [], "entities": []},
            "slots": {},
            "triggers": [],
            "request": None,
            "complete": True,
        }


@dataclass
class DeskProcess:
    """`python -m agent_console` in a home of its own, killed and started again on the same port."""

    home: Path
    port: int
    bot_url: str
    starts: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.home / "data" / "desk.sqlite3"

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, crash_at: str | None = None) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JIELI_")} | {
            "JIELI_HOME": str(self.home),
            "JIELI_DEVELOPMENT": "1",
            "JIELI_DESK_PORT": str(self.port),
            "JIELI_DESK_PUBLIC_URL": self.url,
            "JIELI_BOT_URL": self.bot_url,
            "JIELI_KNOWLEDGE_URL": "http://127.0.0.1:9",
            "JIELI_SHOP_URL": "http://127.0.0.1:9",
            "JIELI_BOT_TIMEOUT_SECONDS": str(BOT_TIMEOUT_SECONDS),
            "JIELI_GRACE_SECONDS": "8",
            "JIELI_CLAIM_TIMEOUT_SECONDS": "4",
            "JIELI_MESSAGES_PER_MINUTE": "100000",
            "JIELI_SIGN_INS_PER_MINUTE": "10000",
            "JIELI_HEARTBEAT_SECONDS": "2",
        }
        if crash_at is not None:
            environment["JIELI_CRASH_AT"] = crash_at
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "desk.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agent_console"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        self.starts += 1

    async def until_healthy(self, seconds: float = 60) -> bool:
        """False if it died meanwhile."""
        async with httpx.AsyncClient(base_url=self.url, timeout=2) as http, asyncio.timeout(seconds):
            while self.is_alive:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get("/healthz")).status_code == 200:
                        return True
                await asyncio.sleep(0.1)
        return False

    async def until_dead(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        return not self.is_alive

    async def kill(self) -> None:
        if self.is_alive and self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            await self.until_dead(10)

    async def freeze(self, seconds: float) -> None:
        if self.is_alive and self.process is not None:
            self.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(seconds)
            self.process.send_signal(signal.SIGCONT)

    async def lock_database(self, seconds: float) -> None:
        """Another process (a backup gone wrong) keeps the write lock."""
        other = sqlite3.connect(self.database, timeout=5, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            other.execute("ROLLBACK")
        except sqlite3.OperationalError:
            pass
        finally:
            other.close()

    async def make_people(self, count: int, capacity: int) -> list[str]:
        """The first admin by the printed code, and so many agents; returns their logins."""
        code = (self.home / "data" / "setup_code").read_text().strip()
        headers = {"X-Jieli-Console": "1", "Origin": self.url}
        async with httpx.AsyncClient(base_url=self.url, timeout=20, headers=headers) as http:
            made = await http.post("/api/v1/console/setup", json={"code": code, **ADMIN})
            made.raise_for_status()
            logins = [f"agent{n}" for n in range(count)]
            for login in logins:
                groups = ["presale", "order", "aftersale"]
                person = {"login": login, "name": login, "password": PASSWORD, "roles": ["agent"], "groups": groups}
                made = await http.post("/api/v1/console/agents", json={**person, "capacity": capacity})
                made.raise_for_status()
        return logins


@dataclass
class Account:
    """What one person was promised, and how long it took."""

    sent: dict[str, tuple[str, float]] = field(default_factory=dict)
    acks: list[Ack] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def sends(self, client_msg_id: str, conversation_id: str) -> None:
        self.sent.setdefault(client_msg_id, (conversation_id, time.perf_counter()))

    def hears(self, frame: Frame) -> None:
        if frame["t"] == "ack":
            data = frame["d"]
            conversation_id, began = self.sent[data["client_msg_id"]]
            self.acks.append(Ack(conversation_id, data["client_msg_id"], data["message_id"], data["seq"]))
            self.seconds.append(time.perf_counter() - began)


class _KeepsAccount(Client):
    account: Account

    async def _open(self) -> ClientConnection:
        try:
            return await super()._open()
        except InvalidHandshake as cut:
            # Killed in the middle of the handshake: for a client that is a lost line like any other.
            raise ConnectionError from cut

    async def say(self, conversation_id: str, text: str, client_msg_id: str | None = None) -> str:
        sent = client_msg_id or uuid.uuid4().hex
        self.account.sends(sent, conversation_id)
        return await super().say(conversation_id, text, sent)

    async def _take(self, frame: Frame) -> None:
        self.account.hears(frame)
        await super()._take(frame)


class Shopper(_KeepsAccount, Customer):
    """Writes, sends the same again without need, asks for people, changes his mind."""

    def __init__(self, desk: str, dice: random.Random) -> None:
        super().__init__(desk)
        self.account = Account()
        self.escalations: set[str] = set()
        self._dice = dice

    async def live(self, until: float) -> None:
        n = 0
        while time.monotonic() < until:
            await asyncio.sleep(self._dice.uniform(0.1, 0.9))
            if len(self.outbox) > MOST_UNSENT:
                continue
            n += 1
            with contextlib.suppress(httpx.HTTPError):
                sent = await self.say(self.conversation_id, f"第 {n} 句：我的快递到哪了")
                if self._dice.random() < 0.15:
                    frame = {"type": "text", "text": f"第 {n} 句：我的快递到哪了"}
                    await self._send({"v": 1, "t": "say", "c": self.conversation_id, "id": sent, "d": {"body": frame}})
                if self._dice.random() < 0.12:
                    await self.ask_for_person()
                    self.escalations.add(self.conversation_id)
                elif self._dice.random() < 0.03:
                    path = f"/api/v1/widget/conversations/{self.conversation_id}/handoff"
                    await self.http.delete(path, headers=self.proof)


class Colleague(_KeepsAccount, Agent):
    """Takes whoever waits, now and then somebody whom the bot still serves, and does everything an agent does."""

    def __init__(self, desk: str, login: str, dice: random.Random) -> None:
        super().__init__(desk, login, PASSWORD)
        self.account = Account()
        self.claims: list[tuple[str, int]] = []
        self.contested = 0
        self._forgotten: set[str] = set()
        self._dice = dice

    async def live(self, until: float, colleagues: list[str]) -> None:
        while time.monotonic() < until:
            await asyncio.sleep(self._dice.uniform(0.05, 0.4))
            with contextlib.suppress(httpx.HTTPError):
                await self._take_somebody()
                await self._serve_somebody(colleagues)

    async def _take_somebody(self) -> None:
        rows = (await self.call("GET", "conversations?list=waiting&limit=3"))["rows"]
        act = "claim"
        if not rows and self._dice.random() < 0.3:
            rows, act = (await self.call("GET", "conversations?list=bot&limit=3"))["rows"], "take-over"
        if not rows:
            return
        # Everybody reaches for the first one, so that claims are contested.
        chosen = rows[0]["id"]
        answer = await self.http.post(f"/api/v1/console/conversations/{chosen}/{act}", json={})
        if answer.status_code == 200:
            self.claims.append((chosen, answer.json()["holder_version"]))
            await self.watch(chosen)
            if self._dice.random() < FORGOTTEN_SHARE:
                self._forgotten.add(chosen)
            else:
                self._forgotten.discard(chosen)
                await self.say(chosen, f"{self.login} 为您服务")
        else:
            self.contested += answer.status_code == 409

    async def _serve_somebody(self, colleagues: list[str]) -> None:
        mine = (await self.call("GET", "conversations?list=mine&limit=20"))["rows"]
        remembered = [row["id"] for row in mine if row["id"] not in self._forgotten]
        if not remembered:
            return
        chosen = self._dice.choice(remembered)
        path = f"conversations/{chosen}"
        await self.say(chosen, "请稍等")
        roll = self._dice.random()
        if roll < 0.2:
            await self.call("POST", f"{path}/close", {"outcome": "solved"})
        elif roll < 0.3:
            await self.call("POST", f"{path}/return-to-bot", {"note": "已说明"})
        elif roll < 0.4:
            await self.call("POST", f"{path}/transfer", {"group": "aftersale", "note": ""})
        elif roll < 0.5:
            await self.call("POST", f"{path}/transfer", {"agent_id": self._dice.choice(colleagues), "note": ""})


def ill_bot_server(bot: IllBot) -> LittleServer:
    return LittleServer(bot.reply)
