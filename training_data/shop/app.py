"""Puts the demo shop together: gateway, web site, errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from training_data.shop.errors import ShopError
from training_data.shop.faults import Faults
from training_data.shop.gateway import gateway
from training_data.shop.ledger import Ledger
from training_data.shop.settings import Settings
from training_data.shop.shop import Shop
from training_data.shop.site import Site, wants_page

STATIC = Path(__file__).parent / "static"


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> FastAPI:
    ledger = Ledger(settings.ledger_path)
    shop = Shop(ledger, now)
    site = Site(shop, settings, now)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        ledger.close()

    app = FastAPI(title="云杉生活", docs_url=None, redoc_url=None, lifespan=lifespan)

    @app.get("/healthz", tags=["health"])
    async def healthz() -> dict[str, bool]:
        return {"ok": True}

    @app.get("/readyz", tags=["health"])
    async def readyz() -> dict[str, object]:
        return {"ready": True, "customers": len(shop.customers()), "products": len(shop.all_products)}

    def trouble(request: Request, error: ShopError) -> Response:
        if wants_page(request):
            return site.trouble(request, error)
        body = {
            "type": "about:blank",
            "title": HTTPStatus(error.status).phrase,
            "status": error.status,
            "code": error.code,
            "detail": error.detail,
            **error.extra,
        }
        return JSONResponse(body, error.status, media_type="application/problem+json")

    @app.exception_handler(ShopError)
    async def expected(request: Request, error: ShopError) -> Response:
        return trouble(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if any(one["loc"][-1] == "idempotency-key" for one in error.errors()):
            return trouble(request, ShopError(400, "bad_request", "缺少 Idempotency-Key"))
        fields = [{"field": str(one["loc"][-1]), "message": one["msg"]} for one in error.errors()]
        return trouble(request, ShopError(422, "invalid", "请求参数有误", errors=fields))

    @app.exception_handler(HTTPException)
    async def unrouted(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return trouble(request, ShopError(404, "not_found", "没有找到这个页面"))
        response = trouble(request, ShopError(error.status_code, "bad_request", "不支持这样的请求"))
        response.headers.update(error.headers or {})
        return response

    app.include_router(gateway(shop, settings, now))
    app.include_router(site.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    if settings.development:
        app.add_middleware(Faults)
    return app
