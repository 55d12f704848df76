"""A whole Jieli on free ports with real processes, and a real Chromium to look at it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from agent_console.operations import people, prepare
from agent_console.operations.installation import Installation, Ports
from agent_console.operations.processes import Supervisor, running
from agent_console.operations.seed import seed_demo

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Jieli:
    """A running installation, seeded with the demo shop."""

    here: Installation
    supervisor: Supervisor

    def password_of(self, login: str) -> str:
        return people.demo_passwords(self.here)[login]


def make_first_admin(here: Installation) -> None:
    """What the operator does first: use the code that `make run` prints."""
    person = {"login": "laoban", "name": "老板", "password": "first-admin-of-the-test"}
    code = here.setup_code_file.read_text().strip()
    asked = httpx.post(
        f"{here.desk_url}/api/v1/console/setup",
        json={"code": code, **person},
        headers={"X-Jieli-Console": "1", "Origin": here.desk_url},
    )
    assert asked.status_code == 201, asked.text


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def new_installation(home: Path) -> Installation:
    """An empty installation that shares the prepared model and the trained bot."""
    home.mkdir(parents=True, exist_ok=True)
    for prepared in (prepare.MODELS, prepare.BOT_MODELS):
        (home / prepared.name).symlink_to(prepared)
    return Installation(home, Ports(*free_ports(6)))


@pytest.fixture(scope="session")
def jieli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jieli]:
    here = new_installation(tmp_path_factory.mktemp("jieli"))
    with running(here) as supervisor:
        for _ in supervisor.until_ready():
            pass
        seed_demo(here, say=lambda *_: None)
        make_first_admin(here)
        yield Jieli(here, supervisor)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return {"executable_path": CHROMIUM, "args": CHROMIUM_SWITCHES, "headless": True}


@pytest.fixture
def customer_page(browser: Browser) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    yield page
    context.close()


@pytest.fixture
def agent_page(browser: Browser) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    yield page
    context.close()
