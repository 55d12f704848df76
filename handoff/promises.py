"""Promises to a customer: each has an owner and a deadline, and is watched until it is kept or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.dispatch import Hand
from handoff.identifiers import new_id
from handoff.rules import Rules
from handoff.said_promises import PromiseKind
from handoff.sentences import say, say_when
from handoff.views import Json, wire_time

# Every promise that names no person belongs to the people of a group.
GROUP = "group:"
AGENT = "agent:"
LONGEST_DAYS = 30


@dataclass(frozen=True, slots=True)
class NewPromise:
    id: str
    text: str
    owner: str
    due_at: datetime
    kind: PromiseKind = "answer"

    def as_body(self) -> Json:
        return {
            "promise_id": self.id,
            "text": self.text,
            "due_at": wire_time(self.due_at),
            "owner": self.owner,
            "kind": self.kind,
        }


def promise_answer(
    group: str, locale: str, now: datetime, rules: Rules, opens_at: datetime | None = None
) -> NewPromise:
    """What a customer is promised who leaves a message because nobody is on duty; the group owes it.

    With `opens_at`, the answer comes soon after the group's next opening.
    """
    due_at = now + timedelta(seconds=rules.message_answer_seconds)
    if opens_at is not None:
        due_at = opens_at + timedelta(seconds=rules.after_opening_seconds)
    text = say(locale, "promise", due=say_when(locale, due_at))
    return NewPromise(new_id(), text, f"{GROUP}{group}", due_at)


def must_be_passed_on(due_at: datetime, is_line_cut: bool, now: datetime, rules: Rules) -> bool:
    """Whether a promise of somebody who is off duty comes due before he can be expected back."""
    seconds = rules.line_cut_hand_on_seconds if is_line_cut else rules.shift_hand_on_seconds
    return due_at - now <= timedelta(seconds=seconds)


def next_owner(group: str, hands: Sequence[Hand]) -> str:
    """Whoever is on duty in the group and has the least in hand; nobody there: the group itself."""
    on_duty = [hand for hand in hands if hand.is_online and group in hand.levels]
    least = min(on_duty, key=lambda hand: (hand.active / max(1, hand.capacity), hand.agent_id), default=None)
    return f"{AGENT}{least.agent_id}" if least is not None else f"{GROUP}{group}"
