"""Keeps the trackers of recent conversations in memory, short and few, because the desk keeps what matters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.noticing.repetition import EARLIER_MESSAGES
from bot.turn_output import said_by

KEPT_TRACKERS = 5_000
KEPT_TURNS = 2
"""A turn's cost grows with the tracker (40 to 235 ms at 300 turns); the next step follows from the line and slots."""

KEPT_WORDS = EARLIER_MESSAGES
"""Of what the bot said before: it must not repeat itself."""


def shortened(tracker: DialogueStateTracker, domain: Domain, turns: int = KEPT_TURNS) -> DialogueStateTracker:
    """The last turns, after the slots as they stood before them and the bot's last words; the tracker itself if it is
    short enough."""
    events = list(tracker.events)
    starts = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) <= 2 * turns:
        return tracker
    cut = starts[-turns]
    before = DialogueStateTracker(tracker.sender_id, domain.slots)
    for event in events[:cut]:
        before.update(event, domain)
    head: list[Event] = [
        SlotSet(slot.name, slot.value) for slot in before.slots.values() if slot.value != slot.initial_value
    ]
    kept = DialogueStateTracker(tracker.sender_id, domain.slots)
    # Everything up to the first turn that is kept ended in listening; without this event rules would not match.
    listening = [event for event in events[:cut] if event.type_name == "action"][-1:]
    said = [event for event in events[:cut] if isinstance(event, BotUttered) and said_by(event)][-KEPT_WORDS:]
    for event in [*head, *said, *listening, *events[cut:]]:
        kept.update(event, domain)
    return kept


class RecentTrackers(TrackerStore):
    """The least recently used tracker goes first. A turn that fails before `save` leaves no trace."""

    def __init__(
        self,
        domain: Optional[Domain],
        event_broker: Optional[EventBroker] = None,
        limit: int = KEPT_TRACKERS,
        **kwargs: Any,
    ) -> None:
        self._trackers: OrderedDict[str, DialogueStateTracker] = OrderedDict()
        self._limit = int(limit)
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """The tracker must not change afterwards. Rasa saves a new one before its first turn, still empty, and then
        works on it: keeping that one would keep a turn that failed half-way."""
        if not tracker.events:
            return
        self._trackers[tracker.sender_id] = shortened(tracker, self.domain)
        self._trackers.move_to_end(tracker.sender_id)
        while len(self._trackers) > self._limit:
            self._trackers.popitem(last=False)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """A copy: the turn may fail half-way, and the stored tracker must not know."""
        tracker = self._trackers.get(sender_id)
        return tracker.copy() if tracker else None

    async def retrieve_full_tracker(self, sender_id: str) -> Optional[DialogueStateTracker]:
        return await self.retrieve(sender_id)

    async def delete(self, sender_id: str) -> None:
        self._trackers.pop(sender_id, None)

    async def keys(self) -> Iterable[str]:
        return list(self._trackers)
