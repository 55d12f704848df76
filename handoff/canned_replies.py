"""Keeps ready-made answers: an agent his own, supervisors everybody's; filled in for the customer at hand."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import bodies
from handoff.canned import blanks_of, filled_reply, matching, values_for
from handoff.card_reading import read_card
from handoff.errors import Forbidden, Invalid, NotFound
from handoff.identifiers import new_id
from handoff.store import canned, conversations, customers, staff
from handoff.views import CannedReply, FilledReply, Json
from handoff.workplace import Workplace

TEXT_LIMIT = 1000


class CannedReplies:
    workplace: Workplace

    async def canned_replies(self, agent_id: str) -> list[CannedReply]:
        async with self.workplace.store.reading() as connection:
            return await canned.for_agent(connection, agent_id)

    async def canned_for(
        self, conversation_id: str, agent_id: str, typed: str = "", shop_names: Mapping[str, str] | None = None
    ) -> list[FilledReply]:
        """What the agent may mean by `typed`, filled for this customer; `shop_names` says what each app is called."""
        async with self.workplace.store.reading() as connection:
            thread = await conversations.read(connection, conversation_id)
            shopper = await customers.get(connection, thread.customer_id) if thread is not None else None
            if thread is None or shopper is None:
                raise NotFound
            member = await staff.get(connection, agent_id)
            replies = await canned.for_agent(connection, agent_id)
            card = await read_card(connection, thread)
        # Those of the customer's own group, and of no group, come first.
        replies.sort(key=lambda reply: (reply.group not in (None, thread.group_id), reply.category, reply.shortcut))
        shop_name = (shop_names or {}).get(shopper.app, "")
        values = values_for(shopper.view(), member.name if member is not None else "", shop_name, card)
        return [filled_reply(reply, values) for reply in matching(replies, typed)]

    async def add_canned_reply(
        self,
        agent_id: str,
        text: str,
        shortcut: str,
        category: str = "",
        group: str | None = None,
        shared: bool = False,
        is_supervisor: bool = False,
    ) -> CannedReply:
        """Forbidden for everybody's unless a supervisor adds it; Invalid for a shortcut that is taken."""
        if shared and not is_supervisor:
            raise Forbidden("共享的快捷回复由主管维护")
        reply_id = new_id()
        values = _checked({"text": text, "shortcut": shortcut, "category": category, "group": group})
        async with self.workplace.store.writing() as connection:
            await _known_group(connection, values)
            owner = canned.SHARED if shared else agent_id
            if not await canned.add(connection, reply_id, self.workplace.now(), owner=owner, **values):
                raise Invalid("shortcut", "这个快捷码已经用过了")
            found = await canned.get(connection, reply_id)
        assert found is not None, "it was stored a moment ago"
        return found[0]

    async def change_canned_reply(
        self, reply_id: str, agent_id: str, changes: Json, is_supervisor: bool = False
    ) -> CannedReply:
        """What is left out stays. Another agent's own replies look like missing ones."""
        values = _checked(changes)
        async with self.workplace.store.writing() as connection:
            await _own(connection, reply_id, agent_id, is_supervisor)
            await _known_group(connection, values)
            if not await canned.change(connection, reply_id, self.workplace.now(), **values):
                raise Invalid("shortcut", "这个快捷码已经用过了")
            found = await canned.get(connection, reply_id)
        assert found is not None, "it was changed a moment ago"
        return found[0]

    async def remove_canned_reply(self, reply_id: str, agent_id: str, is_supervisor: bool = False) -> None:
        async with self.workplace.store.writing() as connection:
            await _own(connection, reply_id, agent_id, is_supervisor)
            await canned.remove(connection, reply_id)


async def _own(connection: AsyncConnection, reply_id: str, agent_id: str, is_supervisor: bool) -> None:
    found = await canned.get(connection, reply_id)
    if found is None or found[1] not in (canned.SHARED, agent_id):
        raise NotFound
    if found[1] == canned.SHARED and not is_supervisor:
        raise Forbidden("共享的快捷回复由主管维护")


async def _known_group(connection: AsyncConnection, values: Json) -> None:
    group = values.get("group_id")
    if group is not None and await staff.group_name(connection, group) is None:
        raise Invalid("group", "没有这个技能组")


def _checked(changes: Json) -> Json:
    values: Json = {}
    if "text" in changes:
        values["text"] = bodies.clean_text(changes["text"], "text", limit=TEXT_LIMIT)
        blanks_of(values["text"])
    if "shortcut" in changes:
        values["shortcut"] = bodies.clean_text(changes["shortcut"], "shortcut", limit=32).lstrip("/").strip()
        if not values["shortcut"]:
            raise Invalid("shortcut", "不能为空")
    if "category" in changes:
        values["category"] = bodies.clean_text(changes["category"], "category", may_be_empty=True, limit=50)
    if "group" in changes:
        values["group_id"] = changes["group"]
    return values
