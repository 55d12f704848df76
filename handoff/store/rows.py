"""The console's lists: one query per list, paged by key so that 5,000 rows stay cheap."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, cast, func, or_, select, text
from sqlalchemy import Row as SqlRow
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.conversation import BOT, NOBODY, QUEUE, agent_holder
from handoff.errors import Invalid
from handoff.masking import card_spans, replaced
from handoff.standards import standing
from handoff.store.conversations import holder_is_agent
from handoff.tables import EPOCH, agents, conversations, customers, drafts, queue
from handoff.views import AgentName, Counts, Customer, ListName, Row, RowAlert

# An identity card has 18 places, the last of which may be a letter; a bank card 16 at least.
FEWEST_CARD_DIGITS = 16
# Shorter words would be found inside the names of the facts themselves.
SHORTEST_FACT = 6


async def page(
    connection: AsyncConnection, list_name: ListName, agent_id: str, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    key, descending = _order(list_name)
    query = _rows().where(_belongs(list_name, agent_id))
    if cursor is not None:
        moment, last_id = _read_cursor(cursor)
        beyond = key < moment if descending else key > moment
        id_beyond = conversations.c.id < last_id if descending else conversations.c.id > last_id
        query = query.where(or_(beyond, and_(key == moment, id_beyond)))
    by = (key.desc(), conversations.c.id.desc()) if descending else (key, conversations.c.id)
    query = query.add_columns(key.label("sort_key")).order_by(*by).limit(limit + 1)
    found = (await connection.execute(query)).all()
    following = _write_cursor(found[limit - 1]) if len(found) > limit else None
    return [_row(each) for each in found[:limit]], following


async def get(connection: AsyncConnection, conversation_id: str) -> Row | None:
    found = (await connection.execute(_rows().where(conversations.c.id == conversation_id))).one_or_none()
    return None if found is None else _row(found)


async def found(connection: AsyncConnection, words: str, limit: int) -> list[Row]:
    """Conversations whose customer, last line or understood facts (an order number) hold these words, newest first."""
    c = conversations.c
    holds = [column.contains(words, autoescape=True) for column in (customers.c.name, c.last_text)]
    if len(words) >= SHORTEST_FACT:
        holds.append(cast(c.slots, String).contains(words, autoescape=True))
    if words.isdigit():
        holds.append(customers.c.phone_masked.endswith(words, autoescape=True))
    query = _rows().where(c.last_at.is_not(None), or_(*holds)).order_by(c.last_at.desc(), c.id).limit(limit)
    return [_row(each) for each in await connection.execute(query)]


async def changed(connection: AsyncConnection, after: int | None, limit: int) -> tuple[list[Row], int]:
    """Rows changed since the mark, and the next mark; without a mark only where to begin.

    On PostgreSQL a transaction with a smaller id may commit after one with a larger id. So the mark is the oldest id
    that was still running: nothing can commit unseen behind it, at the price of a row now and then told twice.
    """
    if connection.dialect.name == "sqlite":
        # The highest mark comes last, so a page that was cut off goes on where it ended.
        mark = int((await connection.execute(_HIGHEST_MARK)).scalar_one())
    else:
        mark = int((await connection.execute(_OLDEST_RUNNING)).scalar_one())
    if after is None:
        return [], mark
    found = (await connection.execute(_CHANGED, {"after": after, "limit": limit})).all()
    if len(found) == limit and found[-1].change_mark > after:
        mark = min(mark, found[-1].change_mark)
    return [_row(each) for each in found], mark


async def count(connection: AsyncConnection, agent_id: str) -> Counts:
    names: tuple[ListName, ...] = ("mine", "waiting", "bot", "watch")
    columns = [
        select(func.count()).select_from(conversations).where(_belongs(name, agent_id)).scalar_subquery().label(name)
        for name in names
    ]
    return Counts(**(await connection.execute(select(*columns))).one()._mapping)


def _belongs(list_name: ListName, agent_id: str) -> ColumnElement[bool]:
    c = conversations.c
    if list_name == "mine":
        return c.holder == agent_holder(agent_id)
    if list_name == "waiting":
        return c.holder == QUEUE
    if list_name == "bot":
        # A page that was opened without a word is not a conversation to look at.
        return and_(c.holder == BOT, c.last_at.is_not(None))
    if list_name == "watch":
        return and_(c.holder == BOT, c.attention.is_not(None))
    if list_name == "team":
        return and_(c.holder.startswith("agent:"), c.holder != agent_holder(agent_id))
    return c.holder == NOBODY


def _order(list_name: ListName) -> tuple[ColumnElement[Any], bool]:
    """The sort key, and whether the greatest comes first."""
    if list_name == "waiting":
        return queue.c.place, False
    if list_name == "closed":
        return func.coalesce(conversations.c.closed_at, conversations.c.opened_at), True
    return func.coalesce(conversations.c.last_at, conversations.c.opened_at), True


def _rows() -> Select[Any]:
    return (
        select(
            conversations,
            customers.c.name.label("customer_name"),
            customers.c.level,
            customers.c.guest,
            agents.c.id.label("agent_id"),
            agents.c.name.label("agent_name"),
            drafts.c.text.label("draft"),
        )
        .join(customers, customers.c.id == conversations.c.customer_id)
        .outerjoin(agents, holder_is_agent())
        .outerjoin(drafts, and_(drafts.c.conversation_id == conversations.c.id, drafts.c.agent_id == agents.c.id))
        .outerjoin(queue, queue.c.conversation_id == conversations.c.id)
    )


_HIGHEST_MARK = select(func.coalesce(func.max(conversations.c.change_mark), 0) + 1)
_OLDEST_RUNNING = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
_CHANGED = (
    _rows()
    .add_columns(conversations.c.change_mark)
    .where(conversations.c.change_mark >= bindparam("after"))
    .order_by(conversations.c.change_mark)
    .limit(bindparam("limit"))
)


def _row(row: SqlRow[Any]) -> Row:
    return Row(
        id=row.id,
        customer=Customer(id=row.customer_id, name=row.customer_name, level=row.level, guest=row.guest),
        holder=row.holder,
        holder_version=row.holder_version,
        agent=AgentName(id=row.agent_id, name=row.agent_name) if row.agent_id else None,
        group=row.group_id,
        reason=row.reason,
        last_text=_preview(row.last_text),
        last_at=row.last_at,
        last_author=row.last_author,
        waiting_since=row.waiting_since,
        unread=row.unread,
        head_seq=row.head_seq,
        emotion=row.emotion,
        intent=row.intent,
        draft=row.draft or "",
        snoozed_until=row.snoozed_until,
        alert=_alert(row),
        revision=row.row_revision,
    )


def _preview(text: str) -> str:
    """The lists show no card's number either; nearly every line is too short on digits for one."""
    return replaced(text, card_spans(text)) if sum(map(str.isdigit, text)) >= FEWEST_CARD_DIGITS else text


def _alert(row: SqlRow[Any]) -> RowAlert | None:
    alert = standing(row.alerted or {}, row.answered and row.holder != QUEUE, row.unanswered_since)
    return None if alert is None else RowAlert(clock=alert[0], state=alert[1])


def _write_cursor(row: SqlRow[Any]) -> str:
    return f"{(row.sort_key - EPOCH) // timedelta(milliseconds=1)}.{row.id}"


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    milliseconds, _, last_id = cursor.partition(".")
    try:
        return EPOCH + timedelta(milliseconds=int(milliseconds)), last_id
    except (ValueError, OverflowError):
        raise Invalid("cursor", "无效的翻页位置") from None
