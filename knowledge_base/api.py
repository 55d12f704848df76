"""The HTTP application: routes, limits, and errors as RFC 9457 problem documents."""

from __future__ import annotations

import http
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledge_base import admin_routes, public_routes
from knowledge_base.body_limit import BodyLimit
from knowledge_base.drafts import LONE_SURROGATE, told
from knowledge_base.embedder import Embedder
from knowledge_base.errors import BadText, EditedMeanwhile, Invalid, NotFound, Refused
from knowledge_base.knowledge import KnowledgeBase, utc_now
from knowledge_base.metrics import Metrics
from knowledge_base.settings import Settings
from knowledge_base.shapes import entry_json

log = structlog.get_logger()

LARGEST_BODY = 256 * 1024
PROBLEM = "application/problem+json"


def create_app(
    settings: Settings, embedder: Embedder | None = None, clock: Callable[[], datetime] = utc_now
) -> FastAPI:
    """The application over one knowledge base; tests bring a stand-in embedder and a clock."""
    base = KnowledgeBase(settings, embedder, clock)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await base.open()
        try:
            yield
        finally:
            await base.close()

    app = FastAPI(title="接力 knowledge base", version="1", lifespan=lifespan, redirect_slashes=False)
    app.state.knowledge_base = base
    app.state.metrics = Metrics()
    app.include_router(public_routes.router)
    app.include_router(public_routes.health)
    app.include_router(admin_routes.router)
    app.include_router(admin_routes.imports)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _bug)
    app.add_middleware(RequestLog)
    app.add_middleware(BodyLimit, usual=LARGEST_BODY, larger={"/api/v1/admin/imports": settings.import_limit_bytes})
    return app


def problem(error: Refused) -> JSONResponse:
    members = dict(error.members)
    if isinstance(error, EditedMeanwhile):
        members["current"] = entry_json(members["current"])
    body = {
        "type": "about:blank",
        "title": http.HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        **members,
    }
    headers = {"Retry-After": str(members["retry_after"])} if "retry_after" in members else None
    return JSONResponse(body, status_code=error.status, media_type=PROBLEM, headers=headers)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem(error)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if any(one["type"] == "json_invalid" for one in errors):
        return problem(BadJson("请求体不是合格的 JSON"))
    if any(one["type"] == LONE_SURROGATE for one in errors):
        return problem(BadText("文字里含有不完整的字符，请删除后重试"))
    return problem(Invalid(told(errors)))


class BadJson(Refused):
    code = "bad_json"


class Wrong(Refused):
    """What the framework refused by itself: an unknown path, another method."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


async def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return problem(NotFound("没有这个地址"))
    if error.status_code == 400:
        return problem(BadJson("请求体读不出来"))
    return problem(Wrong(error.status_code, http.HTTPStatus(error.status_code).phrase))


class Bug(Refused):
    status = 500
    code = "bug"


async def _bug(request: Request, error: Exception) -> Response:
    log.error("bug", path=request.url.path, error=type(error).__name__, exc_info=error)
    return problem(Bug("内部错误，已记录"))


class RequestLog:
    """One line per request. Starlette's own kind of middleware would hand every answer through two more tasks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), None

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            route = getattr(scope.get("route"), "path", None)
            milliseconds = round(1000 * (time.perf_counter() - started), 1)
            log.info("request", method=scope["method"], route=route, status=status, ms=milliseconds)
