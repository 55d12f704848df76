"""Keeps the snapshot that answers in step with the store: polls, builds beside the old one, swaps one reference."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from knowledge_base import nodes, snapshot_files
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.errors import KnowledgeBaseAway, StorageUnavailable
from knowledge_base.faq import Served
from knowledge_base.nodes import BEAT_SECONDS, Node, Watch
from knowledge_base.snapshot import Snapshot, build
from knowledge_base.store import Head, Store, changed_since, head_of, served_entries

log = structlog.get_logger()

QUIET_BEFORE_SAVING_SECONDS = 2.0
"""A series of edits is written to disk once; until then a restart costs a short catching up."""
WAIT_FOR_NODES_SECONDS = 2.0


class Serving:
    """`snapshot` is replaced whole, never changed: whoever took a reference keeps answering from it undisturbed."""

    def __init__(
        self,
        store: Store,
        embedder: CachedEmbedder,
        folder: Path,
        node: str,
        poll_seconds: float,
        stale_after_seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._store, self._embedder, self._folder, self._clock = store, embedder, folder, clock
        self._node, self._poll_seconds, self._stale_after = node, poll_seconds, stale_after_seconds
        self._building = asyncio.Lock()
        self._watch = Watch()
        self._alive: list[Node] = []
        self._snapshot: Snapshot | None = None
        self._swapped_at = self._reached_at = time.monotonic()
        self._beat_at = 0.0
        self._reported: int | None = None
        self._saved: int | None = None

    @property
    def is_ready(self) -> bool:
        return self._snapshot is not None and not self.is_stale

    @property
    def is_stale(self) -> bool:
        return time.monotonic() - self._reached_at > self._stale_after

    @property
    def mode(self) -> str:
        """`starting`, `normal`, `store_away` (still answering) or `stale` (no longer answering)."""
        if self._snapshot is None:
            return "starting"
        if self.is_stale:
            return "stale"
        return "normal" if time.monotonic() - self._reached_at < 2 * self._poll_seconds + 2 else "store_away"

    @property
    def latest(self) -> Snapshot | None:
        return self._snapshot

    def current(self) -> Snapshot:
        """The snapshot to answer from. Refuses rather than quote what may have been withdrawn."""
        if self._snapshot is None:
            raise KnowledgeBaseAway("知识库正在启动，请稍后再试")
        if self.is_stale:
            raise StorageUnavailable("知识库暂时连不上数据库，先不作答")
        return self._snapshot

    async def run(self) -> None:
        """Until cancelled: start warm, then keep up. Trouble is logged and tried again, for answering must go on."""
        warm = await asyncio.to_thread(
            snapshot_files.load,
            self._folder,
            self._embedder.fingerprint,
            self._embedder.dimensions,
            self._embedder.word_space,
        )
        if warm is not None:
            self._saved = warm.revision
        while True:
            try:
                await self.refresh(warm)
                await self._report()
                await self._save_when_quiet()
            except StorageUnavailable:
                log.warning("store_unreachable", mode=self.mode)
            except Exception:
                log.exception("refresh_failed")
            await asyncio.sleep(self._poll_seconds)

    async def refresh(self, warm: Snapshot | None = None) -> int:
        """Bring the snapshot up to the store's revision and return it."""
        async with self._building:
            base = self._snapshot or warm
            async with self._store.read() as connection:
                head = await head_of(connection)
                if base is not None and _is_ahead_of(base, head):
                    base = None
                if base is None:
                    entries = await served_entries(connection)
                elif base.revision < head.revision:
                    changes = await changed_since(connection, base.revision)
                    entries = apply(base, changes)
            self._reached_at = time.monotonic()
            if base is not None and base.revision == head.revision:
                if self._snapshot is None:
                    self._swap(base, 0.0)
                return head.revision
            started = time.monotonic()
            built = await asyncio.to_thread(
                build, head.knowledge_id, head.revision, entries, self._embedder, base, self._told
            )
            self._swap(built, time.monotonic() - started)
            return head.revision

    def _told(self, done: int, total: int) -> None:
        log.info("embedding", done=done, total=total)

    def _swap(self, snapshot: Snapshot, seconds: float) -> None:
        self._snapshot = snapshot
        self._swapped_at = self._reached_at = time.monotonic()
        log.info(
            "serving",
            revision=snapshot.revision,
            entries=len(snapshot.entries),
            phrasings=len(snapshot.phrasings),
            build_ms=round(1000 * seconds),
        )

    async def _report(self) -> None:
        """Beat, and see who else does. Written only when due: a write a poll would be a sync to disk a poll."""
        if self._snapshot is None:
            return
        now = time.monotonic()
        if self._reported != self._snapshot.revision or now - self._beat_at >= BEAT_SECONDS:
            revision = self._snapshot.revision
            async with self._store.write() as connection:
                await nodes.report(connection, self._node, revision, self._clock())
            self._reported, self._beat_at = revision, now
        await self._look_around()

    async def _look_around(self) -> list[Node]:
        async with self._store.read() as connection:
            seen = await nodes.all_nodes(connection)
        self._alive = self._watch.alive(seen, time.monotonic())
        return self._alive

    async def published_on(self, revision: int) -> tuple[int, int]:
        """Serve `revision` here, then wait a moment for the others: (nodes that serve it, nodes alive)."""
        await self.refresh()
        await self._report()
        give_up = time.monotonic() + WAIT_FOR_NODES_SECONDS
        while True:
            alive = await self._look_around()
            serving = sum(node.revision >= revision for node in alive)
            if serving >= len(alive) or time.monotonic() >= give_up:
                return serving, len(alive)
            await asyncio.sleep(0.05)

    async def nodes(self) -> list[Node]:
        return await self._look_around()

    async def _save_when_quiet(self) -> None:
        snapshot = self._snapshot
        if snapshot is None or snapshot.revision == self._saved:
            return
        if time.monotonic() - self._swapped_at >= QUIET_BEFORE_SAVING_SECONDS:
            await self.save()

    async def save(self) -> None:
        snapshot = self._snapshot
        if snapshot is None or snapshot.revision == self._saved:
            return
        self._saved = snapshot.revision  # also after a failure: the next revision tries again, not the next poll
        try:
            await asyncio.to_thread(snapshot_files.save, snapshot, self._folder)
        except OSError as error:
            log.error("snapshot_not_saved", error=str(error), consequence="the next start builds the index anew")

    async def close(self) -> None:
        await self.save()
        try:
            async with self._store.write() as connection:
                await nodes.sign_off(connection, self._node)
        except StorageUnavailable:
            log.warning("not_signed_off", node=self._node)


def _is_ahead_of(snapshot: Snapshot, head: Head) -> bool:
    """Whether the store is another one, or was set back to an older state: nothing of the snapshot can be trusted."""
    return snapshot.knowledge_id != head.knowledge_id or snapshot.revision > head.revision


def apply(base: Snapshot, changes: dict[str, Served | None]) -> list[Served]:
    kept = {entry.id: entry for entry in base.entries}
    for entry_id, entry in changes.items():
        if entry is None:
            kept.pop(entry_id, None)
        else:
            kept[entry_id] = entry
    return list(kept.values())
