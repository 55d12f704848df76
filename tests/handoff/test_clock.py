"""Whatever anybody sets a machine's clock to, the desk's time goes on evenly and is the same on every desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import handoff.store
from handoff.clock import LARGEST_STEP, SteadyClock
from handoff.store import Store

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Seconds:
    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed


def test_time_is_counted_on_from_the_start() -> None:
    seconds = Seconds()
    clock = SteadyClock(NOON, seconds)

    seconds.passed = 90

    assert clock() == NOON + timedelta(seconds=90)


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_jump_of_two_hours_moves_the_time_by_seconds_at_most(hours: int) -> None:
    seconds = Seconds()
    clock = SteadyClock(NOON, seconds)

    clock.approach(NOON + timedelta(hours=hours))

    assert abs(clock() - NOON) == LARGEST_STEP


def test_a_clock_that_was_wrong_at_the_start_is_right_after_a_while() -> None:
    seconds = Seconds()
    clock = SteadyClock(NOON - timedelta(minutes=1), seconds)

    for _ in range(30):
        clock.approach(NOON)

    assert abs(clock() - NOON) <= timedelta(seconds=1)


@pytest.mark.servers
async def test_desks_on_one_server_take_its_time_and_not_their_own(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.at(postgres_url)
    true_time = datetime.now(UTC)
    monkeypatch.setattr(handoff.store, "utc_now", lambda: true_time + timedelta(hours=2))

    told = await store.time()

    assert abs(told - true_time) < timedelta(minutes=1)
    await store.close()
