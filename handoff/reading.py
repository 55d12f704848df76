"""What people look at: the log, the lists, the card, the customer's profile. Nothing here changes anything."""

from __future__ import annotations

import asyncio

from handoff.asked_again import may_ask
from handoff.card import AskedAgain, Card, Decided
from handoff.card_reading import read_card, what_is_asked_again
from handoff.errors import Invalid, NotFound, ShopAway
from handoff.events import Audience, as_seen_by
from handoff.identity import GUEST_NAME
from handoff.shop import Shop
from handoff.store import conversations, customers, decided, line, log, rows
from handoff.store.conversations import Thread
from handoff.views import (
    ChangedRows,
    Conversation,
    Counts,
    EventPage,
    Head,
    Json,
    ListName,
    PastConversation,
    Profile,
    Row,
    RowPage,
)
from handoff.workplace import Workplace

LARGEST_PAGE = 500
LARGEST_ROW_PAGE = 200
# One poll's worth; the rest follows with the next.
CHANGED_AT_ONCE = 500
LISTS = ("mine", "waiting", "bot", "watch", "team", "closed")


class Reading:
    workplace: Workplace
    shop: Shop

    async def events(
        self,
        conversation_id: str,
        after: int | None = None,
        before: int | None = None,
        limit: int = 200,
        audience: Audience = "staff",
    ) -> EventPage:
        """A page forward from `after` or backward from `before`; with neither, the last ones."""
        limit = max(1, min(limit, LARGEST_PAGE))
        async with self.workplace.store.reading() as connection:
            head_seq = await conversations.head_seq(connection, conversation_id)
            if head_seq is None:
                raise NotFound
            if after is not None:
                found = await log.after(connection, conversation_id, max(0, after), limit + 1)
                more, found = len(found) > limit, found[:limit]
            else:
                below = head_seq + 1 if before is None else before
                found = await log.before(connection, conversation_id, below, limit)
                more = bool(found) and found[0].seq > 1
        events = list(found) if audience == "as_stored" else [as_seen_by(event, audience) for event in found]
        return EventPage(events=events, head_seq=head_seq, more=more)

    async def conversation(self, conversation_id: str) -> Conversation:
        async with self.workplace.store.reading() as connection:
            found = await conversations.view(connection, conversation_id)
        if found is None:
            raise NotFound
        return found

    async def rows(self, list_name: ListName, agent_id: str, cursor: str | None = None, limit: int = 50) -> RowPage:
        if list_name not in LISTS:
            raise Invalid("list", f"必须是 {'、'.join(LISTS)} 之一")
        limit = max(1, min(limit, LARGEST_ROW_PAGE))
        async with self.workplace.store.reading() as connection:
            page, next_cursor = await rows.page(connection, list_name, agent_id, cursor, limit)
            counts = await rows.count(connection, agent_id)
        return RowPage(rows=page, next_cursor=next_cursor, counts=counts)

    async def search_rows(self, agent_id: str, words: str, limit: int = 50) -> RowPage:
        """Conversations of every list that hold these words; nothing for nothing."""
        words = words.strip()
        async with self.workplace.store.reading() as connection:
            page = await rows.found(connection, words, max(1, min(limit, LARGEST_ROW_PAGE))) if words else []
            counts = await rows.count(connection, agent_id)
        return RowPage(rows=page, next_cursor=None, counts=counts)

    async def read_by_customer(self, conversation_id: str) -> int:
        """The number of the last event that the customer has seen."""
        async with self.workplace.store.reading() as connection:
            found = await conversations.read(connection, conversation_id)
        if found is None:
            raise NotFound
        return found.customer_read_seq

    async def row(self, conversation_id: str, agent_id: str | None = None) -> Row:
        """The same for every agent; `agent_id` is taken so that rows may become personal without a new signature."""
        async with self.workplace.store.reading() as connection:
            found = await rows.get(connection, conversation_id)
        if found is None:
            raise NotFound
        return found

    async def counts(self, agent_id: str) -> Counts:
        async with self.workplace.store.reading() as connection:
            return await rows.count(connection, agent_id)

    async def heads(self, ids: list[str]) -> dict[str, Head]:
        if not ids:
            return {}
        async with self.workplace.store.reading() as connection:
            return await conversations.heads(connection, ids)

    async def changed_rows(self, after: int | None = None) -> ChangedRows:
        """Rows changed since `mark` of the last call; without it no rows, only the mark to begin with."""
        async with self.workplace.store.reading() as connection:
            changed, mark = await rows.changed(connection, after, CHANGED_AT_ONCE)
        return ChangedRows(rows=changed, mark=mark)

    async def card(self, conversation_id: str) -> Card:
        async with self.workplace.store.reading() as connection:
            thread = await conversations.read(connection, conversation_id)
            if thread is None:
                raise NotFound
            return await read_card(connection, thread)

    async def decisions(self, conversation_id: str) -> list[Decided]:
        """Every time that fetching a person was weighed, in order, with the agent's verdict where there is one."""
        async with self.workplace.store.reading() as connection:
            if await conversations.read(connection, conversation_id) is None:
                raise NotFound
            return await decided.of_conversation(connection, conversation_id)

    async def asked_again(self, conversation_id: str, text: str) -> list[AskedAgain]:
        """What an agent's unsent text asks for although the customer has said it; mostly nothing."""
        async with self.workplace.store.reading() as connection:
            thread = await conversations.read(connection, conversation_id)
            if thread is None:
                raise NotFound
            return await what_is_asked_again(connection, thread, text) if may_ask(text) else []

    async def serves(self, agent_id: str, customer_id: str) -> bool:
        """Whether this agent holds a conversation of this customer now."""
        async with self.workplace.store.reading() as connection:
            return await conversations.is_served_by(connection, customer_id, agent_id)

    async def profile(self, customer_id: str, role: str = "agent") -> Profile:
        """With the shop's fresh figures where it answers in time, else those of the last time it did."""
        async with self.workplace.store.reading() as connection:
            shopper = await customers.get(connection, customer_id)
            if shopper is None:
                raise NotFound
            past = await conversations.of_customer(connection, customer_id)
            asked_for = [thread.handoff_id for thread in past if thread.handoff_id]
            reasons = {each: found.reason for each in asked_for if (found := await line.handoff(connection, each))}
        fresh: Json = {}
        if not shopper.guest:
            try:
                fresh = await asyncio.wait_for(self.shop.customer(shopper.subject), timeout=2)
            except (ShopAway, NotFound, TimeoutError):
                fresh = {}
        known = from_shop(fresh, shopper.name)
        return Profile(
            id=shopper.id,
            name=known.get("name", shopper.name),
            level=known.get("level", shopper.level),
            guest=shopper.guest,
            phone_masked=known.get("phone_masked", shopper.phone_masked),
            tags=known.get("tags", shopper.tags),
            own_tags=shopper.own_tags,
            since=known.get("since", shopper.since),
            orders_count=known.get("orders_count", shopper.orders_count),
            spent=known.get("spent", shopper.spent),
            notes=shopper.notes,
            conversations=[_past(thread, reasons.get(thread.handoff_id or "")) for thread in past],
        )


def from_shop(said: Json, known_name: str) -> Json:
    """The members of a customer that the desk keeps, of the right kind; a full phone number never is.

    The name counts only for somebody who has none yet: what the shop signed for this visit is fresher.
    """
    kept: Json = {}
    if known_name == GUEST_NAME and isinstance(said.get("name"), str) and said["name"].strip():
        kept["name"] = said["name"].strip()[:200]
    if isinstance(said.get("level"), str):
        kept["level"] = said["level"][:32]
    if isinstance(said.get("phone"), str):
        kept["phone_masked"] = mask_phone(said["phone"])
    if isinstance(said.get("tags"), list):
        kept["tags"] = [str(tag)[:50] for tag in said["tags"][:20]]
    if isinstance(said.get("since"), str):
        kept["since"] = said["since"][:40]
    if isinstance(said.get("orders_count"), int):
        kept["orders_count"] = said["orders_count"]
    if isinstance(said.get("spent"), int | float):
        kept["spent"] = float(said["spent"])
    return kept


def mask_phone(phone: str) -> str:
    digits = "".join(character for character in phone if character.isdigit())[-11:]
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else "****"


def _past(thread: Thread, reason: str | None) -> PastConversation:
    return PastConversation(
        id=thread.id,
        opened_at=thread.opened_at,
        closed_at=thread.closed_at,
        reason=thread.reason or reason,
        outcome=thread.outcome,
        stars=thread.stars,
    )
