"""Whether a person is needed: what was noticed goes in, one decision with all its reasons comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handoff.rules import Rules
from handoff.views import Json

# The closed list; the first that applies is the one shown, so the surest and gravest come first.
REASONS = (
    "agent_takeover",
    "user_asked",
    "sensitive_word",
    "negative_emotion",
    "business_rule",
    "vip_rule",
    "repeated",
    "no_answer",
    "low_confidence",
    "bot_error",
)

# 1 ordinary, 2 raised, 3 high, 4 urgent.
SEVERITY = {
    "sensitive_word": 4,
    "negative_emotion": 3,
    "vip_rule": 3,
    "business_rule": 2,
    "repeated": 2,
    "bot_error": 2,
}
HIGHEST_SEVERITY = 4


@dataclass(frozen=True, slots=True)
class Noticed:
    reason: str
    score: float
    evidence: str
    seq: int | None = None

    def as_json(self) -> Json:
        return {"reason": self.reason, "score": self.score, "evidence": self.evidence, "seq": self.seq}


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the decision rests on; stored with it."""

    noticed: tuple[Noticed, ...] = ()
    request: Noticed | None = None
    level: str = "normal"
    # Customer's messages since the bot got the conversation back from a person or the queue; None if it never was away.
    messages_since_return: int | None = None

    def as_json(self) -> Json:
        return {
            "noticed": [each.as_json() for each in self.noticed],
            "request": self.request.as_json() if self.request else None,
            "level": self.level,
            "messages_since_return": self.messages_since_return,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    hand_over: bool
    reason: str | None
    reasons: tuple[Noticed, ...]
    severity: int
    # The strongest thing noticed that was not enough: the conversation is shown under 待干预.
    attention: float | None


def decide(facts: Facts, rules: Rules) -> Decision:
    """The bot's request always counts; what was merely noticed counts at its threshold and not while cooling down."""
    reasons = _with_vip_rule(_strongest_of_each(facts), facts, rules)
    is_cooling = facts.messages_since_return is not None and facts.messages_since_return <= rules.cool_down_messages
    enough = [each for each in reasons if not is_cooling and each.score >= _threshold(each.reason, rules)]
    if facts.request is not None:
        enough.append(facts.request)
    strongest = max((each.score for each in reasons), default=None)
    if not enough:
        attention = strongest if strongest is not None and strongest >= rules.watch_score else None
        return Decision(False, None, reasons, severity_of(reasons, facts.level, rules), attention)
    first = min(enough, key=lambda each: (REASONS.index(each.reason), -each.score))
    return Decision(True, first.reason, reasons, severity_of(reasons, facts.level, rules), None)


def severity_of(reasons: Sequence[Noticed], level: str, rules: Rules) -> int:
    gravest = max((SEVERITY.get(each.reason, 1) for each in reasons), default=1)
    return min(HIGHEST_SEVERITY, gravest + (1 if level in rules.vip_levels else 0))


def _strongest_of_each(facts: Facts) -> tuple[Noticed, ...]:
    strongest: dict[str, Noticed] = {}
    for each in (*facts.noticed, *([facts.request] if facts.request else [])):
        if each.reason in REASONS and (each.reason not in strongest or each.score > strongest[each.reason].score):
            strongest[each.reason] = each
    return tuple(sorted(strongest.values(), key=lambda each: REASONS.index(each.reason)))


def _with_vip_rule(reasons: tuple[Noticed, ...], facts: Facts, rules: Rules) -> tuple[Noticed, ...]:
    """A very important customer does not have to insist: anything worth watching is enough."""
    if facts.level not in rules.vip_levels or any(each.reason == "vip_rule" for each in reasons):
        return reasons
    if not any(each.score >= rules.watch_score for each in reasons):
        return reasons
    return (*reasons, Noticed("vip_rule", 1.0, facts.level))


def _threshold(reason: str, rules: Rules) -> float:
    """What the bot noticed but did not ask for; low confidence alone is for the bot's own policy to judge."""
    never = 2.0
    return {
        "user_asked": 0.5,
        "vip_rule": 0.5,
        "business_rule": 0.5,
        "sensitive_word": rules.sensitive_word_score,
        "negative_emotion": rules.negative_emotion_score,
        "repeated": rules.repeated_score,
    }.get(reason, never)
