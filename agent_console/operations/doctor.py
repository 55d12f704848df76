"""Looks at every part of an installation and says in one line each what is wrong and how to mend it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import httpx

from agent_console.operations import prepare
from agent_console.operations.installation import Installation
from agent_console.operations.processes import Process, processes

FREE_BYTES = 2 * 1024**3
"""Below this the database, logs and a second trained bot may fill the disk within a day of normal use."""


@dataclass(frozen=True)
class Finding:
    """One part looked at: `told` is what was seen, `mend` what to do when it is not well."""

    part: str
    is_well: bool
    told: str
    mend: str = ""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def examine(here: Installation) -> Iterator[Finding]:
    """Look at the prepared parts first, then at disk and databases, then at the living processes."""
    for step in prepare.STEPS:
        if step.name not in prepare.FOR_TESTS_ONLY:
            well = prepare.is_made(step)
            yield Finding(step.title, well, "已就绪" if well else "缺失或已过期", "运行 make setup")
    yield _disk(here)
    yield _secrets(here)
    for name in ("desk.sqlite3", "knowledge.sqlite3"):
        yield _database(here, name)
    if os.environ.get("JIELI_REDIS_URL"):
        yield _redis(os.environ["JIELI_REDIS_URL"])
    parts = processes(here)
    for title in dict.fromkeys(part.title for part in parts):
        places = [_process(part) for part in parts if part.title == title]
        # The bot has two places and answers from one of them (`jieli bot switch`).
        yield next((place for place in places if place.is_well), places[0])


def _disk(here: Installation) -> Finding:
    here.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(here.home).free
    return Finding("磁盘空间", free > FREE_BYTES, f"剩余 {free / 1024**3:.1f} GB", f"清理 {here.home} 所在磁盘")


def _secrets(here: Installation) -> Finding:
    file = here.home / "secrets.env"
    if not file.exists():
        return Finding("密钥", True, "首次启动时生成")
    private = file.stat().st_mode & 0o077 == 0
    return Finding("密钥", private, "仅本人可读" if private else "其他用户可读", f"chmod 600 {file}")


def _database(here: Installation, name: str) -> Finding:
    file = here.data / name
    if not file.exists():
        return Finding(f"数据库 {name}", True, "首次启动时创建")
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=2) as connection:
            told = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as trouble:
        return Finding(f"数据库 {name}", False, f"打不开：{trouble}", "检查磁盘与权限，或从备份恢复")
    return Finding(f"数据库 {name}", told == "ok", "完好" if told == "ok" else told, "从备份恢复")


def _redis(url: str) -> Finding:
    from redis import Redis, RedisError

    try:
        Redis.from_url(url, socket_timeout=2).ping()
    except RedisError as trouble:
        return Finding(
            "Redis", False, f"连不上（{type(trouble).__name__}），消息改为轮询", "启动 Redis 或去掉 JIELI_REDIS_URL"
        )
    return Finding("Redis", True, "已连接")


def _process(part: Process) -> Finding:

    try:
        answer = httpx.get(part.ready_url, timeout=3)
    except httpx.ConnectError:
        return Finding(part.title, False, f"端口 {part.port} 没有进程", "运行 make run")
    except httpx.HTTPError as trouble:
        return Finding(part.title, False, f"无应答（{type(trouble).__name__}）", "看该进程的日志，必要时重启")
    if answer.status_code >= 400:
        return Finding(part.title, False, f"回答 {answer.status_code}", "看该进程的日志")
    return Finding(part.title, True, f"端口 {part.port} 正常")
