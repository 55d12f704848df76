"""Passing a customer on to a colleague or a group, and a colleague who cannot take him."""

from __future__ import annotations

from typing import Literal

from handoff import bodies
from handoff.bus import Wake
from handoff.change import Change
from handoff.conversation import holding_agent
from handoff.errors import AtCapacity, IllegalMove, Invalid
from handoff.handing_over import requeue, transfer_to_group
from handoff.holding import author_of, holding_author, with_room
from handoff.reading import Reading
from handoff.sentences import say
from handoff.store import line, log, staff
from handoff.views import Author, Conversation, Event

NOTE_LIMIT = 2000
# Every event that says whose turn it is; the last one tells how an agent came by his customer.
HANDS = ("claimed", "transferred", "requeued", "handed_over", "returned_to_bot", "closed", "reopened")


class Transfers(Reading):
    async def transfer(
        self,
        conversation_id: str,
        agent_id: str,
        to_agent: str | None = None,
        to_group: str | None = None,
        note: str = "",
        is_supervisor: bool = False,
    ) -> Conversation:
        """To one colleague who has room, or to the head of another group's line; a supervisor also from others."""
        note = bodies.clean_text(note, "note", may_be_empty=True, limit=NOTE_LIMIT)
        if (to_agent is None) == (to_group is None):
            raise Invalid("agent_id", "请选择一位客服或一个技能组")
        async with self.workplace.changing(conversation_id) as change:
            who: Literal["agent", "supervisor"] = "agent"
            if is_supervisor and holding_agent(change.thread.holder) not in (None, agent_id):
                who = "supervisor"
                author = await author_of(change, agent_id)
            else:
                author = await holding_author(change, agent_id)
            if to_agent is not None:
                if to_agent == holding_agent(change.thread.holder):
                    raise Invalid("agent_id", "不能转给自己" if who == "agent" else "该会话已由这位客服接待")
                await self._transfer_to_agent(change, who, author, to_agent, note)
            elif to_group is not None:
                await self._transfer_to_group(change, who, author, to_group, note)
        return await self.conversation(conversation_id)

    async def decline(self, conversation_id: str, agent_id: str, note: str = "") -> Conversation:
        """A transfer that this agent cannot take: back to whoever sent it if he can, else to the head of the line.

        IllegalMove once he has spoken to the customer, or if the customer did not come to him by a transfer.
        """
        note = bodies.clean_text(note, "note", may_be_empty=True, limit=NOTE_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            author = await holding_author(change, agent_id)
            sent = await _transfer_that_brought(change)
            sender = sent.body["staff"]["from"]
            # Whom a supervisor moved goes back to the line: the agent before was not asked either.
            if sent.author.id != sender or not await self._send_back(change, author, sender, note):
                await requeue(change, "declined", agent_id, note)
            change.wakes += [Wake("presence", agent_id), Wake("presence", sender)]
        return await self.conversation(conversation_id)

    async def _send_back(self, change: Change, author: Author, sender: str, note: str) -> bool:
        """False if the sender has gone or has no room left."""
        before = await staff.get(change.connection, sender, lock=True)
        if before is None or before.presence == "offline":
            return False
        try:
            await with_room(change, sender)
        except AtCapacity:
            return False
        body = {
            "sentence": say(change.thread.locale, "transferred_agent", agent=before.name),
            "staff": {"from": author.id, "to": {"agent_id": sender}, "note": note, "why": "declined"},
        }
        await change.move("agent", "decline", author, body, to_agent=sender)
        if change.thread.handoff_id:
            await line.note_on(change.connection, change.thread.handoff_id, claimed_by=sender)
        return True

    async def _transfer_to_agent(
        self, change: Change, who: Literal["agent", "supervisor"], author: Author, to_agent: str, note: str
    ) -> None:
        member = await with_room(change, to_agent)
        if member.presence == "offline":
            raise Invalid("agent_id", "该客服不在线")
        before = holding_agent(change.thread.holder) or author.id
        body = {
            "sentence": say(change.thread.locale, "transferred_agent", agent=member.name),
            "staff": {"from": before, "to": {"agent_id": to_agent}, "note": note},
        }
        await change.move(who, "transfer_to_agent", author, body, to_agent=to_agent)
        if change.thread.handoff_id:
            await line.note_on(change.connection, change.thread.handoff_id, claimed_by=to_agent)
        change.wakes += [Wake("presence", before), Wake("presence", to_agent)]

    async def _transfer_to_group(
        self, change: Change, who: Literal["agent", "supervisor"], author: Author, to_group: str, note: str
    ) -> None:
        name = await staff.group_name(change.connection, to_group)
        if name is None:
            raise Invalid("group", "没有这个技能组")
        before = holding_agent(change.thread.holder) or author.id
        await transfer_to_group(change, who, author, to_group, name, note)
        change.wakes.append(Wake("presence", before))


async def _transfer_that_brought(change: Change) -> Event:
    """The transfer by which the holding agent got the customer, while he has not spoken yet; never one sent back."""
    seq = await log.last_seq_of_kinds(change.connection, change.thread.id, HANDS)
    event = await log.get(change.connection, change.thread.id, seq or 0)
    is_fresh = event is not None and event.kind == "transferred" and event.body["staff"].get("why") != "declined"
    if change.thread.answered or event is None or not is_fresh:
        raise IllegalMove("只有刚转来、还没有回复的会话可以退回")
    return event
