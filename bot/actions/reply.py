"""What an action answers: messages, things noticed, a request for a person, and slots to keep."""

from __future__ import annotations

from typing import Any, Optional

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher


class Reply:
    """Collects first and is written at the end, so that an action that fails half-way says nothing."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._may_repeat: list[str] = []
        self.triggers: list[dict[str, Any]] = []
        self.requested: Optional[dict[str, Any]] = None
        self.slots: dict[str, Any] = {}

    def say(self, text: str, may_repeat: bool = False) -> None:
        """`may_repeat`: a question or receipt, which said twice does not mean that the bot has run out of answers."""
        self.messages.append({"type": "text", "text": text})
        if may_repeat:
            self._may_repeat.append(text)

    def send(self, kind: str, **body: Any) -> None:
        """One of the message bodies of docs/api.md section 1."""
        self.messages.append({"type": kind, **body})

    def choices(self, text: str, *choices: str) -> None:
        self.send("choices", text=text, choices=[{"label": choice, "say": choice} for choice in choices])

    def notice(self, reason: str, score: float, evidence: str) -> None:
        self.triggers.append({"reason": reason, "score": round(score, 3), "evidence": evidence[:80]})

    def request(self, reason: str, score: float, evidence: str) -> None:
        """Ask the desk for a person. Never say so: the sentence comes with the hand-over itself."""
        self.requested = {"reason": reason, "score": round(score, 3), "evidence": evidence[:80]}

    def keep(self, **slots: Any) -> None:
        self.slots.update(slots)

    def write(self, dispatcher: CollectingDispatcher) -> list[EventType]:
        for message in self.messages:
            if message["type"] == "text" and message["text"] not in self._may_repeat:
                dispatcher.utter_message(text=message["text"])
            else:
                may_repeat = message.get("text") in self._may_repeat
                dispatcher.utter_message(json_message={"message": message, "may_repeat": may_repeat})
        for trigger in self.triggers:
            dispatcher.utter_message(json_message={"trigger": trigger})
        if self.requested:
            dispatcher.utter_message(json_message={"request": self.requested})
        return [SlotSet(name, value) for name, value in self.slots.items()]
