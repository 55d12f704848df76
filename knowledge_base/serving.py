"""Keeps the snapshot that answers in step with the store: polls, makes the next beside it, swaps one reference."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import structlog

from knowledge_base import nodes, snapshot_files
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.errors import KnowledgeBaseAway, StorageUnavailable
from knowledge_base.nodes import BEAT_SECONDS, Node, Watch
from knowledge_base.snapshot import Snapshot, build
from knowledge_base.snapshot_edit import edited, folded, is_due_for_folding
from knowledge_base.store import Head, Store, changed_since, head_of, served_entries

log = structlog.get_logger()

QUIET_BEFORE_SAVING_SECONDS = 2.0
"""A series of edits is written to disk once; until then a restart costs a short catching up."""
RESTS_AFTER_SAVING = 20
"""So many times as long as folding and saving took it rests before it does so again: half a minute at a million."""
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
        self._keeping: asyncio.Task[None] | None = None
        self._rests_until = 0.0

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
                warm = None  # its memory goes when the snapshot that follows is made anew
                await self._report()
                self._keep_when_due()
            except StorageUnavailable:
                log.warning("store_unreachable", mode=self.mode)
            except Exception:
                log.exception("refresh_failed")
            await asyncio.sleep(self._poll_seconds)

    async def refresh(self, base: Snapshot | None = None) -> int:
        """Bring the snapshot up to the store's revision and return it. Starts from `base`, if given, instead of the
        snapshot that answers."""
        async with self._building:
            base = base or self._snapshot
            async with self._store.read() as connection:
                head = await head_of(connection)
                if base is not None and _is_ahead_of(base, head):
                    base = None
                if base is None:
                    entries = await served_entries(connection)
                elif base.revision < head.revision:
                    changes = await changed_since(connection, base.revision)
            self._reached_at = time.monotonic()
            if base is not None and base.revision == head.revision:
                if self._snapshot is not base:
                    self._swap(base, 0.0)
                return head.revision
            started = time.monotonic()
            if base is None:
                built = await asyncio.to_thread(
                    build, head.knowledge_id, head.revision, entries, self._embedder, None, self._told
                )
            else:
                built = await asyncio.to_thread(edited, base, head.revision, changes, self._embedder, self._told)
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

    def _keep_when_due(self) -> None:
        """Fold when searches begin to feel the edits, fold and save when it is quiet. Beside the polling, which has to
        go on: other nodes' edits come in and this node's beat goes out meanwhile."""
        if self._snapshot is None or (self._keeping is not None and not self._keeping.done()):
            return
        now = time.monotonic()
        is_quiet = now - self._swapped_at >= QUIET_BEFORE_SAVING_SECONDS and now >= self._rests_until
        if is_quiet and self._snapshot.revision != self._saved:
            self._keeping = asyncio.create_task(self._keep(self.save))
        elif is_due_for_folding(self._snapshot):
            self._keeping = asyncio.create_task(self._keep(self.fold))

    async def _keep(self, work: Callable[[], Awaitable[None]]) -> None:
        started = time.monotonic()
        try:
            await work()
        except StorageUnavailable:
            log.warning("store_unreachable", mode=self.mode)
        except Exception:
            log.exception("snapshot_not_kept")
        now = time.monotonic()
        self._rests_until = now + RESTS_AFTER_SAVING * (now - started)

    async def fold(self) -> None:
        """Serve from indexes made anew if there were edits since they were. Edits that come in meanwhile are made again
        on top of them, before they are swapped in."""
        before = self._snapshot
        if before is None or before.is_folded:
            return
        made = await asyncio.to_thread(folded, before)
        if self._snapshot is not None and not self._snapshot.is_folded:  # else an import made all anew meanwhile
            await self.refresh(made)

    async def save(self) -> None:
        """Fold, then write to disk; an edit that came in meanwhile leaves that to the next quiet moment."""
        await self.fold()
        snapshot = self._snapshot
        if snapshot is None or snapshot.revision == self._saved or not snapshot.is_folded:
            return
        self._saved = snapshot.revision  # also after a failure: the next revision tries again, not the next poll
        try:
            await asyncio.to_thread(snapshot_files.save, snapshot, self._folder)
        except OSError as error:
            log.error("snapshot_not_saved", error=str(error), consequence="the next start builds the index anew")

    async def close(self) -> None:
        if self._keeping is not None:
            await self._keeping
        await self._keep(self.save)
        try:
            async with self._store.write() as connection:
                await nodes.sign_off(connection, self._node)
        except StorageUnavailable:
            log.warning("not_signed_off", node=self._node)


def _is_ahead_of(snapshot: Snapshot, head: Head) -> bool:
    """Whether the store is another one, or was set back to an older state: nothing of the snapshot can be trusted."""
    return snapshot.knowledge_id != head.knowledge_id or snapshot.revision > head.revision
