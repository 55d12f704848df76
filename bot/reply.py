"""Puts a finished turn into the shape the desk expects, with everything that was noticed on the way."""

from __future__ import annotations

from typing import Any, Optional

from bot.noticing.emotion import negative_emotion
from bot.noticing.repetition import customer_repeats, same_as_before
from bot.noticing.sensitive import sensitive_word
from bot.noticing.trigger import Trigger
from bot.strict import ActionFailed
from bot.turn import Turn
from bot.turn_output import TurnOutput, slots_worth_keeping

RANKING_LENGTH = 5
UNSURE = "nlu_fallback"
SMALL_TALK = frozenset(
    {"greet", "thank", "goodbye", "affirm", "deny", "hold_on", "small_talk", "praise", "choose_order", "choose_entry"}
)
"""Saying these twice says nothing about whether the customer was helped."""

WOULD_REPEAT = "抱歉，刚才的回答可能没有解决您的问题。"


def understanding_of(parse_data: dict[str, Any]) -> dict[str, Any]:
    """The best real intent with its own confidence; that Rasa was unsure shows in the number."""
    ranking = [
        {"name": item["name"], "confidence": round(float(item["confidence"]), 4)}
        for item in parse_data.get("intent_ranking") or []
        if item["name"] != UNSURE
    ][:RANKING_LENGTH]
    best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
    return {
        "intent": best["name"],
        "confidence": best["confidence"],
        "ranking": ranking,
        "entities": [
            {name: entity.get(name) for name in ("entity", "value", "start", "end")}
            for entity in parse_data.get("entities") or []
        ],
    }


def _vip(customer: dict[str, Any], wants_person: bool) -> Optional[Trigger]:
    if wants_person and customer.get("level") in {"gold", "diamond"}:
        return Trigger("vip_rule", 1.0, str(customer["level"]))
    return None


def reply_of(turn: Turn, output: TurnOutput) -> dict[str, Any]:
    """Raises ActionFailed when there is nothing to say and nothing to ask for: silence is not an answer."""
    tracker = output.tracker
    if tracker is None:
        raise ActionFailed("turn", "NoTracker")
    parsed: dict[str, Any] = tracker.latest_message.parse_data if tracker.latest_message else {}
    understanding = understanding_of(parsed)
    triggers = list(output.triggers)
    request = output.request
    messages = list(output.messages)

    def notice(trigger: Optional[Trigger]) -> Optional[dict[str, Any]]:
        if trigger is None:
            return None
        triggers.append(trigger.as_dict())
        return trigger.as_dict()

    notice(negative_emotion(turn.text, parsed.get("upset")))
    sensitive = notice(sensitive_word(turn.text))
    repeats = would_repeat = None
    if understanding["intent"] not in SMALL_TALK:
        repeats = notice(customer_repeats(turn.text, turn.recent))
        would_repeat = notice(same_as_before(output.answers, output.earlier))
    if sensitive:
        request = sensitive
    elif request is None and would_repeat:
        request = repeats or would_repeat
        messages = [WOULD_REPEAT_MESSAGE if message in output.earlier else message for message in messages]
    notice(_vip(turn.customer, request is not None))
    if request and not any(trigger["reason"] == request["reason"] for trigger in triggers):
        triggers.append(request)
    if not messages and request is None:
        raise ActionFailed(str(tracker.latest_action_name), "NothingToSay")
    return {
        "turn_id": turn.turn_id,
        "messages": messages,
        "understanding": understanding,
        "slots": slots_worth_keeping(tracker),
        "triggers": triggers,
        "request": request,
        "complete": True,
    }


WOULD_REPEAT_MESSAGE = {"type": "text", "text": WOULD_REPEAT}
