"""What became of answers: shown, helpful or not, handed over; and from it the questions asked most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from knowledge_base.faq import Served
from knowledge_base.store import Store
from knowledge_base.tables import feedback

HOT_WITHIN = timedelta(days=30)


class Kind(StrEnum):
    SHOWN = "shown"
    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"
    HANDED_OVER = "handed_over"


async def record(store: Store, entry_id: str, kind: Kind, conversation_id: str, seq: int, now: datetime) -> None:
    """Keep it once: told twice it still counts once."""
    key = {"entry_id": entry_id, "kind": kind.value, "conversation_id": conversation_id, "seq": seq}
    async with store.write() as connection:
        there = sa.select(feedback.c.seq).where(*[feedback.c[name] == value for name, value in key.items()])
        if (await connection.execute(there)).first() is None:
            await connection.execute(sa.insert(feedback).values(**key, at=now))


async def shown_counts(store: Store, now: datetime) -> dict[str, int]:
    counted = (
        sa.select(feedback.c.entry_id, sa.func.count())
        .where(feedback.c.kind == Kind.SHOWN.value, feedback.c.at > now - HOT_WITHIN)
        .group_by(feedback.c.entry_id)
    )
    async with store.read() as connection:
        return {row[0]: row[1] for row in await connection.execute(counted)}


def hottest(served: Sequence[Served], shown: dict[str, int], limit: int) -> list[Served]:
    """Those shown most; where nothing was shown yet, one of each category in turn, so that the list is varied."""
    asked = sorted((e for e in served if shown.get(e.id)), key=lambda entry: (-shown[entry.id], entry.id))
    by_category: dict[str, list[Served]] = {}
    for entry in served:
        if not shown.get(entry.id):
            by_category.setdefault(entry.content.category, []).append(entry)
    turn = sorted(
        (place, category, entry.id, entry)
        for category, own in by_category.items()
        for place, entry in enumerate(own)
    ) if len(asked) < limit else []  # fmt: skip
    return (asked + [entry for *_, entry in turn])[:limit]
