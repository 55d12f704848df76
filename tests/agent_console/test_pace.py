"""A burst, then a steady rate, and never a growing memory."""

from __future__ import annotations

from agent_console.pace import TIDY_EVERY, Pace


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_the_next_is_told_when_it_may_come() -> None:
    clock = Seconds()
    pace = Pace(60, 60, clock)

    first = [pace.wait("somebody") for _ in range(60)]
    over = pace.wait("somebody")

    assert first == [0.0] * 60
    assert 0.9 < over <= 1.0
    assert pace.wait("another") == 0.0


def test_who_waits_as_told_is_let_through_once() -> None:
    clock = Seconds()
    pace = Pace(10, 5, clock)
    for _ in range(10):
        pace.wait("somebody")

    clock.now += pace.wait("somebody")

    assert pace.wait("somebody") == 0.0
    assert pace.wait("somebody") > 0.4


def test_the_idle_are_forgotten() -> None:
    clock = Seconds()
    pace = Pace(1, 1, clock)

    for number in range(TIDY_EVERY * 5):
        pace.wait(str(number))
        clock.now += 0.01

    assert len(pace._free_at) <= TIDY_EVERY + 1
