"""Service standards: how soon a customer is answered and helped, per group and level, and when it gets late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from handoff.errors import Invalid
from handoff.hours import Hours
from handoff.views import Json

Clock = Literal["first_response", "next_response", "resolution"]
State = Literal["warning", "breach"]

CLOCKS: tuple[Clock, ...] = get_args(Clock)
# The level under which a standard holds for everybody who has none of his own.
EVERYBODY = "default"
# Seconds within a group's hours; a group's own standards replace them one by one.
USUAL: Mapping[Clock, int] = {"first_response": 180, "next_response": 300, "resolution": 86400}
# A warning must leave time to act on it.
WARNING_SHARE = 0.8

LABELS: Mapping[Clock, str] = {"first_response": "首次响应", "next_response": "后续响应", "resolution": "解决时长"}


@dataclass(frozen=True, slots=True)
class Running:
    """One clock of one conversation."""

    clock: Clock
    since: datetime
    target_seconds: int

    @property
    def key(self) -> str:
        """The same clock started again is another one: each warns and breaches once."""
        return f"{self.clock}:{int(self.since.timestamp() * 1000)}"

    def state(self, now: datetime, hours: Hours) -> State | None:
        passed = hours.open_seconds(self.since, now)
        if passed >= self.target_seconds:
            return "breach"
        return "warning" if passed >= self.target_seconds * WARNING_SHARE else None


def running_clocks(
    handed_over_at: datetime,
    first_answer_at: datetime | None,
    unanswered_since: datetime | None,
    level: str,
    standards: Json | None,
) -> list[Running]:
    """The clocks that run for a customer who waits for a person or is with one."""
    started: dict[Clock, datetime | None] = {
        "first_response": handed_over_at if first_answer_at is None else None,
        "next_response": unanswered_since if first_answer_at is not None else None,
        "resolution": handed_over_at,
    }
    return [
        Running(clock, since, target_seconds(clock, level, standards))
        for clock, since in started.items()
        if since is not None
    ]


def standing(
    alerted: Mapping[str, str], is_answered: bool, unanswered_since: datetime | None
) -> tuple[Clock, State] | None:
    """The worst of the alerts that still concern somebody who waits: what was answered meanwhile is past."""
    unanswered = None if unanswered_since is None else int(unanswered_since.timestamp() * 1000)
    found: list[tuple[Clock, State]] = []
    for key, state in alerted.items():
        name, _, since = key.partition(":")
        is_past = (name == "first_response" and is_answered) or (name == "next_response" and since != str(unanswered))
        if name in CLOCKS and not is_past:
            found.append((name, "breach" if state == "breach" else "warning"))
    return min(found, key=lambda each: (each[1] != "breach", CLOCKS.index(each[0])), default=None)


def target_seconds(clock: Clock, level: str, standards: Json | None) -> int:
    own = (standards or {}).get(clock) or {}
    return int(own.get(level, own.get(EVERYBODY, USUAL[clock])))


def read_standards(said: object) -> Json:
    """From JSON: `{"first_response": {"default": 60, "diamond": 30}, …}` in seconds."""
    if not isinstance(said, dict):
        raise Invalid("standards", "必须是对象")
    for clock, levels in said.items():
        if clock not in CLOCKS or not isinstance(levels, dict):
            raise Invalid("standards", f"{clock} 必须是 {'、'.join(CLOCKS)} 之一，值为“等级 → 秒数”")
        for level, seconds in levels.items():
            if isinstance(seconds, bool) or not isinstance(seconds, int) or not 1 <= seconds <= 90 * 86400:
                raise Invalid("standards", f"{clock} 的 {level} 必须是秒数")
    return said
