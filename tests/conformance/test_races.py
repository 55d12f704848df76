"""A few of the races that `python -m tests.load.races` runs by the thousand."""

from __future__ import annotations

import pytest

from handoff.bus import InProcessBus, RedisBus
from tests.load.races import Raced, race

CLAIMS = 160
HAND_OVERS = 40


def check(raced: Raced) -> None:
    assert raced.broken == []
    assert raced.counts["claims tried"] >= CLAIMS
    assert raced.counts["told who has it"] > raced.counts["claims won"] > 0
    assert raced.counts["hand-overs"] == HAND_OVERS
    assert raced.counts["replies kept back"] > 0


async def test_contested_claims_and_raced_hand_overs_keep_one_voice_and_one_owner(sqlite_url: str) -> None:
    check(await race(sqlite_url, 1, InProcessBus, CLAIMS, HAND_OVERS))


@pytest.mark.servers
async def test_contested_claims_and_raced_hand_overs_through_three_desks(postgres_url: str, redis_url: str) -> None:
    check(await race(postgres_url, 3, lambda: RedisBus(redis_url), CLAIMS, HAND_OVERS))
