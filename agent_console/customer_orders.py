"""A customer's orders for the agent's panel: our id becomes the shop's, and a guest has none."""

from __future__ import annotations

from agent_console.parts import Parts
from handoff.errors import NotFound
from handoff.store import customers
from handoff.views import Json

SHOWN = 20
"""What fits the panel; older orders are found by number."""


async def orders_of(customer_id: str, desk: Parts) -> list[Json]:
    """Newest first; none for a guest. Raises NotFound or ShopAway."""
    subject = await _subject(customer_id, desk)
    return await desk.shop.orders(subject, "all", SHOWN) if subject is not None else []


async def logistics_of(customer_id: str, order_no: str, desk: Parts) -> Json:
    """Raises NotFound or ShopAway."""
    subject = await _subject(customer_id, desk)
    if subject is None:
        raise NotFound
    return await desk.shop.logistics(subject, order_no)


async def _subject(customer_id: str, desk: Parts) -> str | None:
    async with desk.customers.reading() as connection:
        shopper = await customers.get(connection, customer_id)
    if shopper is None:
        raise NotFound
    return None if shopper.guest else shopper.subject
