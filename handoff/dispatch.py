"""Who takes whom: the last agent first, the skilled for the grave, the least busy, and nobody starves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.rules import Rules
from handoff.store.line import Place

LEVELS = (1, 2, 3)
# A calm customer is anybody's; an urgent one (a sensitive word, a furious important customer) is for the experienced.
LEVEL_FOR_SEVERITY = {3: 2, 4: 3}


@dataclass(frozen=True, slots=True)
class Hand:
    """An agent as dispatch sees him: his level in each of his groups, and what he has in hand."""

    agent_id: str
    levels: Mapping[str, int]
    active: int
    capacity: int
    is_online: bool

    @property
    def is_free(self) -> bool:
        return self.is_online and self.active < self.capacity


def next_for(hand: Hand, places: Sequence[Place], others: Sequence[Hand], now: datetime, rules: Rules) -> list[Place]:
    """The waiting customers that this agent should take, the first first; his own former ones before all others."""
    hands = [*others, hand]
    mine = [
        place
        for place in places
        if (place.group_id in hand.levels or place.preferred_agent_id == hand.agent_id)
        and _is_for(hand, place, hands, now, rules)
    ]
    return sorted(mine, key=lambda place: (place.preferred_agent_id != hand.agent_id, place.place))


def best_for(
    place: Place, hands: Sequence[Hand], now: datetime, rules: Rules, passed_over: Collection[str] = ()
) -> Hand | None:
    """The free agent to whom a customer is given; None if there is nobody. `passed_over` had him and let him go."""
    free = [
        hand
        for hand in hands
        if hand.is_free and hand.agent_id not in passed_over and _is_for(hand, place, hands, now, rules)
    ]
    in_group = [hand for hand in free if place.group_id in hand.levels or hand.agent_id == place.preferred_agent_id]
    return min(in_group, key=lambda hand: _order(hand, place), default=None)


def _order(hand: Hand, place: Place) -> tuple[bool, bool, float, int, str]:
    """The last agent, then whoever has the level, then the share of his room that is taken, then the lowest level
    that is enough: the experienced stay free for those who need them."""
    level = hand.levels.get(place.group_id, 1)
    is_skilled = level >= LEVEL_FOR_SEVERITY.get(place.severity, 1)
    load = hand.active / max(1, hand.capacity)
    return hand.agent_id != place.preferred_agent_id, not is_skilled, load, level, hand.agent_id


def _is_for(hand: Hand, place: Place, hands: Sequence[Hand], now: datetime, rules: Rules) -> bool:
    """Whether nobody better suited has first call on this customer, for a while."""
    if hand.agent_id == place.preferred_agent_id:
        return True
    waited = now - place.waiting_since
    if waited < timedelta(seconds=rules.last_agent_first_seconds) and any(
        other.is_free and other.agent_id == place.preferred_agent_id for other in hands
    ):
        return False
    needed = LEVEL_FOR_SEVERITY.get(place.severity, 1)
    if hand.levels.get(place.group_id, 1) >= needed or waited >= timedelta(seconds=rules.skilled_first_seconds):
        return True
    return not any(other.is_free and other.levels.get(place.group_id, 0) >= needed for other in hands)
