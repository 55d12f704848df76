"""What editors look through: entries by state, category and words, page by page, newest change first."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from knowledge_base.errors import NotFound, Refused
from knowledge_base.faq import Content, Entry, Served, State
from knowledge_base.store import Store, entry_of
from knowledge_base.tables import entries


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    next_cursor: str | None
    total: int


def cursor_after(entry: Entry) -> str:
    plain = json.dumps([entry.updated_at.isoformat(), entry.id])
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        moment, entry_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return datetime.fromisoformat(moment), str(entry_id)
    except (ValueError, TypeError) as error:
        raise Refused("cursor 无效") from error


def containing(words: str) -> sa.ColumnElement[bool]:
    escaped = words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return entries.c.searchable.like(f"%{escaped}%", escape="\\")


class Catalogue:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(
        self,
        state: State | None = None,
        category: str | None = None,
        words: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        wanted: list[sa.ColumnElement[bool]] = [sa.true()]
        if state is not None:
            wanted.append(entries.c.state == state.value)
        if category:
            wanted.append(entries.c.category == category)
        if words:
            wanted.append(containing(words))
        rest = list(wanted)
        if cursor:
            moment, entry_id = read_cursor(cursor)
            older = sa.or_(
                entries.c.updated_at < moment, sa.and_(entries.c.updated_at == moment, entries.c.id > entry_id)
            )
            rest.append(older)
        newest_first = (entries.c.updated_at.desc(), entries.c.id)
        async with self._store.read() as connection:
            total = (
                await connection.execute(sa.select(sa.func.count()).select_from(entries).where(*wanted))
            ).scalar_one()
            rows = (
                await connection.execute(sa.select(entries).where(*rest).order_by(*newest_first).limit(limit + 1))
            ).all()
        page = [entry_of(row) for row in rows[:limit]]
        return Page(page, cursor_after(page[-1]) if len(rows) > limit else None, total)

    async def every(self) -> list[Entry]:
        """All entries with their newest content, as editors made them one after the other."""
        async with self._store.read() as connection:
            rows = (await connection.execute(sa.select(entries).order_by(entries.c.place, entries.c.id))).all()
        return await asyncio.to_thread(lambda: [entry_of(row) for row in rows])

    async def entry(self, entry_id: str) -> Entry:
        async with self._store.read() as connection:
            row = (await connection.execute(sa.select(entries).where(entries.c.id == entry_id))).one_or_none()
        if row is None:
            raise NotFound("没有这个条目")
        return entry_of(row)

    async def categories(self) -> list[tuple[str, int]]:
        counted = (
            sa.select(entries.c.category, sa.func.count()).group_by(entries.c.category).order_by(entries.c.category)
        )
        async with self._store.read() as connection:
            return [(row[0], row[1]) for row in await connection.execute(counted)]

    async def counts(self) -> tuple[int, int]:
        """All entries, and those that customers get."""
        counted = sa.select(sa.func.count(), sa.func.count(entries.c.published_version))
        async with self._store.read() as connection:
            total, published = (await connection.execute(counted)).one()
        return total, published

    async def drafts(self) -> list[Served]:
        """Entries whose newest content is not what is served, for trying out."""
        unpublished = sa.or_(entries.c.published_version.is_(None), entries.c.published_version != entries.c.version)
        wanted = sa.select(entries).where(unpublished, entries.c.state.in_([State.DRAFT.value, State.IN_REVIEW.value]))
        async with self._store.read() as connection:
            rows = (await connection.execute(wanted)).all()
        return [Served(row.id, Content.from_json(row.content), row.version, row.place) for row in rows]
