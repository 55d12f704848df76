"""How long it will take, from measured service times; where nothing was measured, nothing is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from handoff.views import WaitEstimate

# Fewer finished conversations than this say nothing about the next one.
FEWEST_MEASURED = 5
LOW_QUANTILE = 0.25
HIGH_QUANTILE = 0.9
# Told in these steps: a wait of "127 seconds" pretends to a precision that nobody has.
STEP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Floor:
    """What a group can do now: places that all its online agents have together, and how many of them are taken."""

    places: int
    taken: int
    # Seconds that recent conversations of the group took from claim to end, and from hand-over to claim.
    service_seconds: Sequence[float]
    pick_up_seconds: Sequence[float]


def estimate(position: int, floor: Floor) -> WaitEstimate | None:
    """A range that most people in this position stay within, or None when it would be a guess."""
    if (
        floor.places == 0
        or len(floor.service_seconds) < FEWEST_MEASURED
        or len(floor.pick_up_seconds) < FEWEST_MEASURED
    ):
        return None
    low, high = (quantile(floor.pick_up_seconds, q) for q in (LOW_QUANTILE, HIGH_QUANTILE))
    rounds = waves(position, floor)
    if rounds:
        # A place becomes free every service time / places on average; the high end waits for whole conversations.
        low += quantile(floor.service_seconds, LOW_QUANTILE) * (position - _free(floor)) / floor.places
        high += quantile(floor.service_seconds, HIGH_QUANTILE) * rounds
    return WaitEstimate(low=_step_down(low), high=max(_step_up(high), STEP_SECONDS))


def waves(position: int, floor: Floor) -> int:
    """How many times all places must become free before this position's turn."""
    return ceil(max(0, position - _free(floor)) / floor.places)


def quantile(values: Sequence[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def _free(floor: Floor) -> int:
    return max(0, floor.places - floor.taken)


def _step_down(seconds: float) -> int:
    return int(seconds // STEP_SECONDS) * STEP_SECONDS


def _step_up(seconds: float) -> int:
    return ceil(seconds / STEP_SECONDS) * STEP_SECONDS
