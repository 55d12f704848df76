"""What became of answers: shown, helpful or not, handed over; and from it the questions asked most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import zip_longest

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
    """Those shown most; where nothing was shown yet, the first of each category, the largest first."""
    asked = sorted(
        (entry for entry in served if shown.get(entry.id)), key=lambda entry: (-shown[entry.id], entry.place)
    )
    by_category: dict[str, list[Served]] = {}
    for entry in sorted(served, key=lambda entry: entry.place):
        if not shown.get(entry.id):
            by_category.setdefault(entry.content.category, []).append(entry)
    largest_first = sorted(by_category.values(), key=len, reverse=True)
    turns = zip_longest(*largest_first)
    unseen = [entry for turn in turns for entry in turn if entry is not None]
    return (asked + unseen)[:limit]
