"""The kinds of events in a conversation's log, and what each reader may see of them."""

from __future__ import annotations

from typing import Literal

from handoff.masking import replaced
from handoff.views import Audience as StoredFor
from handoff.views import Event, HiddenEvent, Json

# kind → who reads it; a kind that is not listed cannot be stored.
KINDS: dict[str, StoredFor] = {
    "message": "all",
    "note": "staff",
    "understood": "staff",
    "suppressed": "staff",
    "feedback": "all",
    "handed_over": "all",
    "waiting_cancelled": "all",
    "claimed": "all",
    "requeued": "all",
    "transferred": "all",
    "returned_to_bot": "all",
    "closed": "all",
    "reopened": "all",
    "rated": "all",
    "recalled": "all",
    "notice": "all",
    "promise_made": "all",
    "promise_kept": "all",
    "promise_withdrawn": "all",
    "promise_passed_on": "staff",
    "alert": "staff",
    "snoozed": "staff",
    "woken": "staff",
    "invited": "staff",
    "acted": "staff",
}

# Takes the place of a body that its author withdrew.
RECALLED_BODY: Json = {"type": "recalled"}

Reader = Literal["staff", "customer"]
# Who reads for several kinds of readers at once gets what is stored, and must call `as_seen_by` for each.
Audience = Literal["staff", "customer", "as_stored"]


def as_seen_by(event: Event, reader: Reader) -> Event | HiddenEvent:
    """A customer gets a stub for staff events, and no body's `staff` member; staff no card numbers."""
    if reader == "staff":
        return _without_card_numbers(event)
    if event.audience == "staff":
        return HiddenEvent(conversation_id=event.conversation_id, seq=event.seq)
    if "staff" in event.body:
        return event.model_copy(update={"body": {k: v for k, v in event.body.items() if k != "staff"}})
    return event


def _without_card_numbers(event: Event) -> Event:
    """Numbers that were found when the message was stored are taken out; seen twice is the same as once."""
    spans = (event.body.get("staff") or {}).get("masked")
    if not isinstance(spans, list):
        return event
    text = replaced(event.body["text"], [(start, end, sign) for start, end, sign in spans])
    return event.model_copy(update={"body": {**event.body, "text": text, "staff": {"masked": True}}})


def one_line(body: Json, limit: int = 100) -> str:
    """What a list shows of a message."""
    kind = body.get("type")
    text = str(body.get("text") or body.get("question") or "")
    if kind == "image":
        text = "[图片]"
    elif kind == "product":
        text = f"[商品] {body.get('title', '')}"
    elif kind == "order":
        text = f"[订单] {(body.get('order') or {}).get('order_no', '')} {text}"
    elif kind == "logistics" and not text:
        text = f"[物流] {body.get('order_no', '')}"
    elif kind == "recalled":
        text = "[消息已撤回]"
    return " ".join(text.split())[:limit]
