"""The parts of a running knowledge base, put together in one place from the settings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog

from knowledge_base import category_thresholds, text
from knowledge_base.catalogue import Catalogue
from knowledge_base.confidence import Confidence
from knowledge_base.editing import Changed, Editing
from knowledge_base.embedder import Embedder, open_embedder
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.errors import TooBusy
from knowledge_base.importing import Importing
from knowledge_base.outsiders import Outsiders
from knowledge_base.search import Found, Policy, Search
from knowledge_base.serving import Serving
from knowledge_base.settings import Settings
from knowledge_base.snapshot import Snapshot
from knowledge_base.snapshot_edit import edited
from knowledge_base.store import Store
from knowledge_base.unanswered import Unanswered

log = structlog.get_logger()

WAITING_PER_THREAD = 64
"""Searches that may wait for a thread; beyond it a caller is told at once instead of waiting past its own limit."""
SWAPS_FOLLOWED = 3


def utc_now() -> datetime:
    return datetime.now(UTC)


class KnowledgeBase:
    """Open it, and it serves and takes edits until it is closed."""

    def __init__(
        self, settings: Settings, embedder: Embedder | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.settings, self.clock = settings, clock
        text.use_dictionary(settings.dictionary)
        model = embedder or open_embedder(settings.embedding_model, settings.default_model, settings.embedding_prefix)
        self.embedder = CachedEmbedder(model, settings.embedding_cache)
        self.store = Store(settings.database_url)
        self.confidence = Confidence.load()
        overall = self.confidence.threshold(settings.target_precision)
        by_category = category_thresholds.load(
            settings.category_thresholds, settings.target_precision, overall, self.embedder.fingerprint
        )
        policy = Policy(overall, self.confidence.suggest_at, by_category)
        self.search = Search(self.embedder, self.confidence, policy, Outsiders.shipped(model))
        self.editing = Editing(self.store, clock)
        self.catalogue = Catalogue(self.store)
        self.importing = Importing(self.store, clock)
        self.unanswered = Unanswered(self.store, self.embedder, clock)
        self.serving = Serving(
            self.store,
            self.embedder,
            settings.snapshots,
            settings.node_name,
            settings.knowledge_poll_seconds,
            settings.stale_after_seconds,
            clock,
        )
        self._threads = ThreadPoolExecutor(settings.search_threads, thread_name_prefix="search")
        self._in_flight = 0
        self._following: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self.store.open()
        self._following = asyncio.create_task(self.serving.run())

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
            await self.serving.close()
        self._threads.shutdown(wait=True, cancel_futures=True)
        await self.store.close()

    async def find(self, asked: str, limit: int = 5, context: Sequence[str] = ()) -> Found:
        """Search what is served. If it was replaced meanwhile, search again: nothing withdrawn leaves this process."""
        for _ in range(SWAPS_FOLLOWED):
            snapshot = self.serving.current()
            found = await self._in_thread(snapshot, asked, limit, context)
            if self.serving.current() is snapshot:
                break
        return found

    async def try_out(self, asked: str, limit: int) -> tuple[Found, set[str]]:
        """Search as if every draft were published: what was found, and the ids that are drafts."""
        drafts = await self.catalogue.drafts()
        snapshot = self.serving.current()
        if drafts:
            changes = {draft.id: draft for draft in drafts}
            snapshot = await asyncio.to_thread(edited, snapshot, snapshot.revision, changes, self.embedder)
        return await self._in_thread(snapshot, asked, limit, ()), {draft.id for draft in drafts}

    async def nodes_serving(self, changed: Changed) -> tuple[int, int] | None:
        """After a change of what customers get: on how many of the live nodes it has arrived."""
        return None if changed.revision is None else await self.serving.published_on(changed.revision)

    async def _in_thread(self, snapshot: Snapshot, asked: str, limit: int, context: Sequence[str]) -> Found:
        if self._in_flight >= self.settings.search_threads * WAITING_PER_THREAD:
            raise TooBusy("查询太多，请稍后再试", retry_after=1)
        self._in_flight += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self.search.find, snapshot, asked, self.clock(), limit, context
            )
        finally:
            self._in_flight -= 1
