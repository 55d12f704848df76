"""The handoff card: all that is known, built from the log alone, every fact with the message it came from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from handoff.card import Card, CardAnswer, CardEmotion, CardFact, CardIntent, CardKnown, CardOrder, Reason, Summary
from handoff.events import one_line
from handoff.labels import SAYS_NOTHING, SMALL_TALK, intent_label, is_shown, slot_label
from handoff.sentences import REASONS
from handoff.summary import summarise
from handoff.views import Event, Json, Promise

# The kinds of events that a card is made of.
KINDS = ("message", "understood", "suppressed", "feedback", "reopened")
PROBLEM_LIMIT = 80
LINES_ON_CURVE = 50


@dataclass(frozen=True, slots=True)
class Escalation:
    """The present hand-over, as it was decided."""

    handoff_id: str
    reason: str
    reasons: Sequence[Json]
    severity: int
    orders: Sequence[Json]
    person_was_needed: bool | None = None
    summary: Json | None = None


def build_card(
    events: Sequence[Event], escalation: Escalation | None, promises: Sequence[Promise], head_seq: int
) -> Card:
    """The same log gives the same card; it goes on growing while the conversation does."""
    current = since_reopening(events)
    understood = [event for event in current if event.kind == "understood"]
    intent = _intent(understood)
    facts = _facts(current, understood)
    reason = escalation.reason if escalation else None
    card = Card(
        handoff_id=escalation.handoff_id if escalation else None,
        reason=reason,
        reasons=[_reason(each) for each in escalation.reasons] if escalation else [],
        sentence=_sentence(reason, escalation.reasons if escalation else ()),
        summary=Summary(text="", source="log", model=None, seq=head_seq),
        problem=_problem(current, intent),
        severity=escalation.severity if escalation else 1,
        intent=intent,
        facts=facts,
        tried=_tried(current),
        orders=_orders(current, escalation),
        emotion=_emotion(understood),
        promises=list(promises),
        do_not_ask=_do_not_ask(facts, intent),
        person_was_needed=escalation.person_was_needed if escalation else None,
        updated_seq=head_seq,
    )
    return card.model_copy(update={"summary": _summary(card, escalation)})


def _summary(card: Card, escalation: Escalation | None) -> Summary:
    worded = escalation.summary if escalation else None
    if worded is not None:
        return Summary(text=worded["text"], source="model", model=worded["model"], seq=worded["seq"])
    return Summary(text=summarise(card), source="log", model=None, seq=card.updated_seq)


def since_reopening(events: Sequence[Event]) -> Sequence[Event]:
    """What was settled before the last closing is history, not context."""
    for index in range(len(events) - 1, -1, -1):
        if events[index].kind == "reopened":
            return events[index + 1 :]
    return events


def _intent(understood: Sequence[Event]) -> CardIntent | None:
    """The last one that says what the customer wants; a question asked on the way does not push it aside."""
    named = [event for event in understood if event.body.get("intent") and event.body["intent"] not in SMALL_TALK]
    telling = [event for event in named if event.body["intent"] not in SAYS_NOTHING] or named
    if not telling:
        return None
    event = telling[-1]
    name, confidence = event.body["intent"], float(event.body.get("confidence") or 0)
    return CardIntent(name=name, label=intent_label(name), confidence=confidence, seq=_of_seq(event))


def _facts(events: Sequence[Event], understood: Sequence[Event]) -> list[CardFact]:
    """Slots with the message after which they had their present value, and orders that the customer sent himself."""
    facts: dict[str, CardFact] = {}
    for event in events:
        order = event.body.get("order") if event.kind == "message" and event.author.role == "customer" else None
        if isinstance(order, dict) and order.get("order_no"):
            facts["order_no"] = _fact("order_no", order["order_no"], event.seq)
        if event.kind != "understood":
            continue
        for name, value in (event.body.get("slots") or {}).items():
            known = facts.get(name)
            said = _plain(value)
            if is_shown(name) and said and (known is None or known.value != said):
                facts[name] = _fact(name, said, _of_seq(event))
    # A slot that the bot has let go of is not a fact any more.
    kept = set((understood[-1].body.get("slots") or {}) if understood else ()) | {"order_no"}
    return [fact for name, fact in facts.items() if name in kept]


def _tried(events: Sequence[Event]) -> list[CardAnswer]:
    reactions: dict[int, Literal["helpful", "unhelpful"]] = {
        int(event.body["seq"]): "helpful" if event.body["helpful"] else "unhelpful"
        for event in events
        if event.kind == "feedback"
    }
    return [
        CardAnswer(
            seq=event.seq,
            entry_id=event.body.get("entry_id"),
            question=str(event.body.get("question") or ""),
            text=str(event.body.get("text") or ""),
            probability=event.body.get("probability"),
            reaction=reactions.get(event.seq),
        )
        for event in events
        if event.kind == "message" and event.author.role == "bot" and event.body.get("type") == "answer"
    ]


def _orders(events: Sequence[Event], escalation: Escalation | None) -> list[CardOrder]:
    """The snapshot taken from the shop at the hand-over; before that, what was shown in the conversation."""
    found: dict[str, CardOrder] = {}
    for event in events:
        if event.kind != "message":
            continue
        order = event.body.get("order")
        if event.body.get("type") == "order" and isinstance(order, dict) and order.get("order_no"):
            known = found.get(order["order_no"])
            logistics = known.logistics if known else None
            found[order["order_no"]] = CardOrder(order=order, logistics=logistics, taken_at=event.at)
        if event.body.get("type") == "logistics" and event.body.get("order_no"):
            order_no = event.body["order_no"]
            known = found.get(order_no)
            shown = known.order if known else {"order_no": order_no}
            logistics = {key: value for key, value in event.body.items() if key not in ("type", "text")}
            found[order_no] = CardOrder(order=shown, logistics=logistics, taken_at=event.at)
    for taken in escalation.orders if escalation else ():
        moment = datetime.fromisoformat(taken["taken_at"])
        fresh = CardOrder(order=taken["order"], logistics=taken.get("logistics"), taken_at=moment)
        known = found.get(taken["order"]["order_no"])
        if known is None or known.taken_at <= moment:
            found[taken["order"]["order_no"]] = fresh
    return list(found.values())


def _emotion(understood: Sequence[Event]) -> list[CardEmotion]:
    """0 calm … 1 furious, one point for each customer message that the bot has read."""
    points = [CardEmotion(seq=_of_seq(event), value=emotion_of(event.body)) for event in understood]
    return points[-LINES_ON_CURVE:]


def emotion_of(understood: Json) -> float:
    scores = [each["score"] for each in understood.get("triggers") or () if each["reason"] == "negative_emotion"]
    return float(max(scores, default=0.0))


_COURTESY = re.compile(
    r"(?:好的?|好吧|嗯+|哦+|噢+|行|可以|ok|谢谢(?:你|您|啦|了)?|多谢|感谢|麻烦(?:你|您)?了?|辛苦(?:你|您)?了|知道了|明白了?|了解了?|收到"
    r"|没事了?|不客气|没关系|再见|拜拜|你好|您好|在吗|在么|客服|亲+|的|了|呀|啊|哈+|呢|吧|哒|啦)+",
    re.IGNORECASE,
)
_NO_WORD = re.compile(r"[\W_]+")


def is_courtesy(body: Json) -> bool:
    """Whether nothing is said but 好的，谢谢 and the like: no problem, and no news about one."""
    if body.get("type") != "text":
        return False
    words = _NO_WORD.sub("", str(body.get("text") or ""))
    return not words or _COURTESY.fullmatch(words) is not None


def _problem(events: Sequence[Event], intent: CardIntent | None) -> str:
    """One line: what it is about, in the customer's own words."""
    lines = [event for event in events if event.kind == "message" and event.author.role == "customer"]
    if not lines:
        return "客户还没有说明问题"
    small = {
        _of_seq(event) for event in events if event.kind == "understood" and event.body.get("intent") in SMALL_TALK
    }
    # The bot reads no lines that are meant for a person; of those, bare courtesies are left out by their words.
    telling = [event for event in lines if event.seq not in small and not is_courtesy(event.body)] or lines
    said = next((event for event in lines if intent and event.seq == intent.seq), telling[-1])
    words = one_line(said.body, PROBLEM_LIMIT)
    latest = one_line(telling[-1].body, PROBLEM_LIMIT)
    problem = f"{intent.label}：{words}" if _is_telling(intent) and intent else words
    return problem if latest == words else f"{problem}；最近说：{latest}"


def _sentence(reason: str | None, reasons: Sequence[Json]) -> str:
    if reason is None:
        return ""
    evidence = next((each["evidence"] for each in reasons if each["reason"] == reason), "")
    words = REASONS[reason]
    return (
        f"{words}（“{evidence}”）" if evidence and reason not in ("bot_error", "agent_takeover", "vip_rule") else words
    )


def _do_not_ask(facts: Sequence[CardFact], intent: CardIntent | None) -> list[CardKnown]:
    known = [CardKnown(label=fact.label, value=str(fact.value), seq=fact.seq) for fact in facts]
    if intent is not None and _is_telling(intent):
        known.insert(0, CardKnown(label="来意", value=intent.label, seq=intent.seq))
    return known


def _is_telling(intent: CardIntent | None) -> bool:
    return intent is not None and intent.name not in SAYS_NOTHING and intent.label != intent.name


def _reason(stored: Json) -> Reason:
    return Reason(reason=stored["reason"], score=stored["score"], evidence=stored["evidence"], seq=stored.get("seq"))


def _fact(name: str, value: Any, seq: int) -> CardFact:
    return CardFact(name=name, label=slot_label(name), value=value, seq=seq)


def _plain(value: Any) -> str | int | float | None:
    """What a person reads of a slot; an address is a structure with its words under `text`."""
    if isinstance(value, dict):
        return str(value.get("text") or "")
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _of_seq(event: Event) -> int:
    return int(event.body.get("of_seq") or event.seq)
