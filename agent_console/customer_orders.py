"""A customer's orders for the agent's panel: our id becomes the shop's, and a guest has none."""

from __future__ import annotations

from agent_console.auth import SignedIn
from agent_console.parts import Parts
from handoff.errors import NotFound
from handoff.store import customers
from handoff.views import Json

SHOWN_OF_ADDRESS = 6
"""浙江省杭州市 and the like."""

SHOWN = 20
"""What fits the panel; older orders are found by number."""


async def orders_of(customer_id: str, who: SignedIn, desk: Parts) -> list[Json]:
    """Newest first; none for a guest. Whole addresses for whoever serves this customer, and for supervisors.

    Raises NotFound or ShopAway.
    """
    subject = await _subject(customer_id, desk)
    if subject is None:
        return []
    orders = await desk.shop.orders(subject, "all", SHOWN)
    if who.is_supervisor or await desk.desk.serves(who.id, customer_id):
        return orders
    return [_with_masked_address(order) for order in orders]


def _with_masked_address(order: Json) -> Json:
    """Province and city are enough to answer for somebody else; the door is not."""
    address = order.get("address")
    if not isinstance(address, dict):
        return order
    text, name = str(address.get("text") or ""), str(address.get("name") or "")
    shown = {
        **address,
        "text": text[:SHOWN_OF_ADDRESS] + "***" if text else "",
        "name": name[:1] + "**" if name else "",
    }
    return {**order, "address": shown}


async def logistics_of(customer_id: str, order_no: str, desk: Parts) -> Json:
    """Raises NotFound or ShopAway."""
    subject = await _subject(customer_id, desk)
    if subject is None:
        raise NotFound
    return await desk.shop.logistics(subject, order_no)


async def after_sales_of(customer_id: str, desk: Parts) -> list[Json]:
    """None for a guest. Raises NotFound or ShopAway."""
    subject = await _subject(customer_id, desk)
    return await desk.shop.after_sales(subject) if subject is not None else []


async def _subject(customer_id: str, desk: Parts) -> str | None:
    async with desk.customers.reading() as connection:
        shopper = await customers.get(connection, customer_id)
    if shopper is None:
        raise NotFound
    return None if shopper.guest else shopper.subject
