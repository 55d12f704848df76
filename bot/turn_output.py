"""Collects what one turn says, notices and asks for, and holds the tracker it worked on."""

from __future__ import annotations

from typing import Any, Optional

from rasa.core.channels.channel import OutputChannel
from rasa.shared.core.events import BotUttered, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

INTERNAL_SLOTS = frozenset({"requested_slot", "session_started_metadata"})


def slots_worth_keeping(tracker: DialogueStateTracker) -> dict[str, Any]:
    """What the desk must give back with the next turn so that a wiped tracker costs nothing."""
    return {
        name: slot.value
        for name, slot in tracker.slots.items()
        if slot.value is not None and slot.value != slot.initial_value and name not in INTERNAL_SLOTS
    }


def said_by(event: BotUttered) -> Optional[dict[str, Any]]:
    """The message body of docs/api.md section 1 that an utterance stands for, or None for a report to the desk."""
    custom = event.data.get("custom") or {}
    if "message" in custom:
        return custom["message"]
    if event.text and not custom:
        return {"type": "text", "text": event.text}
    return None


class TurnOutput(OutputChannel):
    """The output channel of a single turn."""

    def __init__(self, slots: dict[str, Any]) -> None:
        self._slots = slots
        self.messages: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        """Those of the messages that should not be said a second time."""
        self.triggers: list[dict[str, Any]] = []
        self.request: Optional[dict[str, Any]] = None
        self.earlier: list[dict[str, Any]] = []
        self.tracker: Optional[DialogueStateTracker] = None

    @classmethod
    def name(cls) -> str:
        return "jieli"

    def begin(self, tracker: DialogueStateTracker) -> None:
        """Bring the tracker's slots to what the desk says they are; the desk is right when the two differ."""
        self.tracker = tracker
        self.earlier = [said for e in tracker.events if isinstance(e, BotUttered) and (said := said_by(e))]
        for name, slot in tracker.slots.items():
            wanted = self._slots.get(name, slot.initial_value)
            if name not in INTERNAL_SLOTS and slot.value != wanted:
                tracker.update(SlotSet(name, wanted))

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        custom = message.get("custom") or {}
        if "request" in custom:
            self.request = self.request or custom["request"]
        elif "trigger" in custom:
            self.triggers.append(custom["trigger"])
        elif "message" in custom:
            self.messages.append(custom["message"])
            if not custom.get("may_repeat"):
                self.answers.append(custom["message"])
        elif message.get("text"):
            self.messages.append({"type": "text", "text": message["text"]})
            self.answers.append(self.messages[-1])
