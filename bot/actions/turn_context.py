"""What an action knows about the turn, read once from Rasa's tracker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from rasa_sdk import Tracker

from bot.text import fold


@dataclass(frozen=True)
class TurnContext:
    """The customer's line, what was understood, who he is and what is kept about the errand."""

    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[tuple[str, str], ...] = ()
    slots: dict[str, Any] = field(default_factory=dict)
    turn_id: str = ""
    customer_id: str = ""
    guest: bool = True
    level: str = "normal"
    note: Optional[str] = None
    waiting: bool = False
    first_of_session: bool = False

    @property
    def folded(self) -> str:
        return fold(self.text)

    def entity(self, name: str) -> Optional[str]:
        """The first value of that entity, or None."""
        return next((value for entity, value in self.entities if entity == name), None)

    def slot(self, name: str) -> Any:
        return self.slots.get(name)

    @classmethod
    def of(cls, tracker: Tracker) -> TurnContext:
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        customer = metadata.get("customer") or {}
        intent = message.get("intent") or {}
        return cls(
            text=message.get("text") or "",
            intent=intent.get("name") or "nlu_fallback",
            confidence=float(intent.get("confidence") or 0.0),
            ranking=tuple(
                (item["name"], float(item["confidence"]))
                for item in message.get("intent_ranking") or []
                if item["name"] != "nlu_fallback"
            ),
            entities=tuple((item["entity"], str(item["value"])) for item in message.get("entities") or []),
            slots=dict(tracker.slots),
            turn_id=str(metadata.get("turn_id") or message.get("message_id") or ""),
            customer_id=str(customer.get("id") or ""),
            guest=bool(customer.get("guest", not customer.get("id"))),
            level=str(customer.get("level") or "normal"),
            note=metadata.get("note"),
            waiting=bool(metadata.get("waiting")),
            first_of_session=not any(event.get("event") == "bot" for event in tracker.events),
        )
