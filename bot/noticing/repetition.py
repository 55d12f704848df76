"""Someone says the same thing again: on labelled shop dialogues the best sign that a person is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, Optional

from bot.noticing.trigger import Trigger
from bot.text import bare

SHORTEST = 4
"""好的, 在吗 and the like are said twice by happy customers too."""

NEAR = 0.82
EARLIER_MESSAGES = 4
"""How far back the bot must not repeat itself: older answers may be asked for again on purpose."""

REPEATABLE = frozenset({"choices", "order_picker"})
"""Asking again for a choice that was not made is no repetition of an answer."""


def customer_repeats(text: str, recent: Sequence[str]) -> Optional[Trigger]:
    """Near-duplicate of an earlier line, punctuation and spelling aside."""
    now = bare(text)
    if len(now) < SHORTEST:
        return None
    best, line = 0.0, ""
    for earlier in recent:
        before = bare(earlier)
        if len(before) < SHORTEST:
            continue
        likeness = SequenceMatcher(None, now, before, autojunk=False).ratio()
        if likeness > best:
            best, line = likeness, earlier
    return Trigger("repeated", best, line) if best >= NEAR else None


def _gist(message: dict[str, Any]) -> Optional[tuple[Any, ...]]:
    kind = message.get("type")
    if kind in REPEATABLE or kind is None:
        return None
    if kind == "answer":
        return kind, message.get("entry_id")
    if kind == "did_you_mean":
        return kind, tuple(option.get("entry_id") for option in message.get("options", ()))
    text = bare(str(message.get("text") or ""))
    return (kind, text) if len(text) > 2 * SHORTEST else None


def same_as_before(messages: Iterable[dict[str, Any]], earlier: Sequence[dict[str, Any]]) -> Optional[Trigger]:
    """The bot is about to give an answer that it gave a moment ago."""
    known = {gist for message in earlier[-EARLIER_MESSAGES:] if (gist := _gist(message))}
    for message in messages:
        gist = _gist(message)
        if gist and gist in known:
            return Trigger("repeated", 1.0, str(message.get("question") or message.get("text") or ""))
    return None
