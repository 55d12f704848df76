"""One turn as the desk asks for it: checked, cleaned, and unable to pose as an intent."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Optional

TEXT_LIMIT = 500
"""Longer lines are not questions; they only cost inference time."""

BODY_LIMIT = 64 * 1024
ID_LIMIT = 128
RECENT_LIMIT = 6
SLOT_LIMIT = 64
PAYLOADS = {"order": "order_no", "entry": "entry_id"}


class BadTurn(Exception):
    """The request breaks the interface; the text says where."""


@dataclass(frozen=True)
class Turn:
    """A checked request of `POST /webhooks/jieli/turn`."""

    turn_id: str
    conversation_id: str
    text: str
    payload: Optional[dict[str, str]] = None
    customer: dict[str, Any] = field(default_factory=dict)
    locale: str = "zh-CN"
    slots: dict[str, Any] = field(default_factory=dict)
    recent: tuple[str, ...] = ()
    session: int = 1
    note: Optional[str] = None
    waiting: bool = False
    """A person is coming already: asking for one helps nobody, an answer does."""

    @property
    def sender_id(self) -> str:
        """A new session starts an empty tracker: old turns must neither slow nor sway it."""
        return f"{self.conversation_id}#{self.session}"


_SLASHES = re.compile(r"^[\s/／]+")
_EXTERNAL = re.compile(r"^(\s*EXTERNAL)\s*[:：]\s*", re.IGNORECASE)


def harmless(text: str) -> str:
    """Text that Rasa reads as words: a leading `/` would run an intent and `EXTERNAL: ` pose as a system event."""
    stripped = text.strip()
    if stripped.startswith(("/", "／")):
        stripped = "／" + _SLASHES.sub("", stripped)
    return _EXTERNAL.sub(r"\1 ", stripped)


def _string(value: Any, name: str, limit: int, empty_is_fine: bool = False) -> str:
    if not isinstance(value, str):
        raise BadTurn(f"{name} must be a string")
    cleaned = value.replace("\x00", "").strip()
    try:
        cleaned.encode("utf-8")
    except UnicodeEncodeError:
        raise BadTurn(f"{name} holds a lone surrogate") from None
    if not cleaned and not empty_is_fine:
        raise BadTurn(f"{name} must not be empty")
    if len(cleaned) > limit:
        raise BadTurn(f"{name} is longer than {limit} characters")
    return cleaned


def _object(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadTurn(f"{name} must be an object")
    return value


def _payload(value: Any) -> Optional[dict[str, str]]:
    if value is None:
        return None
    kind = _object(value, "payload").get("type")
    if kind not in PAYLOADS:
        raise BadTurn(f"payload.type must be one of {', '.join(PAYLOADS)}")
    name = PAYLOADS[kind]
    return {"type": kind, name: _string(value.get(name), f"payload.{name}", ID_LIMIT)}


def read_turn(body: bytes) -> Turn:
    """Raises BadTurn for anything that is not a turn of docs/api.md section 6."""
    if len(body) > BODY_LIMIT:
        raise BadTurn(f"the body is larger than {BODY_LIMIT} bytes")
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise BadTurn("the body is not JSON") from None
    if not isinstance(raw, dict):
        raise BadTurn("the body must be an object")
    payload = _payload(raw.get("payload"))
    slots = _object(raw.get("slots"), "slots")
    if len(slots) > SLOT_LIMIT:
        raise BadTurn(f"more than {SLOT_LIMIT} slots")
    recent = raw.get("recent") or []
    if not isinstance(recent, list):
        raise BadTurn("recent must be a list")
    session = raw.get("session", 1)
    if isinstance(session, bool) or not isinstance(session, int):
        raise BadTurn("session must be a whole number")
    note = raw.get("note")
    text = raw.get("text")
    return Turn(
        turn_id=_string(raw.get("turn_id"), "turn_id", ID_LIMIT),
        conversation_id=_string(raw.get("conversation_id"), "conversation_id", ID_LIMIT),
        text=_string("" if text is None else text, "text", TEXT_LIMIT, empty_is_fine=payload is not None),
        payload=payload,
        customer=_object(raw.get("customer"), "customer"),
        locale=_string(raw.get("locale") or "zh-CN", "locale", ID_LIMIT),
        slots=slots,
        recent=tuple(_string(line, "recent", 4000, empty_is_fine=True)[:TEXT_LIMIT] for line in recent[-RECENT_LIMIT:]),
        session=session,
        note=None if note is None else _string(note, "note", 4000, empty_is_fine=True),
        waiting=raw.get("waiting") is True,
    )
