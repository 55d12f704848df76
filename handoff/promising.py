"""What the staff does about promises: makes, keeps, withdraws and passes them on, and comes back to the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from handoff import bodies
from handoff.agent_side import AgentSide
from handoff.change import Change
from handoff.conversation import holding_agent
from handoff.errors import Forbidden, IllegalMove, Invalid, NotFound
from handoff.holding import author_of
from handoff.identifiers import new_id
from handoff.promise_log import (
    TEXT_LIMIT,
    checked_deadline,
    owner_of,
    write_kept,
    write_passed_on,
    write_promise,
    write_withdrawn,
)
from handoff.promises import AGENT, GROUP, NewPromise
from handoff.said_promises import PromiseKind
from handoff.store import conversations, promised, skills, staff
from handoff.views import Conversation, OpenPromise, Promise

NOTE_LIMIT = 500
MOST_LISTED = 200
Whose = Literal["mine", "group", "all"]


class Promising(AgentSide):
    async def promise(
        self,
        conversation_id: str,
        agent_id: str,
        text: str,
        due_at: datetime,
        kind: PromiseKind = "follow_up",
        owner: str | None = None,
        is_supervisor: bool = False,
    ) -> Promise:
        """The customer sees text and deadline. The owner is whoever promises, unless another is named."""
        text = bodies.clean_text(text, limit=TEXT_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            if holding_agent(change.thread.holder) != agent_id and not is_supervisor:
                raise Forbidden("只有正在接待的客服可以作出承诺")
            author = await author_of(change, agent_id)
            checked_deadline(due_at, change.now)
            await _require_owner(change, owner)
            promise = NewPromise(new_id(), text, owner or owner_of(agent_id), due_at, kind)
            await write_promise(change, author, promise)
            await change.audit(owner_of(agent_id), "promise", {"promise_id": promise.id, "owner": promise.owner})
            made = await promised.open_one(change.connection, conversation_id, promise.id)
        assert made is not None, "it was stored in this transaction"
        return made

    async def keep_promise(self, conversation_id: str, promise_id: str, agent_id: str, note: str = "") -> None:
        """Done, by whoever did it; NotFound when it is not open any more."""
        note = bodies.clean_text(note, "note", may_be_empty=True, limit=NOTE_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            author, promise = await author_of(change, agent_id), await _open(change, promise_id)
            await write_kept(change, author, promise, note)
            await change.audit(owner_of(agent_id), "keep_promise", {"promise_id": promise_id})

    async def withdraw_promise(self, conversation_id: str, promise_id: str, agent_id: str, reason: str) -> None:
        """The customer is told that it does not stand any more; why is for the staff."""
        reason = bodies.clean_text(reason, "reason", limit=NOTE_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            author, promise = await author_of(change, agent_id), await _open(change, promise_id)
            await write_withdrawn(change, author, promise, reason)
            await change.audit(owner_of(agent_id), "withdraw_promise", {"promise_id": promise_id, "reason": reason})

    async def pass_promise_on(
        self, conversation_id: str, promise_id: str, agent_id: str, owner: str, note: str = ""
    ) -> None:
        """To a colleague, a group, or oneself."""
        note = bodies.clean_text(note, "note", may_be_empty=True, limit=NOTE_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            author, promise = await author_of(change, agent_id), await _open(change, promise_id)
            await _require_owner(change, owner)
            if owner != promise.owner:
                await write_passed_on(change, author, promise, owner, "by_hand", note)
                await change.audit(owner_of(agent_id), "pass_promise_on", {"promise_id": promise_id, "owner": owner})

    async def promises(self, agent_id: str, whose: Whose = "mine") -> list[OpenPromise]:
        """The next due first."""
        async with self.workplace.store.reading() as connection:
            owners: set[str] | None = {owner_of(agent_id)}
            if whose == "group":
                owners = {
                    f"{GROUP}{group}" for group in (await skills.levels_of(connection, agent_id)).get(agent_id, {})
                }
            elif whose == "all":
                owners = None
            return await promised.listed(connection, owners, self.workplace.now(), MOST_LISTED)

    async def follow_up(self, conversation_id: str, agent_id: str) -> Conversation:
        """Back to a customer whose conversation has ended, to keep a promise that is still open in it."""
        async with self.workplace.changing(conversation_id) as change:
            if holding_agent(change.thread.holder) != agent_id:
                if not await promised.open_in(change.connection, conversation_id):
                    raise IllegalMove("没有待兑现的承诺，等客户留言后再接入")
                latest = await conversations.latest_of(change.connection, change.thread.customer_id)
                if latest is not None and latest.id != conversation_id:
                    raise IllegalMove("客户已有新的会话，请在新会话里跟进")
                await self._give_to(change, "agent", "follow_up", agent_id)
                change.thread.closed_at = change.thread.outcome = change.thread.category = None
        return await self._view(conversation_id)


async def _open(change: Change, promise_id: str) -> Promise:
    found = await promised.open_one(change.connection, change.thread.id, promise_id)
    if found is None:
        raise NotFound("没有这条待兑现的承诺")
    return found


async def _require_owner(change: Change, owner: str | None) -> None:
    if owner is None:
        return
    if owner.startswith(AGENT):
        is_known = await staff.get(change.connection, owner.removeprefix(AGENT)) is not None
    else:
        is_known = (
            owner.startswith(GROUP) and await staff.group_name(change.connection, owner.removeprefix(GROUP)) is not None
        )
    if not is_known:
        raise Invalid("owner", "请选择一位客服或一个技能组")
