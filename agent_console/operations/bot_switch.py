"""Puts a newly trained bot in the place of the one that answers, while customers go on talking."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from agent_console.operations.installation import Installation
from agent_console.operations.processes import READY_SECONDS, Control, Process, processes


class NotSwitched(Exception):
    """The bot that answered before still does; the reason is the message."""


def switch_bot(here: Installation, say: Callable[[str], None], seconds: float = READY_SECONDS) -> str:
    """Start the second Rasa server with the newest model, wait until it is ready, end the first. Returns its name.

    The desk knows both addresses and passes over the one that is away. Raises NotSwitched and leaves all as it was.
    """
    control = Control(here)
    both = [part for part in processes(here) if part.name.startswith("rasa")]
    if not control.is_there():
        raise NotSwitched("接力没有在运行：先 make run（或 jieli up）")
    running = [part for part in both if control.pid_of(part.name)]
    if len(running) != 1 or not _is_ready(running[0]):
        raise NotSwitched("现在没有一个正常应答的机器人可以接替：先看 jieli doctor")
    (old,) = running
    (new,) = (part for part in both if part != old)
    say(f"启动新的机器人（{new.port} 端口）…")
    started = time.monotonic()
    control.start_part(new.name)
    try:
        _wait_until_ready(here, new, seconds)
    except BaseException:
        control.stop_part(new.name)
        raise
    say(f"已就绪（{time.monotonic() - started:.0f} 秒），停下旧的机器人（{old.port} 端口）…")
    control.stop_part(old.name)
    return new.name


def _is_ready(part: Process) -> bool:
    """What the bot says of itself: a model is loaded and the action server answers."""
    try:
        return httpx.get(part.ready_url, timeout=3).json()["ready"] is True
    except (httpx.HTTPError, ValueError, KeyError):
        return False


def _wait_until_ready(here: Installation, part: Process, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not _is_ready(part):
        if time.monotonic() > deadline:
            log = here.logs / f"{part.name}.log"
            raise NotSwitched(f"新的机器人 {seconds:.0f} 秒内没有就绪，仍由旧的应答；原因见 {log}")
        time.sleep(0.2)
