"""Customers: one per shop account or guest, found by what proves them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.tables import customers
from handoff.views import Customer


@dataclass(frozen=True, slots=True)
class Shopper:
    """A customer as stored, one member per column."""

    id: str
    app: str
    subject: str
    guest: bool
    name: str
    level: str
    phone_masked: str | None
    tags: list[str]
    notes: str
    since: str | None
    orders_count: int | None
    spent: float | None
    created_at: datetime
    merged_into: str | None = None
    own_tags: list[str] = field(default_factory=list)

    def view(self) -> Customer:
        return Customer(id=self.id, name=self.name, level=self.level, guest=self.guest)


_GET = select(customers).where(customers.c.id == bindparam("customer_id"))


async def get(connection: AsyncConnection, customer_id: str) -> Shopper | None:
    row = (await connection.execute(_GET, {"customer_id": customer_id})).one_or_none()
    return None if row is None else Shopper(**row._mapping)


async def find(
    connection: AsyncConnection, app: str, guest: bool, subject: str, *, lock: bool = False
) -> Shopper | None:
    """With `lock`, two pages that open at once cannot both begin a conversation."""
    query = select(customers).where(customers.c.app == app, customers.c.guest == guest, customers.c.subject == subject)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else Shopper(**row._mapping)


async def add(connection: AsyncConnection, shopper: Shopper) -> bool:
    """False if another page of the same customer was faster."""
    try:
        async with connection.begin_nested():
            await connection.execute(insert(customers).values(asdict(shopper)))
    except IntegrityError:
        return False
    return True


async def note_on(connection: AsyncConnection, customer_id: str, **changes: Any) -> None:
    await connection.execute(update(customers).where(customers.c.id == customer_id).values(changes))
