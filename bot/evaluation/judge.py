"""Whether a played dialogue ended as its script expects: pure rules over what was answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from bot.actions import errands
from bot.evaluation.play import Played

ERRANDS = frozenset({"refund_progress", "coupon_trouble", *errands.ERRANDS})
SIGN_IN = "请先登录"


def errand_of(played: Played) -> Optional[str]:
    """The last errand that was talked about."""
    for answer in reversed(played.answers):
        for name in (answer["slots"].get("topic"), answer["slots"].get("errand")):
            if name in ERRANDS:
                return str(name)
    return None


def said(messages: list[dict[str, Any]]) -> str:
    """All strings of the message bodies, at any depth."""
    return "\n".join(_strings(messages))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def is_done(played: Played) -> bool:
    errand = errand_of(played)
    kinds = {message["type"] for message in played.messages}
    if errand == "ask_logistics":
        return bool(kinds & {"logistics", "order"})
    if errand == "order_status":
        return bool(kinds & {"order", "logistics"})
    if errand in ("refund_progress", "coupon_trouble"):
        return bool(played.messages) and SIGN_IN not in said(played.messages)
    if errand in ("goods_damaged", "goods_missing", "goods_wrong"):
        return any(request["reason"] == "business_rule" for request in played.requests)
    return bool(played.changes)


def _lacking(parts: list[str], text: str) -> list[str]:
    return [part for part in parts if not any(one in text for one in part.split("|"))]


def faults(expect: dict[str, Any], played: Played) -> list[str]:
    """What is not as expected, in words; empty when the dialogue succeeded."""
    found: list[str] = []

    def check(name: str, holds: bool, actual: Any) -> None:
        if not holds:
            found.append(f"{name}: expected {expect.get(name)}, got {actual}")

    errand = errand_of(played)
    if "errand" in expect:
        check("errand", (errand or "none") == expect["errand"], errand)
    if "done" in expect:
        done = is_done(played) if expect["done"] else bool(played.changes)
        check("done", done == expect["done"], done)
    check("changes", played.changes == expect.get("changes", []), played.changes)
    slots = played.answers[-1]["slots"] if played.answers else {}
    for name, value in (expect.get("slots") or {}).items():
        check("slots", slots.get(name) == value, {name: slots.get(name)})
    if "handoff" in expect:
        wanted = expect["handoff"] if isinstance(expect["handoff"], list) else [expect["handoff"]]
        reason = played.requests[0]["reason"] if played.requests else None
        check("handoff", reason in wanted, reason)
    noticed = {trigger["reason"] for answer in played.answers for trigger in answer["triggers"]}
    check("triggers", set(expect.get("triggers", [])) <= noticed, sorted(noticed))
    everything = said(played.messages)
    last = said(played.answers[-1]["messages"]) if played.answers else ""
    for prefix, text in (("answer", everything), ("last", last)):
        check(f"{prefix}_contains", not _lacking(expect.get(f"{prefix}_contains", []), text), text[:160])
        lacks = expect.get(f"{prefix}_lacks", [])
        check(f"{prefix}_lacks", len(_lacking(lacks, text)) == len(lacks), text[:160])
    return found
