"""Fills a running installation with the demo shop's knowledge and its agents; doing it twice changes nothing."""

from __future__ import annotations

import asyncio
import csv
import os
import subprocess
import time
from collections.abc import Callable

import httpx

from agent_console.operations import people
from agent_console.operations.installation import ROOT, Installation
from agent_console.operations.people import Person

FAQ = ROOT / "training_data" / "faq"
CANNED_REPLIES = ROOT / "training_data" / "canned_replies.csv"

SERVED_SECONDS = 300
"""Embedding the seed takes 20 s on two idle cores; a machine that needs fifteen times as long has another trouble."""

DEMO_PEOPLE = (
    Person("xiaolin", "晓琳", ("agent",), ("订单物流", "售前咨询"), 8),
    Person("ajie", "阿杰", ("agent",), ("售后服务",), 8),
    Person("ruoxi", "若曦", ("agent",), ("售前咨询",), 6),
    Person("dawei", "大伟", ("agent", "supervisor"), ("订单物流", "售后服务", "售前咨询"), 8),
    Person("yating", "雅婷", ("knowledge_manager",), (), 1),
)


SUPERVISOR = "dawei"
"""Of the demo people; ready-made replies for everybody are a supervisor's to write."""


class SeedFailed(Exception):
    """The demo data could not be written; what was there before is unchanged."""


def seed_demo(here: Installation, say: Callable[[str], object]) -> None:
    """Import the seed FAQ when the knowledge base is empty, make the demo agents and give them ready-made replies.

    Raises SeedFailed.
    """
    if _entries(here) == 0:
        say("  … 写入示例知识")
        done = subprocess.run(
            [here.python, "-m", "knowledge_base", "import", "--publish", *sorted(FAQ.glob("*.csv"))],
            cwd=ROOT,
            env={**os.environ, **here.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SeedFailed(f"示例知识没有写入：{(done.stderr or done.stdout).strip()[-800:]}")
        _until_served(here, say)
    say(f"  [green]✓[/] 示例知识 {_entries(here)} 条")
    passwords = people.demo_passwords(here, [person.login for person in DEMO_PEOPLE])
    made = asyncio.run(people.add_missing(here, DEMO_PEOPLE, passwords))
    say(f"  [green]✓[/] 示例客服 {len(DEMO_PEOPLE)} 人（新建 {made}）")
    if made:  # once: later the supervisor may have a password of his own, and what he threw away stays away
        added = _add_canned_replies(here, passwords[SUPERVISOR])
        say(f"  [green]✓[/] 示例快捷回复（新建 {added}）")


def _add_canned_replies(here: Installation, password: str) -> int:
    """What the demo's supervisor would type in under 设置 → 快捷回复; shortcuts that are there are left as they are."""
    with httpx.Client(base_url=here.desk_url, headers={"X-Jieli-Console": "1", "Origin": here.desk_url}) as console:
        try:
            signed_in = {"login": SUPERVISOR, "password": password}
            console.post("/api/v1/console/sign-in", json=signed_in).raise_for_status()
            asked = console.get("/api/v1/console/canned-replies").raise_for_status()
            known = {reply["shortcut"] for reply in asked.json()["replies"]}
            groups = console.get("/api/v1/console/groups").raise_for_status().json()["groups"]
            group_ids = {group["name"]: group["id"] for group in groups}
            added = 0
            for row in csv.DictReader(CANNED_REPLIES.read_text(encoding="utf-8").splitlines()):
                if row["shortcut"] in known:
                    continue
                reply = {**row, "group": group_ids.get(row["group"]), "shared": True}
                console.post("/api/v1/console/canned-replies", json=reply).raise_for_status()
                added += 1
            console.post("/api/v1/console/sign-out").raise_for_status()
        except (httpx.HTTPError, KeyError, ValueError) as trouble:
            raise SeedFailed(f"示例快捷回复没有写入（{type(trouble).__name__}），请先运行 make run") from None
    return added


def _until_served(here: Installation, say: Callable[[str], object]) -> None:
    """Wait for the knowledge base to embed and serve what was imported; the first time takes about 20 s."""
    rows = (csv.DictReader(file.read_text(encoding="utf-8").splitlines()) for file in FAQ.glob("*.csv"))
    expected = sum(len(list(row)) for row in rows)
    say(f"  … 向量化 {expected} 条知识")
    started = time.monotonic()
    while _entries(here) < expected:
        if time.monotonic() - started > SERVED_SECONDS:
            raise SeedFailed(f"示例知识写入后 {SERVED_SECONDS} 秒仍未生效，见 {here.logs / 'knowledge_base.log'}")
        time.sleep(0.3)


def _entries(here: Installation) -> int:
    try:
        asked = httpx.get(f"{here.knowledge_url}/readyz", timeout=10)
        return int(asked.json()["entries"])
    except (httpx.HTTPError, KeyError, ValueError) as trouble:
        raise SeedFailed(f"知识库没有应答（{type(trouble).__name__}），请先运行 make run") from None
