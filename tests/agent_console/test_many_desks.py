"""Two desks on one PostgreSQL: what happens at one is seen at the other, with Redis quickly, without it soon."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.agent_console.conftest import RunningDesk, running_desk
from tests.agent_console.people import Colleague, Customer, shop_token

pytestmark = pytest.mark.servers


@asynccontextmanager
async def two_desks(home: Path, database: str, redis: str | None) -> AsyncIterator[tuple[RunningDesk, RunningDesk]]:
    shared: dict[str, Any] = {"database_url": database, "redis_url": redis, "poll_seconds": 2.0}
    async with running_desk(home / "a", **shared) as one, running_desk(home / "b", **shared) as other:
        yield one, other


async def customer_at_one_and_agent_at_the_other(one: RunningDesk, other: RunningDesk) -> tuple[Customer, Colleague]:
    agent = await other.colleague("agent")
    customer = await one.customer(token=shop_token())
    await customer.ask_for_person()
    assert (await agent.act(customer.conversation_id, "claim")).status_code == 200
    return customer, agent


async def delivery_seconds(customer: Customer, agent: Colleague) -> float:
    """The slower of two lines from the agent at one desk to the customer at the other."""
    socket = await customer.socket()
    slowest = 0.0
    for number in range(2):
        started = time.perf_counter()
        await agent.say(customer.conversation_id, f"第 {number} 句")
        await socket.event("message", f"第 {number} 句")
        slowest = max(slowest, time.perf_counter() - started)
    assert [event["seq"] for event in socket.events()] == list(range(1, len(socket.events()) + 1))
    return slowest


async def test_redis_wakes_the_other_desk_before_it_would_have_looked(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    async with two_desks(tmp_path, postgres_url, redis_url) as (one, other):
        people = await customer_at_one_and_agent_at_the_other(one, other)

        assert await delivery_seconds(*people) < 1.5


async def test_with_redis_away_the_other_desk_hears_within_a_poll(tmp_path: Path, postgres_url: str) -> None:
    async with two_desks(tmp_path, postgres_url, "redis://127.0.0.1:9/0") as (one, other):
        people = await customer_at_one_and_agent_at_the_other(one, other)

        assert await delivery_seconds(*people) < 4.0


async def test_signing_out_at_one_desk_closes_the_socket_at_the_other(tmp_path: Path, postgres_url: str) -> None:
    async with two_desks(tmp_path, postgres_url, None) as (one, other):
        agent = await one.colleague("agent")
        elsewhere = Colleague(other.base, other.http(headers={"X-Jieli-Console": "1"}, cookies=agent.http.cookies))
        other.people.append(elsewhere)
        socket = await elsewhere.socket()

        started = time.perf_counter()
        await agent.http.post("/api/v1/console/sign-out")

        assert await socket.closed() == 4401
        assert time.perf_counter() - started < 5.0


async def guesses_let_through(home: Path, database: str, redis: str | None) -> int:
    """Of twelve wrong passwords for one login at each of two desks, how many were looked at."""
    async with two_desks(home, database, redis) as desks:
        person = [await desk.stranger() for desk in desks]
        guess = {"login": "boss", "password": "wrong"}
        codes = [(await each.http.post("/api/v1/console/sign-in", json=guess)).status_code for each in person * 12]
    assert set(codes) == {401, 429}
    return codes.count(401)


async def test_with_redis_the_desks_count_guesses_at_a_password_together(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    assert await guesses_let_through(tmp_path, postgres_url, redis_url) == 10


async def test_with_redis_away_each_desk_still_counts_for_itself(tmp_path: Path, postgres_url: str) -> None:
    assert await guesses_let_through(tmp_path, postgres_url, "redis://127.0.0.1:9/0") == 20
