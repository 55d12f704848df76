"""Decisions about fetching a person, kept with everything they rested on, beside the agent's verdict."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.card import Decided, Reason
from handoff.identifiers import new_id
from handoff.tables import decisions, handoffs
from handoff.triggers import Decision
from handoff.views import Json

MOST_LISTED = 200

_ADD = insert(decisions)
_OF_CONVERSATION = (
    select(decisions, handoffs.c.person_was_needed, handoffs.c.verdict_by)
    .outerjoin(handoffs, handoffs.c.id == decisions.c.handoff_id)
    .where(decisions.c.conversation_id == bindparam("conversation_id"))
    .order_by(decisions.c.seq, decisions.c.at)
    .limit(MOST_LISTED)
)


async def add(
    connection: AsyncConnection,
    conversation_id: str,
    seq: int,
    at: datetime,
    decision: Decision,
    inputs: Json,
    handoff_id: str | None = None,
) -> None:
    row = {
        "id": new_id(),
        "conversation_id": conversation_id,
        "seq": seq,
        "at": at,
        "hand_over": decision.hand_over,
        "reason": decision.reason,
        "reasons": [reason.as_json() for reason in decision.reasons],
        "severity": decision.severity,
        "attention": decision.attention,
        "inputs": inputs,
        "handoff_id": handoff_id,
    }
    await connection.execute(_ADD, row)


async def of_conversation(connection: AsyncConnection, conversation_id: str) -> list[Decided]:
    rows = await connection.execute(_OF_CONVERSATION, {"conversation_id": conversation_id})
    return [
        Decided(
            seq=row.seq,
            at=row.at,
            hand_over=row.hand_over,
            reason=row.reason,
            reasons=[Reason(**reason) for reason in row.reasons],
            severity=row.severity,
            attention=row.attention,
            inputs=row.inputs,
            handoff_id=row.handoff_id,
            person_was_needed=row.person_was_needed,
            verdict_by=row.verdict_by,
        )
        for row in rows
    ]
