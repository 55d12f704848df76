"""Promises to a customer: each has an owner and a deadline, and is shown until it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.identifiers import new_id
from handoff.rules import Rules
from handoff.sentences import say, say_when
from handoff.views import Json, wire_time


@dataclass(frozen=True, slots=True)
class NewPromise:
    id: str
    text: str
    owner: str
    due_at: datetime

    def as_body(self) -> Json:
        return {"promise_id": self.id, "text": self.text, "due_at": wire_time(self.due_at), "owner": self.owner}


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
    return NewPromise(new_id(), text, f"group:{group}", due_at)
