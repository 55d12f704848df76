"""Each process is killed in turn while a customer and an agent talk: nothing acknowledged is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter

import httpx
import pytest

from tests.end_to_end.conftest import Jieli
from tests.load.clients import Agent, Customer, Thread

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(300)]


def shopper_token(jieli: Jieli, customer_id: str) -> str:
    return str(httpx.get(f"{jieli.here.shop_url}/token", params={"customer": customer_id}).json()["token"])


async def kill(jieli: Jieli, name: str) -> None:
    """SIGKILL one part and wait until supervisord has it back and ready."""
    before = jieli.supervisor.pid_of(name)
    os.kill(before, signal.SIGKILL)
    part = next(part for part in jieli.supervisor.parts if part.name == name)
    async with asyncio.timeout(120):
        while jieli.supervisor.pid_of(name) in (0, before) or not await asyncio.to_thread(
            jieli.supervisor.is_ready, part
        ):
            await asyncio.sleep(0.1)


def texts_of(thread: Thread) -> Counter[str]:
    return Counter(event["body"]["text"] for event in thread.messages() if event["author"]["role"] != "bot")


@pytest.mark.parametrize("victim", ["knowledge_base", "shop", "actions", "rasa", "desk"])
async def test_no_acknowledged_message_is_lost_or_doubled_when_a_process_is_killed(jieli: Jieli, victim: str) -> None:
    customer = await Customer(jieli.here.desk_url).start()
    agent = await Agent(jieli.here.desk_url, "xiaolin", jieli.password_of("xiaolin")).start()
    await agent.go_online()
    await customer.ask_for_person()
    await agent.claim(customer.conversation_id)

    async def talk() -> list[str]:
        sent = []
        for number in range(40):
            sent.append(await customer.say(customer.conversation_id, f"客户第{number}句"))
            sent.append(await agent.say(customer.conversation_id, f"客服第{number}句"))
            await asyncio.sleep(0.05)
        return sent

    talking = asyncio.create_task(talk())
    await asyncio.sleep(0.5)
    await kill(jieli, victim)
    sent = await talking
    for client_msg_id in sent:
        source = customer if client_msg_id in customer.acks or client_msg_id in customer.outbox else agent
        await source.acked(client_msg_id, 30)
    head = max(ack["seq"] for ack in (*customer.acks.values(), *agent.acks.values()))
    for client in (customer, agent):
        await client.until(lambda client=client: client.threads[customer.conversation_id].contiguous >= head, 30)

    expected = Counter({f"{who}第{number}句": 1 for who in ("客户", "客服") for number in range(40)})
    for client in (customer, agent):
        thread = client.threads[customer.conversation_id]
        assert thread.contradictions == []
        assert {text: count for text, count in texts_of(thread).items() if text in expected} == expected
    await agent.call("POST", f"conversations/{customer.conversation_id}/close", {"outcome": "solved"})
    await customer.stop()
    await agent.stop()


async def test_customer_is_told_and_queued_when_the_bot_is_killed(jieli: Jieli) -> None:
    customer = await Customer(jieli.here.desk_url).start()
    await customer.ask("七天无理由退货运费谁出")
    jieli.supervisor.stop_part("rasa")

    try:
        await customer.say(customer.conversation_id, "你们发什么快递")
        told = await customer.until(
            lambda: [event for event in customer.thread.events.values() if event["kind"] in ("notice", "handed_over")],
            9,
        )
    finally:
        await asyncio.to_thread(jieli.supervisor.start_part, "rasa")

    assert told
    await customer.until(lambda: any(e["kind"] == "handed_over" for e in customer.thread.events.values()), 5)
    rasa = next(part for part in jieli.supervisor.parts if part.name == "rasa")
    async with asyncio.timeout(120):
        while not await asyncio.to_thread(jieli.supervisor.is_ready, rasa):
            await asyncio.sleep(0.2)
    await customer.stop()
