"""The database's tables. Migrations under `migrations/` make them; this is how the code sees them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


class Moment(sa.TypeDecorator[datetime]):
    """A point in time, kept in UTC: SQLite forgets time zones, PostgreSQL keeps them."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


#: One row. `revision` grows with every change of what customers get; `id` tells one knowledge base from another.
knowledge = sa.Table(
    "knowledge",
    metadata,
    sa.Column("only", sa.Integer, primary_key=True),
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("published_version", sa.Integer),
    sa.Column("category", sa.String(64), nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("served", sa.JSON(none_as_null=True)),
    sa.Column("searchable", sa.Text, nullable=False),
    sa.Column("changed_revision", sa.Integer, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("updated_by", sa.String(200), nullable=False),
    sa.Index("entries_changed", "changed_revision"),
    sa.Index("entries_updated", "updated_at", "id"),
)

versions = sa.Table(
    "entry_versions",
    metadata,
    sa.Column("entry_id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor_id", sa.String(100), nullable=False),
    sa.Column("actor_name", sa.String(200), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(100), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

nodes = sa.Table(
    "nodes",
    metadata,
    sa.Column("node", sa.String(200), primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("beat", sa.Integer, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("entry_id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("conversation_id", sa.String(100), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Index("feedback_at", "at"),
)

unanswered_groups = sa.Table(
    "unanswered_groups",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("normalised", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("first_at", Moment, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    sa.Column("entry_id", sa.String(64)),
    sa.Index("unanswered_groups_asked", "state", "asked"),
)

unanswered = sa.Table(
    "unanswered",
    metadata,
    sa.Column("conversation_id", sa.String(100), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("group_id", sa.String(40), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("unanswered_group", "group_id", "at"),
)

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("report", sa.JSON, nullable=False),
)
