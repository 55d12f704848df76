"""To which group a customer goes, how urgently, and to whom first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from handoff.rules import Rules

WhyNot = Literal["outside_hours", "nobody_online", "queue_full"]

# The groups that a new desk starts with.
GROUPS = {"presale": "售前咨询", "order": "订单物流", "aftersale": "售后服务"}
DEFAULT_GROUP = "order"
HOME_LANGUAGE = "zh"

# An intent that is not listed says nothing about the group.
GROUP_OF_INTENT = {
    "product_question": "presale",
    "coupon_trouble": "presale",
    "ask_logistics": "order",
    "order_status": "order",
    "hurry": "order",
    "change_address": "order",
    "give_address": "order",
    "cancel_order": "order",
    "wrong_order": "order",
    "invoice": "order",
    "return_goods": "aftersale",
    "exchange_goods": "aftersale",
    "refund": "aftersale",
    "refund_progress": "aftersale",
    "goods_damaged": "aftersale",
    "goods_missing": "aftersale",
    "goods_wrong": "aftersale",
    "price_protection": "aftersale",
    "complain": "aftersale",
}


@dataclass(frozen=True, slots=True)
class Staffing:
    """One group at the moment of routing."""

    agents: int
    online: int


@dataclass(frozen=True, slots=True)
class Door:
    """Whether a group can take one more customer now, and who helps out when it cannot."""

    is_open: bool
    online: int
    waiting: int
    queue_limit: int
    overflow_to: str | None

    @property
    def why_not(self) -> WhyNot | None:
        if not self.is_open:
            return "outside_hours"
        if self.online == 0:
            return "nobody_online"
        return "queue_full" if self.waiting >= self.queue_limit else None


def open_door(wanted: str, doors: Mapping[str, Door]) -> str:
    """The wanted group, or the first of those that help out one after another which can take the customer; if none
    can, he stays where he belongs and leaves a message there."""
    seen: list[str] = []
    group: str | None = wanted
    while group is not None and group in doors and group not in seen:
        if doors[group].why_not is None:
            return group
        seen.append(group)
        group = doors[group].overflow_to
    return wanted


def group_for(
    intent: str | None,
    has_order: bool,
    has_product: bool,
    staffing: Mapping[str, Staffing],
    speaking: Collection[str] = (),
) -> str:
    """The group that the intent names; if nobody works there at all, the one with the most people on duty.

    `speaking` are the groups that are there for the customer's language: if people work in any, only those count.
    """
    wanted = _wanted_group(intent, has_order, has_product)
    understood = {name: group for name, group in staffing.items() if name in speaking and group.agents > 0}
    staffing = understood or staffing
    if wanted in staffing and staffing[wanted].agents > 0:
        return wanted
    staffed = [(group.online, group.agents, name) for name, group in staffing.items() if group.agents > 0]
    return max(staffed)[2] if staffed else wanted


def speaking_groups(locale: str, languages: Mapping[str, Sequence[str]]) -> set[str]:
    """The groups whose languages name the customer's; Chinese is everybody's and needs no naming."""
    language = locale.partition("-")[0].lower()
    if language == HOME_LANGUAGE:
        return set()
    return {group for group, spoken in languages.items() if language in {each.lower() for each in spoken}}


def place_in_line(waiting_since: datetime, severity: int, was_served: bool, rules: Rules) -> datetime:
    """Sorting by this is the queue's order: waiting time with a head start for the grave and for the abandoned."""
    head_start = (severity - 1) * rules.severity_head_start_seconds
    if was_served:
        head_start += rules.requeue_head_start_seconds
    return waiting_since - timedelta(seconds=head_start)


def _wanted_group(intent: str | None, has_order: bool, has_product: bool) -> str:
    if intent in GROUP_OF_INTENT:
        return GROUP_OF_INTENT[intent]
    return "presale" if has_product and not has_order else DEFAULT_GROUP
