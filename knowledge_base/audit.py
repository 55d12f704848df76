"""Who did what, one row an act, each sealed with a hash over the row before: a missing or altered row shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge_base.tables import audit

FIRST_HASH = "0" * 64


@dataclass(frozen=True)
class Actor:
    """The person an act is booked on; the desk vouches for them."""

    id: str
    name: str

    @property
    def label(self) -> str:
        return self.name or self.id


def seal(previous: str, number: int, actor: Actor, action: str, subject: str, details: Mapping[str, Any]) -> str:
    plain = json.dumps(
        [previous, number, actor.id, actor.name, action, subject, details], ensure_ascii=False, sort_keys=True
    )
    return hashlib.sha256(plain.encode()).hexdigest()


async def record(
    connection: AsyncConnection, actor: Actor, action: str, subject: str, details: Mapping[str, Any], now: datetime
) -> None:
    """Add a row in the caller's transaction, which holds the store's lock."""
    newest = sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    last = (await connection.execute(newest)).first()
    number = last.number + 1 if last else 1
    await connection.execute(
        sa.insert(audit).values(
            number=number,
            at=now,
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            subject=subject,
            details=dict(details),
            hash=seal(last.hash if last else FIRST_HASH, number, actor, action, subject, details),
        )
    )


async def broken_at(connection: AsyncConnection) -> int | None:
    """The number of the first row that does not fit the chain; None if all fit."""
    previous, expected = FIRST_HASH, 1
    for row in await connection.execute(sa.select(audit).order_by(audit.c.number)):
        actor = Actor(row.actor_id, row.actor_name)
        sealed = seal(previous, row.number, actor, row.action, row.subject, row.details)
        if row.number != expected or row.hash != sealed:
            return int(row.number)
        previous, expected = row.hash, row.number + 1
    return None
