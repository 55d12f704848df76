"""A desk that serves one customer in its own process and prints each acknowledged message, to be killed at a point."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.factories import agent_on_duty, make_desk, member, open_chat, text
from tests.stand_ins import Clock


async def serve(url: str) -> None:
    clock = Clock()
    desk = await make_desk(url, now=clock)
    chat = await open_chat(desk, member())
    for client_msg_id in ("m1", "m2"):
        await chat.writes(client_msg_id, client_msg_id)
        print(client_msg_id, flush=True)
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


asyncio.run(serve(sys.argv[1]))
