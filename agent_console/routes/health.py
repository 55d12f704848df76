"""Whether the desk lives, whether it is ready, in which degraded modes it runs, and what it counts."""

from __future__ import annotations

import asyncio
import time

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from agent_console.doors import DeskParts, GuardedRoute
from agent_console.parts import Parts
from handoff.errors import JieliError
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

FRESH_SECONDS = 1.0
"""Anybody may ask; the neighbours are asked at most once a second."""


@router.get("/healthz")
async def healthz() -> Json:
    return {"alive": True}


@router.get("/readyz")
async def readyz(response: Response, desk: DeskParts) -> Json:
    """200 while conversations can go on; `modes` names what works in a lesser way meanwhile."""
    known = desk.health.known
    if known is None or time.monotonic() - known[0] > FRESH_SECONDS:
        known = desk.health.known = (time.monotonic(), await _look(desk))
    seen = known[1]
    response.status_code = 200 if seen["ready"] else 503
    response.headers["Cache-Control"] = "no-store"
    return seen


async def _look(desk: Parts) -> Json:
    has_storage, has_bot, has_knowledge = await asyncio.gather(
        _has_storage(desk), desk.health.is_bot_ready(), desk.knowledge.is_ready()
    )
    modes: dict[str, str] = {}
    if not has_storage:
        modes["storage"] = "unavailable"
    if not desk.bus.healthy:
        modes["redis"] = "polling"
    if not has_bot:
        modes["bot"] = "away"
    if not has_knowledge:
        modes["knowledge_base"] = "away"
    return {"ready": has_storage, "mode": "degraded" if modes else "normal", "modes": modes, "node": desk.node}


async def _has_storage(desk: Parts) -> bool:
    try:
        await desk.desk.groups()
    except JieliError:
        return False
    return True


@router.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
