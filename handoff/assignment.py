"""Whether an agent can take one more customer, and whether he is still there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.errors import AtCapacity
from handoff.rules import Rules


@dataclass(frozen=True, slots=True)
class Load:
    active: int
    capacity: int


def require_room(load: Load) -> None:
    if load.active >= load.capacity:
        raise AtCapacity(load.active, load.capacity)


def has_vanished(seen_at: datetime | None, gone_since: datetime | None, now: datetime, rules: Rules) -> bool:
    """Closed every window or fell silent longer than the grace; an agent who never opened one cannot vanish."""
    return _is_gone_for(rules.grace_seconds, seen_at, gone_since, now)


def is_out_of_reach(seen_at: datetime | None, gone_since: datetime | None, now: datetime, rules: Rules) -> bool:
    """Nothing was heard of him for a while: he is shown as away, which decides nothing about his customers."""
    return _is_gone_for(min(rules.shown_away_seconds, rules.grace_seconds), seen_at, gone_since, now)


def _is_gone_for(seconds: float, seen_at: datetime | None, gone_since: datetime | None, now: datetime) -> bool:
    since = gone_since if gone_since is not None else seen_at
    return since is not None and now - since >= timedelta(seconds=seconds)


def is_overdue(claimed_at: datetime, answered: bool, now: datetime, rules: Rules) -> bool:
    """Claimed, but the customer has not heard a word since."""
    return not answered and now - claimed_at >= timedelta(seconds=rules.claim_timeout_seconds)
