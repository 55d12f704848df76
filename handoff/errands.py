"""What the desk fetches from the shop after the commit: the order snapshot for the card, and who the customer is."""

from __future__ import annotations

import structlog

from handoff.errors import NotFound, ShopAway
from handoff.reading import from_shop
from handoff.shop import Shop
from handoff.store import conversations, customers, line, outbox
from handoff.store.outbox import Due
from handoff.summariser import Summariser
from handoff.summarising import summarise_hand_over
from handoff.views import Json, wire_time
from handoff.workplace import Workplace

log = structlog.get_logger(__name__)

# A card with more orders is not read.
MOST_ORDERS = 3
# Tried again when the lease runs out; a shop that is away longer must not be asked for ever.
MOST_ATTEMPTS = 3
HAS_LOGISTICS = frozenset({"shipped", "delivering", "signed", "completed", "after_sale"})


class Errands:
    def __init__(self, workplace: Workplace, shop: Shop, summariser: Summariser | None = None) -> None:
        self._workplace = workplace
        self._shop = shop
        self._summariser = summariser

    async def do(self, due: Due) -> None:
        await self._fetch(due)
        if due.kind == "order_snapshot":
            # After the errand is done: a desk that dies here loses a model's words, and the log's own stay.
            await summarise_hand_over(self._workplace, self._summariser, due.conversation_id, due.body["handoff_id"])

    async def _fetch(self, due: Due) -> None:
        async with self._workplace.store.reading() as connection:
            thread = await conversations.read(connection, due.conversation_id)
            shopper = await customers.get(connection, thread.customer_id) if thread is not None else None
        if thread is None or shopper is None or shopper.guest:
            return await self._finish(due, "guest")
        try:
            if due.kind == "order_snapshot":
                await self._store_orders(due, await self._orders(shopper.subject, thread.slots.get("order_no")))
            else:
                await self._store_customer(
                    due, shopper.id, from_shop(await self._shop.customer(shopper.subject), shopper.name)
                )
        except NotFound:
            await self._finish(due, "unknown_to_shop")
        except ShopAway:
            if due.attempts >= MOST_ATTEMPTS:
                await self._finish(due, "shop_away")

    async def _orders(self, subject: str, order_no: object) -> list[Json]:
        """The order that is talked about first, then the newest open ones, each with its logistics."""
        chosen: list[Json] = []
        if isinstance(order_no, str) and order_no:
            try:
                chosen.append(await self._shop.order(subject, order_no))
            except NotFound:
                log.info("order_unknown_to_shop")
        chosen += await self._shop.orders(subject, "open", MOST_ORDERS)
        unique = {order["order_no"]: order for order in reversed(chosen)}
        snapshot = []
        for order in list(reversed(unique.values()))[:MOST_ORDERS]:
            logistics = None
            if order.get("state") in HAS_LOGISTICS:
                try:
                    logistics = await self._shop.logistics(subject, order["order_no"])
                except NotFound:
                    logistics = None
            taken_at = wire_time(self._workplace.now())
            snapshot.append({"order": order, "logistics": logistics, "taken_at": taken_at})
        return snapshot

    async def _store_orders(self, due: Due, orders: list[Json]) -> None:
        async with self._workplace.changing(due.conversation_id) as change:
            if await outbox.finish(change.connection, due.id, "done", change.now) is not None:
                await line.note_on(change.connection, due.body["handoff_id"], orders=orders)
                change.touch()

    async def _store_customer(self, due: Due, customer_id: str, known: Json) -> None:
        async with self._workplace.changing(due.conversation_id) as change:
            if await outbox.finish(change.connection, due.id, "done", change.now) is not None and known:
                await customers.note_on(change.connection, customer_id, **known)
                change.touch()

    async def _finish(self, due: Due, outcome: str) -> None:
        async with self._workplace.store.writing() as connection:
            await outbox.finish(connection, due.id, outcome, self._workplace.now())
