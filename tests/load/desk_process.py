"""A desk in a process of its own that is killed, frozen, given a wrong clock and started again on the same port."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
BOT_TIMEOUT_SECONDS = 2.5
GRACE_SECONDS = 8.0
CLAIM_TIMEOUT_SECONDS = 4.0
# Half of a desk's start would go into compiling where the environment forbids Python to keep what it compiled.
BYTECODE = Path(tempfile.gettempdir()) / "jieli-desk-bytecode"
NOT_INHERITED = ("JIELI_", "PYTHONDONTWRITEBYTECODE")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def faketime_library() -> Path | None:
    """The library that sets one process's clock wrong; its wheel carries the one for 64-bit Intel."""
    found = importlib.util.find_spec("libfaketime")
    if found is None or not found.submodule_search_locations or platform.machine() != "x86_64":
        return None
    library = Path(found.submodule_search_locations[0]) / "vendor/libfaketime/src/libfaketime.so.1"
    return library if library.exists() and sys.platform == "linux" else None


@dataclass
class DeskProcess:
    """`python -m agent_console` in a home of its own, killed and started again on the same port."""

    home: Path
    port: int
    public_url: str
    environment: dict[str, str]
    starts: int = 0
    process: subprocess.Popen[bytes] | None = None
    is_frozen: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self.process.poll() if self.process is not None else None

    @property
    def seconds_in_line(self) -> float:
        """How long its event loop has waited for a processor so far, where the system tells."""
        try:
            told = Path(f"/proc/{self.process.pid if self.process else 0}/schedstat").read_text()
        except OSError:
            return 0.0
        return int(told.split()[1]) / 1e9

    @property
    def clock_file(self) -> Path:
        return self.home / "clock"

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
        environment = inherited | {
            "PYTHONPYCACHEPREFIX": str(BYTECODE),
            "JIELI_HOME": str(self.home),
            "JIELI_DEVELOPMENT": "1",
            "JIELI_DESK_PORT": str(self.port),
            "JIELI_DESK_PUBLIC_URL": self.public_url,
            "JIELI_KNOWLEDGE_URL": "http://127.0.0.1:9",
            "JIELI_SHOP_URL": "http://127.0.0.1:9",
            "JIELI_BOT_TIMEOUT_SECONDS": str(BOT_TIMEOUT_SECONDS),
            "JIELI_GRACE_SECONDS": str(GRACE_SECONDS),
            "JIELI_CLAIM_TIMEOUT_SECONDS": str(CLAIM_TIMEOUT_SECONDS),
            "JIELI_MESSAGES_PER_MINUTE": "100000",
            "JIELI_SESSIONS_PER_MINUTE": "100000",
            "JIELI_SIGN_INS_PER_MINUTE": "10000",
            "JIELI_HEARTBEAT_SECONDS": "2",
            **self.environment,
        }
        if (library := faketime_library()) is not None:
            if not self.clock_file.exists():
                self.set_clock(0)
            environment |= {
                "LD_PRELOAD": str(library),
                "FAKETIME_TIMESTAMP_FILE": str(self.clock_file),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1",
            }
        with (self.home / "desk.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agent_console"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        self.starts += 1

    def set_clock(self, hours: float) -> None:
        """What this process takes for the time of day, from now on; monotonic time is left alone."""
        self.clock_file.write_text(f"{hours * 3600:+.0f}\n")

    async def until_healthy(self, seconds: float = 60) -> bool:
        """False if it died meanwhile."""
        async with httpx.AsyncClient(base_url=self.url, timeout=2, trust_env=False) as http, asyncio.timeout(seconds):
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

    async def stop(self) -> int | None:
        """Asked politely, as in a rolling restart; the exit code."""
        if self.is_alive and self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            if not await self.until_dead(20):
                await self.kill()
        return self.process.poll() if self.process is not None else None

    async def freeze(self, seconds: float) -> None:
        if self.is_alive and self.process is not None:
            self.is_frozen = True
            self.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(seconds)
            self.process.send_signal(signal.SIGCONT)
            self.is_frozen = False
