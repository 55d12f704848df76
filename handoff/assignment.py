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
    grace = timedelta(seconds=rules.grace_seconds)
    if gone_since is not None:
        return now - gone_since >= grace
    return seen_at is not None and now - seen_at >= grace


def is_overdue(claimed_at: datetime, answered: bool, now: datetime, rules: Rules) -> bool:
    """Claimed, but the customer has not heard a word since."""
    return not answered and now - claimed_at >= timedelta(seconds=rules.claim_timeout_seconds)
