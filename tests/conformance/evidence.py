"""What there is to judge a desk by: what the database holds, and what people were told and saw."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, select

from handoff.store import Store
from handoff.tables import agents, audit, conversations, events, handoffs, promises, queue

Record = dict[str, Any]


class Ack(NamedTuple):
    """One promise: this message is stored for ever, under this id and number."""

    conversation_id: str
    client_msg_id: str
    message_id: str
    seq: int


@dataclass
class Absence:
    """An agent had no window open from then until then."""

    agent_id: str
    since: datetime
    until: datetime | None = None


@dataclass
class View:
    """One reader's memory of one conversation: what it was shown under each number."""

    reader: str
    conversation_id: str
    ids: dict[int, str] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)

    def take(self, seq: int, event_id: str | None) -> None:
        """A stub for a hidden event has no id: it proves the number and says nothing else."""
        known = self.ids.get(seq)
        if known is not None and event_id is not None and known != event_id:
            self.contradictions.append(f"{self.reader}: seq {seq} was {known} and is {event_id}")
        self.ids[seq] = event_id or known or ""

    @property
    def contiguous(self) -> int:
        seq = 0
        while seq + 1 in self.ids:
            seq += 1
        return seq


@dataclass(frozen=True)
class Ledger:
    """The whole database at one moment, rows as they are."""

    conversations: list[Record]
    events: list[Record]
    queue: list[Record]
    handoffs: list[Record]
    agents: list[Record]
    audit: list[Record]
    promises: list[Record]

    @property
    def logs(self) -> dict[str, list[Record]]:
        """Each conversation's events in the order of their numbers."""
        found: dict[str, list[Record]] = defaultdict(list)
        for event in sorted(self.events, key=lambda each: each["seq"]):
            found[event["conversation_id"]].append(event)
        return found

    @property
    def chains(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = defaultdict(list)
        for row in sorted(self.audit, key=lambda each: each["number"]):
            found[row["chain"]].append(row)
        return found


async def read_ledger(store: Store) -> Ledger:
    async with store.reading() as connection:

        async def rows(table: Table) -> list[Record]:
            return [dict(row._mapping) for row in await connection.execute(select(table))]

        return Ledger(
            await rows(conversations),
            await rows(events),
            await rows(queue),
            await rows(handoffs),
            await rows(agents),
            await rows(audit),
            await rows(promises),
        )
