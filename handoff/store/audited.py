"""Audit rows: appended, never changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.audit import AuditRow
from handoff.tables import audit


async def append(connection: AsyncConnection, row: AuditRow) -> None:
    await connection.execute(insert(audit).values(asdict(row)))


async def chain(connection: AsyncConnection, name: str) -> list[Row[Any]]:
    query = select(audit).where(audit.c.chain == name).order_by(audit.c.number)
    return list((await connection.execute(query)).all())
