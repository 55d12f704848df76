"""While the database is locked every send has an answer within five seconds, and what was refused was not stored."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.agent_console.conftest import RunningDesk
from tests.agent_console.people import Socket

PROMISED_SECONDS = 5.0
SENT_AT_ONCE = 4


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Another process keeps the write lock."""
    other = sqlite3.connect(home / "data" / "desk.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def a_moment_later(socket: Socket) -> None:
    socket.frames.clear()
    await socket.frame("heartbeat")


async def test_lines_typed_one_after_the_other_do_not_wait_for_each_others_refusal(
    desk: RunningDesk, home: Path
) -> None:
    customer = await desk.customer()
    socket = await customer.socket()

    with locked(home):
        began = time.perf_counter()
        ids = [await socket.say(customer.conversation_id, f"第 {n} 句") for n in range(SENT_AT_ONCE)]
        refusals = await asyncio.gather(*(socket.frame("refused", id=each, seconds=30) for each in ids))
        seconds = time.perf_counter() - began

    assert {each["d"]["code"] for each in refusals} == {"storage_unavailable"}
    assert seconds < PROMISED_SECONDS
    assert (await customer.http.get(f"{customer.address}/events")).json()["head_seq"] == 0
    await a_moment_later(socket)
    again = await socket.say(customer.conversation_id, "现在呢", ids[0])
    assert (await socket.frame("ack", id=again))["d"]["seq"] == 1


async def test_a_line_that_comes_after_a_refusal_is_tried_on_its_own(desk: RunningDesk, home: Path) -> None:
    customer = await desk.customer()
    socket = await customer.socket()
    with locked(home):
        refused = await socket.say(customer.conversation_id, "锁着")
        await socket.frame("refused", id=refused)
    await a_moment_later(socket)

    sent = await socket.say(customer.conversation_id, "好了")

    assert (await socket.frame("ack", id=sent))["d"]["seq"] == 1
