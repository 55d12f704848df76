"""What an agent does for a customer beside talking: errands in the shop, and what he writes down about him."""

from __future__ import annotations

from collections.abc import Sequence

from handoff import bodies
from handoff.conversation import holding_agent
from handoff.errors import Invalid, NotFound, NotHolder
from handoff.holding import author_of
from handoff.reading import Reading
from handoff.store import conversations, customers, log
from handoff.views import Event, Json, Profile

# What the shop's gateway does with an order (docs/api.md 7).
ACTIONS = {
    "urge": "催件",
    "cancel": "取消订单",
    "address": "修改地址",
    "invoice": "开发票",
    "price-protection": "价格保护",
    "after-sale": "售后申请",
}
MOST_TAGS = 20
TAG_LIMIT = 20
NOTES_LIMIT = 2000


class Acting(Reading):
    async def act_for_customer(
        self,
        conversation_id: str,
        agent_id: str,
        client_msg_id: str,
        order_no: str,
        action: str,
        details: Json,
        is_supervisor: bool = False,
    ) -> Event:
        """Asks the shop to act; the same id acts once, also after a crash between the shop and our log.

        ShopRefused with the shop's own sentence, ShopAway, NotHolder; NotFound for what is not this customer's.
        """
        if action not in ACTIONS:
            raise Invalid("action", f"必须是 {'、'.join(ACTIONS)} 之一")
        client_msg_id = bodies.clean_id(client_msg_id, "client_msg_id")
        details = bodies.clean_json(details)
        mark = bodies.fingerprint("acted", "agent", agent_id, {"order_no": order_no, "action": action, **details})
        async with self.workplace.store.reading() as connection:
            thread = await conversations.read(connection, conversation_id)
            shopper = await customers.get(connection, thread.customer_id) if thread is not None else None
        if thread is None or shopper is None or shopper.guest:
            raise NotFound
        if not is_supervisor and holding_agent(thread.holder) != agent_id:
            raise NotHolder
        # The shop keeps the key: asked again after a lost answer, it says the same and does nothing more.
        done = await self.shop.act(shopper.subject, order_no, action, details, f"{conversation_id}:{client_msg_id}")
        async with self.workplace.changing(conversation_id) as change:
            earlier = await change.sent_before(client_msg_id, mark)
            if earlier is not None:
                found = await log.get(change.connection, conversation_id, earlier.seq)
                assert found is not None, "its receipt was found"
                return found
            body = {"order_no": order_no, "action": action, "text": str(done.get("text") or ACTIONS[action])[:500]}
            author = await author_of(change, agent_id)
            event = await change.write("acted", author, body, client_msg_id=client_msg_id, fingerprint=mark)
            told = {"seq": event.seq, "order_no": order_no, "action": action}
            await change.audit(f"agent:{agent_id}", "act_for_customer", told)
            return event

    async def describe_customer(
        self, conversation_id: str, agent_id: str, tags: Sequence[str] | None = None, notes: str | None = None
    ) -> Profile:
        """What the desk itself knows of him; what is left out stays, and the shop's own tags are not touched."""
        changes: Json = {}
        if tags is not None:
            if len(tags) > MOST_TAGS:
                raise Invalid("tags", f"最多 {MOST_TAGS} 个")
            changes["own_tags"] = list(dict.fromkeys(bodies.clean_text(tag, "tags", limit=TAG_LIMIT) for tag in tags))
        if notes is not None:
            changes["notes"] = bodies.clean_text(notes, "notes", may_be_empty=True, limit=NOTES_LIMIT)
        async with self.workplace.changing(conversation_id) as change:
            await author_of(change, agent_id)
            if changes:
                await customers.note_on(change.connection, change.thread.customer_id, **changes)
                await change.audit(f"agent:{agent_id}", "describe_customer", {"changed": sorted(changes)})
                change.touch()
            customer_id = change.thread.customer_id
        return await self.profile(customer_id)
