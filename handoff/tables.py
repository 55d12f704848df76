"""The tables; the conversation id is the shard key, and only a group's queue has an order across conversations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """UTC milliseconds since 1970 as an integer: the same order, precision and arithmetic on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(milliseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(milliseconds=int(value))


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

customers = Table(
    "customers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("app", String(64), nullable=False),
    # A member's subject is the shop's customer id, a guest's the digest that his cookie proves.
    Column("subject", String(200), nullable=False),
    Column("guest", Boolean, nullable=False),
    Column("name", String(200), nullable=False),
    Column("level", String(32), nullable=False),
    Column("phone_masked", String(32)),
    Column("tags", JSON, nullable=False),
    # What agents say of him, beside the shop's own tags, which every refresh replaces.
    Column("own_tags", JSON, nullable=False),
    Column("notes", Text, nullable=False),
    Column("since", String(40)),
    Column("orders_count", Integer),
    Column("spent", Float),
    Column("created_at", Moment, nullable=False),
    Column("merged_into", String(64)),
    UniqueConstraint("app", "guest", "subject"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("customer_id", String(64), ForeignKey("customers.id"), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("page", JSON, nullable=False),
    # Who may speak, and how often that has changed: the fencing token.
    Column("holder", String(80), nullable=False),
    Column("holder_version", Integer, nullable=False),
    Column("holder_since", Moment, nullable=False),
    Column("head_seq", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("outcome", String(32)),
    Column("category", String(100)),
    Column("rated", Boolean, nullable=False),
    Column("stars", Integer),
    # What the bot needs back at the next turn; Rasa itself may be wiped at any time.
    Column("session", Integer, nullable=False),
    Column("session_turns", Integer, nullable=False),
    Column("session_from_seq", Integer, nullable=False),
    # What the customer wrote before this was dealt with by a person; the bot does not answer it any more.
    Column("bot_from_seq", Integer, nullable=False),
    Column("slots", JSON, nullable=False),
    Column("bot_note", Text),
    # What the lists of the console show.
    Column("group_id", String(64)),
    Column("reason", String(32)),
    Column("intent", String(100)),
    Column("emotion", Float),
    Column("attention", Float),
    Column("waiting_since", Moment),
    Column("last_text", String(200), nullable=False),
    Column("last_at", Moment),
    Column("last_author", String(16)),
    Column("unread", Integer, nullable=False),
    Column("row_revision", Integer, nullable=False),
    # Where this row's last change stands among all rows' changes (see store: changed rows).
    Column("change_mark", BigInteger, nullable=False),
    Column("handoff_id", String(64)),
    Column("last_agent_id", String(64)),
    # Whether the holding agent has said something since the claim.
    Column("answered", Boolean, nullable=False),
    # Since when a customer who is with a person has waited for the next word.
    Column("unanswered_since", Moment),
    Column("snoozed_until", Moment),
    # Which service clocks have warned or run out already (see standards): each says so once.
    Column("alerted", JSON, nullable=False),
    Column("customer_read_seq", Integer, nullable=False),
    Column("staff_read_seq", Integer, nullable=False),
    # Head of this conversation's chain of audit rows.
    Column("audit_number", Integer, nullable=False),
    Column("audit_hash", String(64), nullable=False),
    Index(None, "customer_id", "opened_at"),
    Index(None, "holder", "last_at"),
    Index(None, "change_mark"),
)

events = Table(
    "events",
    metadata,
    Column("conversation_id", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("author_role", String(16), nullable=False),
    Column("author_id", String(64), nullable=False),
    Column("author_name", String(200), nullable=False),
    Column("client_msg_id", String(100)),
    # What was sent under the client's id, to tell a retry from another message under the same id.
    Column("fingerprint", String(64)),
    Column("audience", String(8), nullable=False),
    Column("body", JSON, nullable=False),
    Column("recalled_by", Integer),
    UniqueConstraint("conversation_id", "client_msg_id"),
)

# Every decision to fetch a person, with its inputs, what became of it and the agent's verdict.
handoffs = Table(
    "handoffs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("group_id", String(64), nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("orders", JSON),
    # A model's words, where one is configured; the card has its own without.
    Column("summary", JSON(none_as_null=True)),
    Column("claimed_by", String(64)),
    Column("claimed_at", Moment),
    Column("first_answer_at", Moment),
    Column("ended_at", Moment),
    Column("ended_how", String(32)),
    Column("person_was_needed", Boolean),
    Column("verdict_by", String(64)),
    Index(None, "conversation_id", "seq"),
    Index(None, "group_id", "ended_at"),
)

# Every weighing of whether a person is needed at which anything was noticed, also those that kept the bot.
decisions = Table(
    "decisions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False),
    # The last event that the decision knew.
    Column("seq", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("hand_over", Boolean, nullable=False),
    Column("reason", String(32)),
    Column("reasons", JSON, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("attention", Float),
    Column("inputs", JSON, nullable=False),
    Column("handoff_id", String(64)),
    Index(None, "conversation_id", "seq"),
    Index(None, "at"),
)

# Live rows only: the primary key makes a second one for the same conversation impossible.
queue = Table(
    "queue",
    metadata,
    Column("conversation_id", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("handoff_id", String(64), nullable=False, unique=True),
    Column("group_id", String(64), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("waiting_since", Moment, nullable=False),
    # waiting_since less the head start of severity: sorting by it is fair and starves nobody.
    Column("place", Moment, nullable=False),
    Column("preferred_agent_id", String(64)),
    # How often the customer was told that he is not forgotten.
    Column("reminders", Integer, nullable=False),
    # Differs from waiting_since when another group has taken the customer over.
    Column("in_group_since", Moment),
    Index(None, "group_id", "place"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("holder_version", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("leased_by", String(64)),
    Column("leased_until", Moment),
    Column("attempts", Integer, nullable=False),
    Column("done_at", Moment),
    Column("outcome", String(32)),
    Index(None, "done_at", "kind", "conversation_id", "seq"),
)

promises = Table(
    "promises",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("conversation_id", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("owner", String(80), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("made_seq", Integer, nullable=False),
    Column("kept_seq", Integer),
    Column("withdrawn_seq", Integer),
    Column("warned_at", Moment),
    Column("overdue_told_at", Moment),
    Index(None, "conversation_id"),
    Index(None, "kept_seq", "due_at"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    # Weekly hours and holidays (see hours); none means always open.
    Column("hours", JSON(none_as_null=True)),
    Column("holidays", JSON(none_as_null=True)),
    # Who helps out when this group is closed, full, or after so many seconds of waiting.
    Column("overflow_to", String(64)),
    Column("overflow_seconds", Integer),
    Column("queue_limit", Integer),
    Column("standards", JSON(none_as_null=True)),
    # "automatic": waiting customers are given to agents (see dispatch); else agents take them.
    Column("assignment", String(16)),
    # Languages beside Chinese that customers of this group may write in, such as "en".
    Column("languages", JSON(none_as_null=True)),
)

agents = Table(
    "agents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("presence", String(16), nullable=False),
    Column("presence_reason", String(100), nullable=False),
    # Beaten by an open console; presence is honest by it, but it never decides who holds a conversation.
    Column("seen_at", Moment),
    Column("gone_since", Moment),
    Column("created_at", Moment, nullable=False),
)

agent_groups = Table(
    "agent_groups",
    metadata,
    Column("agent_id", String(64), ForeignKey("agents.id"), primary_key=True),
    Column("group_id", String(64), ForeignKey("groups.id"), primary_key=True),
    Column("level", Integer, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("conversation_id", String(64), ForeignKey("conversations.id"), primary_key=True),
    Column("agent_id", String(64), ForeignKey("agents.id"), primary_key=True),
    Column("text", Text, nullable=False),
)

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", String(64), primary_key=True),
    # An agent's id, or empty for everybody's: a null would not count against the unique shortcut.
    Column("owner", String(64), nullable=False),
    Column("category", String(50), nullable=False),
    Column("group_id", String(64), ForeignKey("groups.id")),
    Column("shortcut", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("owner", "shortcut"),
)

# A shop's own phrases for the check before sending.
send_phrases = Table(
    "send_phrases",
    metadata,
    Column("words", String(50), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("suggestion", String(200), nullable=False),
    Column("variants", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

# One chain of hashes per conversation, so that keeping it needs no lock beyond the conversation's own.
audit = Table(
    "audit",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("act", String(64), nullable=False),
    Column("details", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
