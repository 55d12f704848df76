"""After any absence and any lost hint a client has the whole log: nothing twice, nothing missing."""

from __future__ import annotations

import asyncio
import socket as network
import time
import uuid
from pathlib import Path

from agent_console.connection import MOST_FRAMES
from agent_console.protocol import Closing
from handoff.bus import InProcessBus, Wake
from tests.agent_console.conftest import RunningDesk, running_desk
from tests.agent_console.people import Colleague, Customer, Json, Socket, eventually, shop_token
from tests.stand_ins import answer


async def served(desk: RunningDesk) -> tuple[Customer, Colleague]:
    """A customer who is with an agent."""
    agent = await desk.colleague("agent")
    customer = await desk.customer(token=shop_token())
    await customer.ask_for_person()
    assert (await agent.act(customer.conversation_id, "claim")).status_code == 200
    return customer, agent


def numbers(socket: Socket) -> list[int]:
    return [int(event["seq"]) for event in socket.events()]


async def write_many(desk: RunningDesk, customer: Customer, count: int) -> None:
    """Straight through the desk: the limits of one hurried customer are not what is tested."""
    for number in range(count):
        body = {"type": "text", "text": f"第 {number} 句"}
        await desk.parts.desk.hear(customer.conversation_id, customer.id, uuid.uuid4().hex, body)


async def test_a_client_that_comes_back_gets_exactly_what_it_missed(desk: RunningDesk) -> None:
    customer, agent = await served(desk)
    first = await customer.socket()
    seen = numbers(first)
    await first.hang_up()

    await write_many(desk, customer, 25)
    await agent.say(customer.conversation_id, "还在吗")
    second = await customer.socket(after=seen[-1])
    head = (await second.frame("caught_up"))["d"]["head_seq"]

    assert seen + numbers(second) == list(range(1, head + 1))


async def test_a_page_reloaded_at_any_moment_shows_everything_once(desk: RunningDesk) -> None:
    customer, agent = await served(desk)
    stop = asyncio.Event()

    async def talk() -> int:
        sent = 0
        while not stop.is_set():
            await write_many(desk, customer, 1)
            await agent.say(customer.conversation_id, f"答 {sent}")
            sent += 1
        return sent

    talking = asyncio.create_task(talk())
    reloads: list[Socket] = []
    for _ in range(8):
        socket = await customer.socket()
        await socket.until(lambda it: len(it.events()) > len(reloads) * 5 + 6)
        reloads.append(socket)
    stop.set()
    sent = await talking
    head = (await customer.http.get(f"{customer.address}/events")).json()["head_seq"]

    assert sent > 5
    for socket in reloads:
        await socket.until(lambda it: it.events() and it.events()[-1]["seq"] == head)
        assert numbers(socket) == list(range(1, head + 1))


async def test_two_hundred_missed_events_come_in_order_through_a_bounded_queue(desk: RunningDesk) -> None:
    customer, _ = await served(desk)
    await write_many(desk, customer, MOST_FRAMES + 20)

    socket = await customer.socket()
    head = (await socket.frame("caught_up"))["d"]["head_seq"]

    assert head > MOST_FRAMES + 20
    assert numbers(socket) == list(range(1, head + 1))


async def test_watching_again_from_an_older_number_sends_the_rest_again(desk: RunningDesk) -> None:
    customer, _ = await served(desk)
    socket = await customer.socket()
    head = (await socket.frame("caught_up"))["d"]["head_seq"]
    socket.frames.clear()

    await socket.send("watch", {"after": head - 2}, c=customer.conversation_id)
    await socket.frame("caught_up")

    assert numbers(socket) == [head - 1, head]


async def test_a_number_from_another_life_of_the_database_does_not_hide_what_comes(desk: RunningDesk) -> None:
    customer, agent = await served(desk)

    socket = await customer.socket(after=99_999)
    await agent.say(customer.conversation_id, "您好")

    await socket.event("message", "您好")


class DeafBus(InProcessBus):
    """Loses every wake, as a Redis that is away does between two desks."""

    async def publish(self, wake: Wake) -> None: ...


async def test_without_any_wake_events_and_rows_still_arrive_by_polling(home: Path) -> None:
    async with running_desk(home, bus=DeafBus(), poll_seconds=0.1) as desk:
        customer, agent = await served(desk)
        socket = await customer.socket()
        console = await agent.socket()
        await console.send("lists")
        await console.frame("counts")

        await agent.say(customer.conversation_id, "没有提醒也能收到")

        await socket.event("message", "没有提醒也能收到")
        await console.until(lambda it: [f for f in it.frames if f["t"] == "row" and f["d"]["last_author"] == "agent"])


async def test_heartbeats_tell_the_head_number_of_what_is_watched(desk: RunningDesk) -> None:
    customer, _ = await served(desk)
    socket = await customer.socket()
    head = (await socket.frame("caught_up"))["d"]["head_seq"]

    beat = await socket.until(lambda it: [f for f in it.frames if f["t"] == "heartbeat" and f["d"]["heads"]])

    assert beat[0]["d"]["heads"] == {customer.conversation_id: head}


async def test_a_reader_who_does_not_read_is_closed_and_nobody_else_waits(desk: RunningDesk) -> None:
    customer, agent = await served(desk)
    place = customer.conversation_id
    attentive = await agent.watch(await agent.socket(), place)
    attentive_visit = desk.parts.hub.visits[-1]
    asleep = await agent.watch(await agent.socket(sock=_small_socket(desk.base), max_queue=1), place)
    slow_visit = desk.parts.hub.visits[-1]
    await asleep.fall_asleep()
    words = Wake("typing", place, {"author": {"role": "customer", "id": customer.id, "name": ""}, "text": "长" * 4000})

    sent, delays = 0, []
    while slow_visit.connection.is_open:
        await desk.parts.bus.publish(words)
        if sent % 50 == 0:
            started = time.perf_counter()
            await customer.say(f"第 {sent} 句")
            await attentive.event("message", f"第 {sent} 句")
            delays.append(time.perf_counter() - started)
        await asyncio.sleep(0)
        sent += 1
        assert sent < 5000
    head = (await customer.http.get(f"{customer.address}/events")).json()["head_seq"]
    await attentive.until(lambda it: it.events() and it.events()[-1]["seq"] == head)

    assert (await slow_visit.connection.ended())[0] == Closing.TOO_SLOW
    assert attentive_visit.connection.is_open
    assert numbers(attentive) == list(range(1, head + 1))
    assert max(delays) < 2.0  # a plain send loop stands still here for as long as the reader sleeps
    await eventually(lambda: slow_visit not in desk.parts.hub.visits)


def _small_socket(base: str) -> network.socket:
    """A connection whose receive buffer is small, so that the desk feels soon that nobody reads."""
    host, port = base.removeprefix("http://").split(":")
    small = network.socket()
    small.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, 4096)
    small.connect((host, int(port)))
    small.setblocking(False)
    return small


async def test_many_watchers_see_one_order(desk: RunningDesk) -> None:
    desk.bot.reply = answer("好的")
    customer, agent = await served(desk)
    watchers = [await agent.watch(await agent.socket(), customer.conversation_id) for _ in range(4)]

    await asyncio.gather(*(customer.say(f"第 {number} 句") for number in range(10)))
    head = (await customer.http.get(f"{customer.address}/events")).json()["head_seq"]
    for watcher in watchers:
        await watcher.until(lambda it: it.events() and it.events()[-1]["seq"] == head)

    orders: list[list[Json]] = [watcher.events() for watcher in watchers]
    assert all(order == orders[0] for order in orders)


async def test_a_restarting_desk_tells_every_socket_to_come_back(home: Path) -> None:
    async with running_desk(home) as desk:
        customer, agent = await served(desk)
        sockets = [await customer.socket(), await agent.socket()]

        desk.stop()

        assert [await socket.closed() for socket in sockets] == [Closing.RESTARTING, Closing.RESTARTING]


async def test_the_thirteenth_window_replaces_the_oldest(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    first = await agent.socket()

    rest = [await agent.socket() for _ in range(12)]

    assert await first.closed() == Closing.REPLACED
    assert all(socket.close_code is None for socket in rest)


async def test_a_new_desk_goes_on_where_the_old_one_stopped(home: Path) -> None:
    async with running_desk(home) as desk:
        customer, agent = await served(desk)
        visitor, before = customer.session["visitor"], await customer.log()
        place, cookie = customer.conversation_id, agent.http.cookies

    proof = {"Authorization": f"Bearer {visitor}"}
    async with running_desk(home) as desk, desk.http(headers=proof, cookies=cookie) as http:
        after = await http.get(f"/api/v1/widget/conversations/{place}/events")
        me = await http.get("/api/v1/console/me")

    assert after.json()["events"] == before
    assert me.status_code == 200
