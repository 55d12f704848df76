"""Showing what is masked to one person for one stated reason, never without a trace."""

from __future__ import annotations

from handoff import bodies
from handoff.conversation import holding_agent
from handoff.errors import Forbidden, NotFound
from handoff.reading import Reading
from handoff.store import conversations, customers, log

SHORTEST_REASON = 4
REASON_LIMIT = 200


class Unmasking(Reading):
    async def unmask_message(
        self, conversation_id: str, seq: int, agent_id: str, reason: str, is_supervisor: bool = False
    ) -> str:
        """A message as the customer wrote it, card numbers and all. The audit row is stored before it is shown."""
        reason = _stated(reason)
        async with self.workplace.changing(conversation_id) as change:
            if not is_supervisor and holding_agent(change.thread.holder) != agent_id:
                raise Forbidden("只有正在接待的客服可以查看")
            event = await log.get(change.connection, conversation_id, seq)
            if event is None or event.kind != "message" or not isinstance(event.body.get("text"), str):
                raise NotFound
            await change.audit(f"agent:{agent_id}", "unmask_message", {"seq": seq, "reason": reason})
            return str(event.body["text"])

    async def unmask_phone(self, conversation_id: str, agent_id: str, reason: str, is_supervisor: bool = False) -> str:
        """Only for whoever serves this customer now, and supervisors. The audit row is stored before it is shown."""
        reason = _stated(reason)
        async with self.workplace.store.reading() as connection:
            thread = await conversations.read(connection, conversation_id)
            shopper = await customers.get(connection, thread.customer_id) if thread is not None else None
        if thread is None or shopper is None or shopper.guest:
            raise NotFound
        phone = (await self.shop.customer(shopper.subject)).get("phone")
        async with self.workplace.changing(conversation_id) as change:
            if not is_supervisor and holding_agent(change.thread.holder) != agent_id:
                raise Forbidden("只有正在接待的客服可以查看")
            await change.audit(f"agent:{agent_id}", "unmask_phone", {"customer": shopper.id, "reason": reason})
        if not isinstance(phone, str) or not phone:
            raise NotFound
        return phone


def _stated(reason: str) -> str:
    reason = bodies.clean_text(reason, "reason", limit=REASON_LIMIT)
    if len(reason) < SHORTEST_REASON:
        raise Forbidden("请写明查看原因")
    return reason
