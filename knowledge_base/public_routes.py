"""What customers' side asks: search, entries, hot questions, completion, feedback, unanswered questions, health."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from knowledge_base import feedback, shapes, text
from knowledge_base.drafts import clean
from knowledge_base.errors import Invalid, NotFound, StorageUnavailable
from knowledge_base.faq import Served
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.shapes import Asked, GivenFeedback, NotAnswered
from knowledge_base.snapshot import Snapshot

router = APIRouter(prefix="/api/v1", tags=["customers"])
health = APIRouter(tags=["health"])

MOST_HOT, MOST_COMPLETIONS = 50, 20


async def knowledge_base(request: Request) -> KnowledgeBase:  # a plain function would be called in a thread
    base: KnowledgeBase = request.app.state.knowledge_base
    return base


Knowledge = Annotated[KnowledgeBase, Depends(knowledge_base)]


@router.post("/search", operation_id="search")
async def search(asked: Asked, base: Knowledge, request: Request) -> dict[str, Any]:
    found = await base.find(asked.text, asked.limit, asked.context)
    request.app.state.metrics.searched(found)
    return shapes.found_json(found, asked.channel, base.serving.latest, base.clock(), explain=asked.explain)


@router.get("/entries/{entry_id}", operation_id="get_published_entry")
async def published_entry(entry_id: str, base: Knowledge, channel: str | None = None) -> dict[str, Any]:
    snapshot, now = base.serving.current(), base.clock()
    entry = snapshot.entry(entry_id)
    if entry is None or not entry.content.is_valid_at(now):
        raise NotFound("没有这个条目")
    return shapes.served_json(entry, channel, snapshot, now)


@router.get("/hot-questions", operation_id="hot_questions")
async def hot_questions(
    base: Knowledge, limit: Annotated[int, Query(ge=1, le=MOST_HOT)] = 8, category: str | None = None
) -> dict[str, Any]:
    now = base.clock()
    served = [
        entry
        for entry in base.serving.current().entries
        if entry.content.is_valid_at(now) and (not category or entry.content.category == category)
    ]
    shown = await feedback.shown_counts(base.store, now)
    return {"questions": [_named(entry) for entry in feedback.hottest(served, shown, limit)]}


@router.get("/complete", operation_id="complete")
async def complete(
    base: Knowledge, q: str = "", limit: Annotated[int, Query(ge=1, le=MOST_COMPLETIONS)] = 5
) -> dict[str, Any]:
    snapshot, now = base.serving.current(), base.clock()
    begun = text.normalised(_asked(q))
    completed = await asyncio.to_thread(completions, snapshot, begun)
    valid = [entry for entry in completed if entry.content.is_valid_at(now)]
    return {"suggestions": [_named(entry) for entry in valid[:limit]]}


def _asked(q: str) -> str:
    try:
        return clean(q)
    except ValueError as error:
        raise Invalid([{"field": "q", "message": str(error)}]) from None


def completions(snapshot: Snapshot, begun: str) -> Sequence[Served]:
    """Entries with a phrasing that begins with, or else contains, what was typed; standard questions first."""
    if not begun:
        return []
    ranked: dict[int, tuple[bool, bool, int]] = {}
    for row, phrasing in enumerate(snapshot.phrasings):
        place = phrasing.find(begun)
        if place < 0:
            continue
        owner = int(snapshot.owners[row])
        order = (place > 0, row != snapshot.starts[owner], len(phrasing))
        ranked[owner] = min(order, ranked.get(owner, order))
    return [snapshot.entries[owner] for owner in sorted(ranked, key=lambda owner: (ranked[owner], owner))]


def _named(entry: Served) -> dict[str, str]:
    return {"entry_id": entry.id, "question": entry.content.question}


@router.post("/feedback", status_code=202, operation_id="give_feedback")
async def give_feedback(given: GivenFeedback, base: Knowledge) -> dict[str, Any]:
    await base.catalogue.entry(given.entry_id)
    await feedback.record(base.store, given.entry_id, given.kind, given.conversation_id, given.seq, base.clock())
    return {}


@router.post("/unanswered", status_code=202, operation_id="keep_unanswered")
async def keep_unanswered(asked: NotAnswered, base: Knowledge) -> dict[str, Any]:
    await base.unanswered.keep(asked.text, asked.conversation_id, asked.seq, asked.reason)
    return {}


@health.get("/healthz", operation_id="healthz")
async def healthz() -> dict[str, Any]:
    return {"ok": True}


@health.get("/readyz", operation_id="readyz")
async def readyz(base: Knowledge) -> JSONResponse:
    snapshot = base.serving.latest
    told = {
        "ready": base.serving.is_ready,
        "mode": base.serving.mode,
        "revision": snapshot.revision if snapshot else None,
        "entries": len(snapshot.entries) if snapshot else 0,
        "phrasings": len(snapshot.phrasings) if snapshot else 0,
        "model": base.embedder.fingerprint,
    }
    return JSONResponse(told, status_code=200 if base.serving.is_ready else StorageUnavailable.status)


@health.get("/metrics", operation_id="metrics", include_in_schema=False)
async def metrics(base: Knowledge, request: Request) -> Response:
    body, kind = request.app.state.metrics.rendered(base.serving.latest)
    return Response(body, media_type=kind)
