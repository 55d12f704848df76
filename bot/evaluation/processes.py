"""The bot, a knowledge base with the seed FAQ and a demo shop, started for one evaluation on free ports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import httpx

from bot.settings import ROOT, Settings

READY_SECONDS = 240
TOKEN = "token-of-the-shop-in-this-evaluation"
FAQ = ROOT / "training_data" / "faq"


class NotReady(Exception):
    """A process did not come up; the text says which and where its log is."""


@dataclass(frozen=True)
class Bench:
    """Where the parts answer."""

    bot_url: str
    shop_url: str
    log: Path


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main_python(settings: Settings) -> Path:
    """The knowledge base and the shop live in the other environment."""
    for candidate in (settings.home / "venv", ROOT / ".jieli" / "venv"):
        if (candidate / "bin" / "python").exists():
            return candidate / "bin" / "python"
    raise NotReady(f"no main environment under {settings.home / 'venv'}: run `make setup`")


def _wait(url: str, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            answer = httpx.get(url, timeout=3, trust_env=False)
            if answer.status_code == 200 and answer.json().get("ready", True):
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.3)
    raise NotReady(f"{name} did not become ready:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@contextmanager
def bench(settings: Settings) -> Iterator[Bench]:
    """All parts ready; ended and their data deleted afterwards."""
    python = main_python(settings)
    bot_port, actions_port, knowledge_port, shop_port = (_free_port() for _ in range(4))
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jieli-evaluation-")))
        log = home / "parts.log"
        out = stack.enter_context(log.open("ab"))
        (home / "data").mkdir()
        (home / "models").mkdir()
        (home / "models" / "default").symlink_to(settings.embedding_folder)
        vectors = settings.home / "data" / "embeddings.sqlite3"
        if vectors.exists():
            shutil.copy(vectors, home / "data" / vectors.name)
        others = {name: value for name, value in os.environ.items() if not name.startswith("JIELI_")}
        beside = others | {
            "JIELI_HOME": str(home),
            "JIELI_SERVICE_TOKEN": TOKEN,
            "JIELI_SHOP_TOKEN": TOKEN,
            "JIELI_SHOP_JWT_KEY": TOKEN,
        }
        ours = others | {
            "JIELI_HOME": str(settings.home),
            "JIELI_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
            "JIELI_KNOWLEDGE_URL": f"http://127.0.0.1:{knowledge_port}",
            "JIELI_SHOP_URL": f"http://127.0.0.1:{shop_port}",
            "JIELI_SHOP_TOKEN": TOKEN,
        }

        def start(environment: dict[str, str], *command: object) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [str(part) for part in command], env=environment, cwd=ROOT, stdout=out, stderr=out
            )
            stack.callback(_end, process)
            return process

        serve = (sys.executable, ROOT / "bot" / "serve.py")
        server = start(ours, *serve, "server", "--port", bot_port)
        actions = start(ours, *serve, "actions", "--port", actions_port)
        shop = start(beside, python, ROOT / "bot" / "evaluation" / "fresh_shop.py", shop_port)
        knowledge_base = (python, "-m", "knowledge_base")
        subprocess.run(
            [*knowledge_base, "import", "--publish", *sorted(FAQ.glob("*.csv"))],
            env=beside,
            cwd=ROOT,
            stdout=out,
            stderr=out,
            check=True,
        )
        knowledge = start(beside, *knowledge_base, "serve", "--port", knowledge_port)
        _wait(f"http://127.0.0.1:{shop_port}/healthz", "the shop", shop, log)
        _wait(f"http://127.0.0.1:{actions_port}/health", "the action server", actions, log)
        _wait(f"http://127.0.0.1:{knowledge_port}/readyz", "the knowledge base", knowledge, log)
        channel = f"http://127.0.0.1:{bot_port}/webhooks/jieli"
        _wait(f"{channel}/health", "the bot", server, log)
        yield Bench(channel, f"http://127.0.0.1:{shop_port}", log)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
