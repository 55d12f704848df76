"""Desks that serve one customer each in a process of their own and say what they acknowledged, killed at a point."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import handoff.database
from tests.factories import agent_on_duty, make_desk, member, open_chat, text
from tests.stand_ins import Clock

# How a desk dies is looked at here, not how long a busy machine takes to let it: a refusal for slowness would end it.
handoff.database.DEADLINE_SECONDS = 600


async def serve(url: str, acked: TextIO) -> None:
    clock = Clock()
    desk = await make_desk(url, now=clock)
    chat = await open_chat(desk, member())
    for client_msg_id in ("m1", "m2"):
        await chat.writes(client_msg_id, client_msg_id)
        print(client_msg_id, file=acked, flush=True)
    await desk.work_until_idle()
    agent = await agent_on_duty(desk)
    await chat.wants_person()
    await desk.claim(chat.id, agent.id)
    await desk.say(chat.id, agent.id, "a1", text("您好"))
    desk.begin_watch()
    await desk.agent_gone(agent.id)
    clock.pass_time(seconds=61)
    await desk.sweep()
    await desk.workplace.store.close()


def in_a_process_of_its_own(point: str, url: str) -> dict[str, Any]:
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.environ["JIELI_CRASH_AT"] = point
        # Standard output is the parent's report, and desks log there.
        os.dup2(2, 1)
        with os.fdopen(write_end, "w") as acked:
            asyncio.run(serve(url, acked))
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as said:
        acked = said.read().split()
    _, status = os.waitpid(child, 0)
    return {"point": point, "exit_code": os.waitstatus_to_exitcode(status), "acked": acked}


for point, url in json.loads(sys.argv[1]).items():
    print(json.dumps(in_a_process_of_its_own(point, url)), flush=True)
