"""Setting a customer aside until later, and asking a colleague to look in: both leave him in the same hands."""

from __future__ import annotations

from datetime import datetime, timedelta

from handoff import bodies
from handoff.bus import Wake
from handoff.errors import Invalid
from handoff.holding import holding_author
from handoff.reading import Reading
from handoff.store import customers, staff
from handoff.views import Conversation, Event, wire_time

NOTE_LIMIT = 2000


class Company(Reading):
    async def snooze(self, conversation_id: str, agent_id: str, until: datetime, note: str = "") -> Conversation:
        """Sets the customer aside until then or until he writes; he stays with this agent and keeps his place."""
        note = bodies.clean_text(note, "note", may_be_empty=True, limit=NOTE_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            author = await holding_author(change, agent_id)
            longest = timedelta(seconds=change.rules.longest_snooze_seconds)
            if not timedelta(0) < until - change.now <= longest:
                raise Invalid("until", "必须是将来的时间，且不超过七天")
            change.thread.snoozed_until = until
            await change.write("snoozed", author, {"until": wire_time(until), "note": note})
        return await self.conversation(conversation_id)

    async def invite(self, conversation_id: str, agent_id: str, to_agent: str, note: str = "") -> Event:
        """Asks a colleague to look in; he helps by notes, the customer goes on hearing one voice."""
        note = bodies.clean_text(note, "note", may_be_empty=True, limit=NOTE_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            author = await holding_author(change, agent_id)
            member = await staff.get(change.connection, to_agent)
            if member is None or to_agent == agent_id:
                raise Invalid("agent_id", "请选择一位同事")
            event = await change.write(
                "invited", author, {"agent": {"id": to_agent, "name": member.name}, "note": note}
            )
            await change.audit(f"agent:{agent_id}", "invite", {"seq": event.seq, "agent": to_agent})
            shopper = await customers.get(change.connection, change.thread.customer_id)
        told = {
            "conversation_id": conversation_id,
            "by": author.name,
            "customer": shopper.name if shopper is not None else "",
            "note": note,
        }
        await self.workplace.tell([Wake("invited", to_agent, told)])
        return event
