"""The same turn again gets the same answer, and the work is done once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.answered import KEPT_SECONDS, Answered


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Work:
    def __init__(self) -> None:
        self.times = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.fails = False

    async def __call__(self) -> dict[str, Any]:
        self.times += 1
        await self.go_on.wait()
        if self.fails:
            raise ValueError("no")
        return {"times": self.times}


KEY = ("c1", "t1")


async def test_a_retry_gets_the_first_answer() -> None:
    answered, work = Answered(Clock()), Work()

    answers = [await answered.once(KEY, work), await answered.once(KEY, work)]

    assert answers == [{"times": 1}, {"times": 1}]


async def test_a_duplicate_meanwhile_waits_for_the_first() -> None:
    answered, work = Answered(Clock()), Work()
    work.go_on.clear()
    both = [asyncio.create_task(answered.once(KEY, work)) for _ in range(5)]
    await asyncio.sleep(0)

    work.go_on.set()
    answers = await asyncio.gather(*both)

    assert work.times == 1
    assert all(answer == {"times": 1} for answer in answers)


async def test_a_failure_is_not_remembered() -> None:
    answered, work = Answered(Clock()), Work()
    work.fails = True
    with pytest.raises(ValueError):
        await answered.once(KEY, work)
    work.fails = False

    assert await answered.once(KEY, work) == {"times": 2}


async def test_another_conversation_with_the_same_turn_id_is_another_turn() -> None:
    answered, work = Answered(Clock()), Work()
    await answered.once(("c1", "t1"), work)

    assert await answered.once(("c2", "t1"), work) == {"times": 2}


async def test_an_answer_is_forgotten_after_ten_minutes() -> None:
    clock = Clock()
    answered, work = Answered(clock), Work()
    await answered.once(KEY, work)
    clock.now = KEPT_SECONDS + 1

    assert not answered.knows(KEY)
    assert await answered.once(KEY, work) == {"times": 2}


async def test_the_store_is_bounded() -> None:
    answered, work = Answered(Clock(), limit=3), Work()

    for number in range(10):
        await answered.once(("c", str(number)), work)

    assert [answered.knows(("c", str(number))) for number in (0, 5, 9)] == [False, False, True]
