"""Questions that found no answer: kept for ever without personal data, and grouped by what they ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.editing import new_id
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.errors import NotFound
from knowledge_base.store import Store, lock
from knowledge_base.tables import unanswered, unanswered_groups
from knowledge_base.text import masked, normalised

SAME_QUESTION = 0.93
"""Cosine from which two questions are taken for one: rather a group too many than a question hidden in another."""
COMPARED_GROUPS = 2000
EXAMPLES = 5


class GroupState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Group:
    id: str
    question: str
    state: str
    asked: int
    first_at: datetime
    last_at: datetime
    entry_id: str | None
    examples: list[str]


class Unanswered:
    def __init__(self, store: Store, embedder: CachedEmbedder, clock: Callable[[], datetime]) -> None:
        self._store, self._embedder, self._clock = store, embedder, clock

    async def keep(self, text: str, conversation_id: str, seq: int, reason: str) -> None:
        """Store it once per message, in the group of questions that mean the same."""
        question, now = normalised(text), self._clock()
        async with self._store.read() as connection:
            recent = (
                sa.select(unanswered_groups.c.id, unanswered_groups.c.normalised)
                .where(unanswered_groups.c.state == GroupState.OPEN.value)
                .order_by(unanswered_groups.c.last_at.desc())
                .limit(COMPARED_GROUPS)
            )
            groups = [(row.id, row.normalised) for row in await connection.execute(recent)]
        group_id = await asyncio.to_thread(self._same, question, groups)
        async with self._store.write() as connection:
            await lock(connection)
            key = (unanswered.c.conversation_id == conversation_id, unanswered.c.seq == seq)
            if (await connection.execute(sa.select(unanswered.c.seq).where(*key))).first() is not None:
                return
            group_id = await self._count(connection, group_id, question, masked(text), now)
            await connection.execute(
                sa.insert(unanswered).values(
                    conversation_id=conversation_id,
                    seq=seq,
                    group_id=group_id,
                    text=masked(text),
                    reason=reason,
                    at=now,
                )
            )

    def _same(self, question: str, groups: list[tuple[str, str]]) -> str | None:
        for group_id, other in groups:
            if other == question:
                return group_id
        if not groups:
            return None
        likeness = self._embedder.embed([other for _, other in groups]) @ self._embedder.embed_question(question)
        best = int(np.argmax(likeness))
        return groups[best][0] if likeness[best] >= SAME_QUESTION else None

    async def _count(
        self, connection: AsyncConnection, group_id: str | None, question: str, shown: str, now: datetime
    ) -> str:
        if group_id is None:
            same = sa.select(unanswered_groups.c.id).where(
                unanswered_groups.c.normalised == question, unanswered_groups.c.state == GroupState.OPEN.value
            )
            group_id = (await connection.execute(same.limit(1))).scalar_one_or_none()
        if group_id is not None:
            grown = sa.update(unanswered_groups).where(unanswered_groups.c.id == group_id)
            await connection.execute(grown.values(asked=unanswered_groups.c.asked + 1, last_at=now))
            return group_id
        group_id = new_id()
        await connection.execute(
            sa.insert(unanswered_groups).values(
                id=group_id,
                question=shown,
                normalised=question,
                state=GroupState.OPEN.value,
                asked=1,
                first_at=now,
                last_at=now,
                entry_id=None,
            )
        )
        return group_id

    async def page(self, state: GroupState, limit: int, offset: int) -> tuple[list[Group], int]:
        """The groups asked most often first, each with its newest wordings, and how many groups there are."""
        of_state = unanswered_groups.c.state == state.value
        wanted = (
            sa.select(unanswered_groups)
            .where(of_state)
            .order_by(unanswered_groups.c.asked.desc(), unanswered_groups.c.last_at.desc(), unanswered_groups.c.id)
            .limit(limit)
            .offset(offset)
        )
        async with self._store.read() as connection:
            total = (
                await connection.execute(sa.select(sa.func.count()).select_from(unanswered_groups).where(of_state))
            ).scalar_one()
            rows = (await connection.execute(wanted)).all()
            groups = []
            for row in rows:
                newest = (
                    sa.select(unanswered.c.text)
                    .where(unanswered.c.group_id == row.id)
                    .order_by(unanswered.c.at.desc())
                    .limit(EXAMPLES)
                )
                examples = list((await connection.execute(newest)).scalars())
                groups.append(
                    Group(row.id, row.question, row.state, row.asked, row.first_at, row.last_at, row.entry_id, examples)
                )
        return groups, total

    async def resolve(self, group_id: str, state: GroupState, entry_id: str | None, actor: Actor) -> None:
        """Say what became of a group: answered by an entry, ignored, or open again."""
        now = self._clock()
        async with self._store.write() as connection:
            await lock(connection)
            changing = sa.update(unanswered_groups).where(unanswered_groups.c.id == group_id)
            done = await connection.execute(changing.values(state=state.value, entry_id=entry_id))
            if done.rowcount != 1:
                raise NotFound("没有这组问题")
            details = {"state": state.value, "entry_id": entry_id}
            await audit.record(connection, actor, "resolve_unanswered", group_id, details, now)
