"""The knowledge base's editing calls, passed on for the roles that may make them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import C
from handoff.errors import NotFound

router = APIRouter(route_class=GuardedRoute, tags=["knowledge"])

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


async def pass_on(path: str, request: Request, who: Who, desk: DeskParts) -> Response:
    if any(part in (".", "..") for part in path.split("/")) or "\\" in path:
        raise NotFound
    passed = await desk.knowledge.pass_on(
        request.method,
        path,
        query=request.url.query,
        headers=request.headers,
        content=await request.body(),
        actor=(who.id, who.agent.name),
    )
    return Response(passed.content, passed.status, {**passed.headers, "Cache-Control": "no-store"})


for method in METHODS:
    router.add_api_route(f"{C}/kb/{{path:path}}", pass_on, methods=[method], operation_id=f"knowledge_{method.lower()}")
