"""A knowledge base that answers over real HTTP what a test told it to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ANSWER = {
    "entry_id": "e-return-freight",
    "question": "七天无理由退货运费谁出",
    "answer": "七天无理由退货，运费由买家承担；商品质量问题由我们承担。",
    "html": "<p>七天无理由退货，运费由买家承担；商品质量问题由我们承担。</p>",
    "category": "售后",
    "probability": 0.93,
    "score": 0.9,
    "matched": "无理由退货邮费",
    "vector_score": 0.9,
    "lexical_score": 0.8,
    "related": [],
}


@dataclass
class ScriptedKnowledgeBase:
    """`asked` holds (method, path, headers, body) of every call."""

    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    def calls(self, path: str) -> list[tuple[str, str, dict[str, str], Any]]:
        return [call for call in self.asked if call[1] == path]

    async def answer(self, request: Request) -> Response:
        content = await request.body()
        body: Any = await request.json() if content else None
        self.asked.append((request.method, request.url.path, dict(request.headers), body))
        self.heard.set()
        match request.method, request.url.path:
            case _, "/readyz":
                return JSONResponse({"ready": True})
            case _, "/api/v1/search" if body["text"] == "转人工":
                return JSONResponse({"revision": 1, "decision": "hand_over", "probability": 0.0, "results": []})
            case _, "/api/v1/search":
                return JSONResponse({"revision": 1, "decision": "answer", "probability": 0.93, "results": [ANSWER]})
            case _, "/api/v1/hot-questions":
                asked = request.query_params.get("category", "hot")
                return JSONResponse({"questions": [{"entry_id": "e1", "question": f"{asked}?"}]})
            case _, "/api/v1/complete":
                return JSONResponse({"suggestions": [{"entry_id": "e1", "question": ANSWER["question"]}]})
            case "PUT", path if path.startswith("/api/v1/admin/entries/"):
                if "if-match" not in request.headers:
                    return JSONResponse({"code": "precondition_required"}, 428)
                return JSONResponse({"id": "e1", **body}, headers={"ETag": '"2"'})
            case _, path if path.startswith("/api/v1/admin/"):
                return JSONResponse({"entries": []}, headers={"ETag": '"1"'})
            case _:
                return Response(status_code=202)


@asynccontextmanager
async def listening(app: Any, **options: Any) -> AsyncIterator[tuple[int, Callable[[], None]]]:
    """Serve an ASGI application in this event loop; yields the free port it took, and how to stop it early."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, **options)
    server = _Quiet(config)

    def stop() -> None:
        server.should_exit = True

    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0.005)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1]), stop
    finally:
        stop()
        await task


class _Quiet(uvicorn.Server):
    def capture_signals(self) -> Any:
        """Tests keep their own signals."""
        return nullcontext()


@asynccontextmanager
async def knowledge_base() -> AsyncIterator[ScriptedKnowledgeBase]:
    scripted = ScriptedKnowledgeBase()
    route = Route("/{path:path}", scripted.answer, methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    async with listening(Starlette(routes=[route]), lifespan="off") as (port, _):
        scripted.url = f"http://127.0.0.1:{port}"
        yield scripted
