"""Which processes answer, and from which revision: each reports itself, and is believed alive while its beat grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge_base.tables import nodes

BEAT_SECONDS = 2.0
GONE_AFTER_SECONDS = 7.0
"""Three beats and a poll. Measured on the watcher's own clock, so wrong clocks elsewhere do not matter."""
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Node:
    node: str
    revision: int
    beat: int
    seen_at: datetime


async def report(connection: AsyncConnection, node: str, revision: int, now: datetime) -> None:
    values = {"revision": revision, "beat": nodes.c.beat + 1, "seen_at": now}
    if not (await connection.execute(sa.update(nodes).where(nodes.c.node == node).values(**values))).rowcount:
        await connection.execute(sa.insert(nodes).values(node=node, revision=revision, beat=1, seen_at=now))
    await connection.execute(sa.delete(nodes).where(nodes.c.seen_at < now - FORGOTTEN_AFTER, nodes.c.node != node))


async def sign_off(connection: AsyncConnection, node: str) -> None:
    await connection.execute(sa.delete(nodes).where(nodes.c.node == node))


async def all_nodes(connection: AsyncConnection) -> list[Node]:
    rows = await connection.execute(sa.select(nodes).order_by(nodes.c.node))
    return [Node(row.node, row.revision, row.beat, row.seen_at) for row in rows]


class Watch:
    """Remembers when each node's beat last grew, by the watcher's monotonic clock."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, float]] = {}

    def alive(self, seen: Sequence[Node], monotonic_now: float) -> list[Node]:
        """The nodes whose beat grew lately; one seen for the first time gets the benefit of the doubt."""
        known = self._last
        self._last = {
            node.node: (node.beat, monotonic_now)
            if node.node not in known or known[node.node][0] != node.beat
            else known[node.node]
            for node in seen
        }
        return [node for node in seen if monotonic_now - self._last[node.node][1] < GONE_AFTER_SECONDS]
