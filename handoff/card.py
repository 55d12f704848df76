"""The handoff card and what stands on it, exactly as docs/api.md describes them."""

from __future__ import annotations

from typing import Any, Literal

from handoff.views import Json, Promise, Time, View


class Reason(View):
    reason: str
    score: float
    evidence: str
    seq: int | None = None


class Decided(View):
    """One weighing of whether a person was needed, with what it rested on and what the agent said of it later."""

    seq: int
    at: Time
    hand_over: bool
    reason: str | None
    reasons: list[Reason]
    severity: int
    attention: float | None
    inputs: Json
    handoff_id: str | None
    person_was_needed: bool | None
    verdict_by: str | None


class CardIntent(View):
    name: str
    label: str
    confidence: float
    seq: int


class CardFact(View):
    name: str
    label: str
    value: Any
    seq: int


class CardAnswer(View):
    seq: int
    entry_id: str | None
    question: str
    text: str
    probability: float | None
    reaction: Literal["helpful", "unhelpful"] | None


class CardOrder(View):
    order: Json
    logistics: Json | None
    taken_at: Time


class CardEmotion(View):
    seq: int
    value: float


class CardKnown(View):
    label: str
    value: str
    seq: int


class AskedAgain(View):
    """Something that the customer has said already, and where."""

    label: str
    value: str
    seq: int


class Summary(View):
    """The hand-over in a few sentences: from the log, or in a model's words (`model`), as of the event `seq`."""

    text: str
    source: Literal["log", "model"]
    model: str | None
    seq: int


class Card(View):
    handoff_id: str | None
    reason: str | None
    reasons: list[Reason]
    sentence: str
    summary: Summary
    problem: str
    severity: int
    intent: CardIntent | None
    facts: list[CardFact]
    tried: list[CardAnswer]
    orders: list[CardOrder]
    emotion: list[CardEmotion]
    promises: list[Promise]
    do_not_ask: list[CardKnown]
    # The agent's one click about this hand-over, once there is one.
    person_was_needed: bool | None
    updated_seq: int
