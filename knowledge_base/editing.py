"""How entries change: every change is a new version, made on condition that the editor saw the newest one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import uuid_utils
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.errors import EditedMeanwhile, NotFound
from knowledge_base.faq import STOPS_SERVING, Content, Entry, Move, State, after, changed_fields
from knowledge_base.store import Store, entry_of, lock, next_place, next_revision
from knowledge_base.tables import entries, versions

CREATED = "create"


@dataclass(frozen=True)
class Changed:
    """The entry after a change; `revision` is set when what customers get has changed with it."""

    entry: Entry
    revision: int | None


@dataclass(frozen=True)
class Version:
    version: int
    at: datetime
    actor: str
    action: str
    state: str
    fields: list[str]
    content: Content


def searchable(content: Content) -> str:
    """What the editor's search box looks through."""
    parts = (content.question, *content.similar, *content.keywords, content.answer)
    return "\n".join(parts).lower()


def new_id() -> str:
    return str(uuid_utils.uuid7())


class Editing:
    """The acts of knowledge managers. Each is one transaction with its version and its audit row."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def create(self, content: Content, actor: Actor) -> Entry:
        entry = Entry(new_id(), State.DRAFT, 1, None, content, self._clock(), actor.label)
        async with self._store.write() as connection:
            await lock(connection)
            await connection.execute(
                sa.insert(entries).values(
                    id=entry.id,
                    place=await next_place(connection),
                    state=entry.state.value,
                    version=1,
                    published_version=None,
                    category=content.category,
                    content=content.as_json(),
                    served=None,
                    searchable=searchable(content),
                    changed_revision=0,
                    updated_at=entry.updated_at,
                    updated_by=entry.updated_by,
                )
            )
            await self._keep_version(connection, entry, CREATED, [])
            await audit.record(connection, actor, CREATED, entry.id, {"version": 1}, entry.updated_at)
        return entry

    async def edit(self, entry_id: str, seen: int, content: Content, actor: Actor) -> Changed:
        async with self._store.write() as connection:
            return await self._change(connection, entry_id, seen, Move.EDIT, content, actor)

    async def move(self, entry_id: str, seen: int, move: Move, actor: Actor) -> Changed:
        async with self._store.write() as connection:
            return await self._change(connection, entry_id, seen, move, None, actor)

    async def roll_back(self, entry_id: str, seen: int, version: int, actor: Actor) -> Changed:
        """Make the content of an older version the newest draft; what is served stays until it is published."""
        async with self._store.write() as connection:
            old = sa.select(versions.c.content).where(versions.c.entry_id == entry_id, versions.c.version == version)
            content = (await connection.execute(old)).scalar_one_or_none()
            if content is None:
                raise NotFound("没有这个条目，或没有这个版本")
            restored = Content.from_json(content)
            return await self._change(connection, entry_id, seen, Move.ROLL_BACK, restored, actor, {"to": version})

    async def history(self, entry_id: str) -> list[Version]:
        """Newest first."""
        wanted = sa.select(versions).where(versions.c.entry_id == entry_id).order_by(versions.c.version.desc())
        async with self._store.read() as connection:
            rows = (await connection.execute(wanted)).all()
        if not rows:
            raise NotFound("没有这个条目")
        return [
            Version(r.version, r.at, r.actor, r.action, r.state, r.fields, Content.from_json(r.content)) for r in rows
        ]

    async def _change(
        self,
        connection: AsyncConnection,
        entry_id: str,
        seen: int,
        move: Move,
        content: Content | None,
        actor: Actor,
        details: dict[str, Any] | None = None,
    ) -> Changed:
        await lock(connection)
        now = self._clock()
        row = (await connection.execute(sa.select(entries).where(entries.c.id == entry_id))).one_or_none()
        if row is None:
            raise NotFound("没有这个条目")
        before = entry_of(row)
        if before.version != seen:
            raise await self._edited_meanwhile(connection, before, seen)
        state = after(before.state, move, is_served=before.is_served)
        content = content or before.content
        values: dict[str, Any] = {
            "state": state.value,
            "version": before.version + 1,
            "category": content.category,
            "content": content.as_json(),
            "searchable": searchable(content),
            "updated_at": now,
            "updated_by": actor.label,
        }
        revision = None
        if move is Move.PUBLISH:
            revision = await next_revision(connection)
            values |= {"published_version": before.version + 1, "served": content.as_json()}
        elif move in STOPS_SERVING and before.is_served:
            revision = await next_revision(connection)
            values |= {"published_version": None, "served": None}
        if revision is not None:
            values["changed_revision"] = revision
        changing = sa.update(entries).where(entries.c.id == entry_id, entries.c.version == seen).values(**values)
        if (await connection.execute(changing)).rowcount != 1:
            raise await self._edited_meanwhile(connection, before, seen)
        published = values.get("published_version", before.published_version)
        entry = Entry(entry_id, state, before.version + 1, published, content, now, actor.label)
        fields = changed_fields(before.content, content)
        await self._keep_version(connection, entry, move.value, fields)
        told = {"version": entry.version, "fields": fields, **(details or {})}
        await audit.record(connection, actor, move.value, entry_id, told, now)
        return Changed(entry, revision)

    async def _edited_meanwhile(self, connection: AsyncConnection, current: Entry, seen: int) -> EditedMeanwhile:
        """What the second of two editors is told: the entry as it is, and what changed since the version they saw."""
        old = sa.select(versions.c.content).where(versions.c.entry_id == current.id, versions.c.version == seen)
        content = (await connection.execute(old)).scalar_one_or_none()
        changed = changed_fields(Content.from_json(content), current.content) if content else []
        return EditedMeanwhile(
            f"{current.updated_by} 刚刚修改过这个条目，请核对后再保存", current=current, changed_fields=changed
        )

    @staticmethod
    async def _keep_version(connection: AsyncConnection, entry: Entry, action: str, fields: list[str]) -> None:
        await connection.execute(
            sa.insert(versions).values(
                entry_id=entry.id,
                version=entry.version,
                at=entry.updated_at,
                actor=entry.updated_by,
                action=action,
                state=entry.state.value,
                fields=fields,
                content=entry.content.as_json(),
            )
        )
