"""A shop's own phrases for the check before sending; one under a usual phrase's words replaces it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.phrases import USUAL, Phrase
from handoff.tables import send_phrases
from handoff.views import SendPhrase


async def views(connection: AsyncConnection) -> list[SendPhrase]:
    """Usual and own ones; what is switched off is listed too."""
    listed = {phrase.words: _view(phrase, active=True, own=False) for phrase in USUAL}
    for row in await connection.execute(select(send_phrases).order_by(send_phrases.c.words)):
        phrase = Phrase(row.words, row.kind, row.suggestion, tuple(row.variants))
        listed[row.words] = _view(phrase, active=row.active, own=True)
    return list(listed.values())


async def in_force(connection: AsyncConnection) -> list[Phrase]:
    return [
        Phrase(each.words, each.kind, each.suggestion, tuple(each.variants))
        for each in await views(connection)
        if each.active
    ]


async def put(connection: AsyncConnection, words: str, now: datetime, **values: Any) -> None:
    await connection.execute(delete(send_phrases).where(send_phrases.c.words == words))
    await connection.execute(insert(send_phrases).values(words=words, updated_at=now, **values))


def _view(phrase: Phrase, *, active: bool, own: bool) -> SendPhrase:
    return SendPhrase(
        words=phrase.words,
        kind=phrase.kind,
        suggestion=phrase.suggestion,
        variants=list(phrase.variants),
        active=active,
        own=own,
    )
