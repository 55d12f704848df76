"""Whom chaos happens to: a bot that is ill in every way, and people who keep account of what they were promised."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle

import httpx
from websockets.asyncio.client import ClientConnection

from tests.conformance.evidence import Ack
from tests.load.chaos_sites import PASSWORD
from tests.load.clients import Agent, Client, Customer, Frame
from tests.load.desk_process import BOT_TIMEOUT_SECONDS
from tests.stand_ins import Asked, LittleServer, Said

BOT_MODES = ("ok", "ok", "ok", "ok", "empty", "500", "hang", "slow", "garbage", "late")
# Nobody types on and on while nothing goes out.
MOST_UNSENT = 4
# So many of the claimed are forgotten, and must go back to the head of the queue.
FORGOTTEN_SHARE = 0.2
# So many messages are followed by a tap for a person.
PERSON_SHARE = 0.12


class IllBot:
    """Rasa over HTTP, with another illness for every turn; `is_well` heals it."""

    def __init__(self, dice: random.Random) -> None:
        self.is_well = False
        self.turns: dict[str, int] = {}
        self._dice = dice
        self._modes = cycle(dice.sample(BOT_MODES, len(BOT_MODES)))

    async def reply(self, asked: Asked) -> Said:
        if asked.method == "GET":
            return 200, {"ready": True, "model": "double", "actions": True}
        mode = "ok" if self.is_well else next(self._modes)
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
class Account:
    """What one person was promised, and how long it took."""

    sent: dict[str, tuple[str, float]] = field(default_factory=dict)
    handed_in: dict[str, float] = field(default_factory=dict)
    acks: list[Ack] = field(default_factory=list)
    # From the wish to the ack, and from the last time that the frame went out to its outcome; by the steady clock.
    waited: list[tuple[float, float]] = field(default_factory=list)
    answered: list[tuple[float, float]] = field(default_factory=list)

    def goes_out(self, frame: Frame) -> None:
        if frame["t"] == "say":
            self.handed_in[frame["id"]] = time.monotonic()

    def hears(self, frame: Frame) -> None:
        now, client_msg_id = time.monotonic(), frame.get("id")
        if frame["t"] in ("ack", "refused") and client_msg_id in self.handed_in:
            self.answered.append((self.handed_in.pop(client_msg_id), now))
        if frame["t"] == "ack":
            data = frame["d"]
            conversation_id, began = self.sent[data["client_msg_id"]]
            self.acks.append(Ack(conversation_id, data["client_msg_id"], data["message_id"], data["seq"]))
            self.waited.append((began, now))


class _KeepsAccount(Client):
    account: Account

    async def say(self, conversation_id: str, text: str, client_msg_id: str | None = None) -> str:
        sent = client_msg_id or uuid.uuid4().hex
        self.account.sent.setdefault(sent, (conversation_id, time.monotonic()))
        return await super().say(conversation_id, text, sent)

    async def _send(self, frame: Frame) -> None:
        if self.is_connected:
            self.account.goes_out(frame)
        await super()._send(frame)

    async def _take(self, frame: Frame) -> None:
        self.account.hears(frame)
        await super()._take(frame)


class Shopper(_KeepsAccount, Customer):
    """Writes, sends the same again without need, asks for people, changes his mind."""

    def __init__(self, desk: str, dice: random.Random) -> None:
        super().__init__(desk)
        self.account = Account()
        self.escalations: set[str] = set()
        self.person_share = PERSON_SHARE
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
                if self._dice.random() < self.person_share:
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
        self.forgotten_share = FORGOTTEN_SHARE
        self._forgotten: set[str] = set()
        self._is_here = asyncio.Event()
        self._is_here.set()
        self._dice = dice

    async def vanish(self, seconds: float) -> None:
        """Shuts the laptop, and opens it again."""
        self._is_here.clear()
        if self._socket is not None:
            await self._socket.close()
        await asyncio.sleep(seconds)
        self._is_here.set()

    async def _open(self) -> ClientConnection:
        await self._is_here.wait()
        return await super()._open()

    async def live(self, until: float, colleagues: list[str]) -> None:
        while time.monotonic() < until:
            await asyncio.sleep(self._dice.uniform(0.05, 0.4))
            if not self._is_here.is_set():
                continue
            with contextlib.suppress(httpx.HTTPError):
                if self._dice.random() < 0.03:
                    await self.go_online()
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
            if self._dice.random() < self.forgotten_share:
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
        elif roll < 0.56:
            until = datetime.now(UTC) + timedelta(seconds=self._dice.uniform(3, 20))
            await self.call("POST", f"{path}/snooze", {"until": until.isoformat(), "note": ""})
        elif roll < 0.6:
            # For a moment there may be nobody on duty, and whoever asks then is promised an answer.
            await self.call("PUT", "me/presence", {"presence": "offline"})
            await asyncio.sleep(self._dice.uniform(0.2, 1))
            await self.go_online()
        elif roll < 0.7:
            due = datetime.now(UTC) + timedelta(seconds=self._dice.uniform(5, 60))
            await self.call("POST", f"{path}/promises", {"text": "查到后告诉您", "due_at": due.isoformat()})
        elif roll < 0.78:
            for promise in (await self.call("GET", "promises?whose=mine"))["promises"][:1]:
                path = f"conversations/{promise['conversation_id']}/promises/{promise['promise_id']}"
                await self.call("POST", f"{path}/keep", {})


def ill_bot_server(bot: IllBot) -> LittleServer:
    return LittleServer(bot.reply)
