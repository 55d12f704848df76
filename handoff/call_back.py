"""A customer who would rather be called: it becomes a promise of the group, with a deadline within its hours."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from handoff import bodies
from handoff.change import SYSTEM, Change
from handoff.errors import Invalid
from handoff.hours import Hours
from handoff.identifiers import new_id
from handoff.promise_log import write_promise
from handoff.promises import GROUP, NewPromise
from handoff.routing import DEFAULT_GROUP
from handoff.rules import Rules
from handoff.sentences import say, say_when
from handoff.store import groups, promised
from handoff.views import Promise
from handoff.workplace import Workplace

_PHONE = re.compile(r"(?:\+?86)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:-\d{1,5})?")


class CallBack:
    workplace: Workplace

    async def ask_for_call_back(self, conversation_id: str, customer_id: str, phone: str | None = None) -> Promise:
        """One call for each conversation: asked again, the same promise is returned. The number is for staff only."""
        number = _number(phone)
        async with self.workplace.changing(conversation_id, customer_id) as change:
            for known in await promised.open_in(change.connection, conversation_id):
                if known.kind == "call_back":
                    return known
            promise = await self._promise(change)
            await write_promise(change, SYSTEM, promise, {"phone": number} if number else None)
            await change.audit(f"customer:{customer_id}", "ask_for_call_back", {"promise_id": promise.id})
            made = await promised.open_one(change.connection, conversation_id, promise.id)
        assert made is not None, "it was stored in this transaction"
        return made

    async def _promise(self, change: Change) -> NewPromise:
        group = change.thread.group_id or DEFAULT_GROUP
        plan = (await groups.plans(change.connection)).get(group)
        due_at = call_back_by(plan.hours if plan is not None else Hours(), change.now, change.rules)
        text = say(change.thread.locale, "call_back", due=say_when(change.thread.locale, due_at))
        return NewPromise(new_id(), text, f"{GROUP}{group}", due_at, "call_back")


def call_back_by(hours: Hours, now: datetime, rules: Rules) -> datetime:
    """Soon while the group works, soon after its next opening else; a day for one that never opens."""
    opens_at = hours.next_opening(now)
    if opens_at is None:
        return now + timedelta(seconds=rules.message_answer_seconds)
    return opens_at + timedelta(seconds=rules.call_back_seconds)


def _number(phone: str | None) -> str | None:
    if phone is None or not phone.strip():
        return None
    number = re.sub(r"[\s()（）]", "", bodies.clean_text(phone, "phone", limit=40))
    if not _PHONE.fullmatch(number):
        raise Invalid("phone", "请填写手机号或带区号的固定电话")
    return number
