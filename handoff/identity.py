"""Who a page's visitor proved to be, and the customer that the desk knows by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import bodies
from handoff.identifiers import new_id
from handoff.store import customers
from handoff.store.customers import Shopper

GUEST_NAME = "访客"


@dataclass(frozen=True, slots=True)
class Identity:
    """For a member `subject` is the shop's customer id, for a guest what only his cookie can produce."""

    app: str
    subject: str
    name: str | None = None
    level: str | None = None
    guest: bool = True


async def known_shopper(connection: AsyncConnection, identity: Identity, now: datetime) -> Shopper:
    """Finds or adds the customer, locks him, and takes over what the shop has signed about him."""
    identity = _cleaned(identity)
    who = (identity.app, identity.guest, identity.subject)
    found = await customers.find(connection, *who, lock=True)
    if found is None:
        await customers.add(connection, _new(identity, now))
        found = await customers.find(connection, *who, lock=True)
        assert found is not None, "added now, or by another page a moment ago"
    signed = replace(found, name=identity.name or found.name, level=identity.level or found.level)
    if signed != found:
        await customers.note_on(connection, found.id, name=signed.name, level=signed.level)
    return signed


def _new(identity: Identity, now: datetime) -> Shopper:
    return Shopper(
        id=new_id(),
        app=identity.app,
        subject=identity.subject,
        guest=identity.guest,
        name=identity.name or GUEST_NAME,
        level=identity.level or "normal",
        phone_masked=None,
        tags=[],
        notes="",
        since=None,
        orders_count=None,
        spent=None,
        created_at=now,
    )


def _cleaned(identity: Identity) -> Identity:
    return replace(
        identity,
        app=bodies.clean_text(identity.app, "app", limit=64),
        subject=bodies.clean_text(identity.subject, "subject", limit=200),
        name=bodies.clean_text(identity.name, "name", limit=200) if identity.name else None,
        level=bodies.clean_text(identity.level, "level", limit=32) if identity.level else None,
    )
