"""The bot's processes for tests: the trained bot on free ports, beside a small knowledge base and a small shop."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import Any, Optional

from bot.quiet import before_rasa

before_rasa()

import httpx  # noqa: E402
import pytest  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))

from neighbours import SmallKnowledgeBase, SmallShop  # noqa: E402

from bot.actions.knowledge import knowledge  # noqa: E402

START_SECONDS = 150


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RunningBot:
    """Two real processes and their two neighbours."""

    url: str
    knowledge: SmallKnowledgeBase
    shop: SmallShop
    environment: dict[str, str]
    log: Path
    actions_port: int
    actions: Optional[subprocess.Popen[bytes]] = None

    def start_actions(self) -> None:
        with self.log.open("ab") as log:
            self.actions = subprocess.Popen(
                [sys.executable, ROOT / "bot" / "serve.py", "actions", "--port", str(self.actions_port)],
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def stop_actions(self) -> None:
        if self.actions is not None:
            self.actions.terminate()
            self.actions.wait(20)
            self.actions = None

    def wait_until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/health", timeout=3, trust_env=False).json()["ready"]:
                    return
            except (httpx.HTTPError, ValueError):
                pass
            time.sleep(0.2)
        raise AssertionError(f"the bot did not become ready:\n{self.log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def running_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBot]:
    trained = subprocess.run(
        [sys.executable, ROOT / "bot" / "train.py"], capture_output=True, text=True, timeout=900, check=False
    )
    assert trained.returncode == 0, trained.stderr[-3000:]
    knowledge, shop = SmallKnowledgeBase(), SmallShop()
    port, actions_port = free_port(), free_port()
    environment = {name: value for name, value in os.environ.items() if name != "JIELI_BOT_TOKEN"} | {
        "JIELI_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
        "JIELI_KNOWLEDGE_URL": knowledge.url,
        "JIELI_SHOP_URL": shop.url,
        "JIELI_SHOP_TOKEN": "shop-token",
    }
    log = tmp_path_factory.mktemp("bot") / "bot.log"
    bot = RunningBot(f"http://127.0.0.1:{port}/webhooks/jieli", knowledge, shop, environment, log, actions_port)
    bot.start_actions()
    with log.open("ab") as file:
        server = subprocess.Popen(
            [sys.executable, ROOT / "bot" / "serve.py", "server", "--port", str(port)],
            env=environment,
            stdout=file,
            stderr=file,
        )
    try:
        bot.wait_until_ready()
        yield bot
    finally:
        bot.stop_actions()
        server.terminate()
        server.wait(20)
        knowledge.close()
        shop.close()


@dataclass
class Customer:
    """A customer at the desk: keeps slots and earlier lines as the desk would."""

    bot: RunningBot
    customer: dict[str, Any]
    conversation_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    slots: dict[str, Any] = field(default_factory=dict)
    recent: list[str] = field(default_factory=list)
    session: int = 1

    def post(self, text: str = "", **members: Any) -> httpx.Response:
        body = {
            "turn_id": uuid.uuid4().hex,
            "conversation_id": self.conversation_id,
            "text": text,
            "payload": None,
            "customer": self.customer,
            "locale": "zh-CN",
            "slots": self.slots,
            "recent": self.recent[-6:],
            "session": self.session,
            "note": None,
            **members,
        }
        return httpx.post(f"{self.bot.url}/turn", json=body, timeout=20, trust_env=False)

    def say(self, text: str = "", **members: Any) -> dict[str, Any]:
        response = self.post(text, **members)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert answer["complete"] is True
        self.slots = answer["slots"]
        self.recent.append(text)
        return answer

    def tap_order(self, order_no: str) -> dict[str, Any]:
        return self.say("", payload={"type": "order", "order_no": order_no})


class Visitors:
    """Makes customers of the small shop."""

    def __init__(self, bot: RunningBot) -> None:
        self.bot = bot

    def member(self, customer_id: str, level: str = "normal") -> Customer:
        return Customer(self.bot, {"id": customer_id, "level": level, "guest": False, "name": None})

    def guest(self) -> Customer:
        return Customer(self.bot, {"id": "visitor-1", "level": "normal", "guest": True, "name": None})


@pytest.fixture
def visitors(running_bot: RunningBot) -> Visitors:
    running_bot.knowledge.down = running_bot.shop.down = False
    return Visitors(running_bot)


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallKnowledgeBase]:
    """A small knowledge base that actions called in this process ask."""
    small = SmallKnowledgeBase()
    monkeypatch.setenv("JIELI_KNOWLEDGE_URL", small.url)
    knowledge.cache_clear()
    yield small
    small.close()
    knowledge.cache_clear()
