"""The shop gateway of docs/api.md, section 7: what Jieli may ask and do, behind the bearer token."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from training_data.shop.actions import ACTIONS
from training_data.shop.errors import NotFound, ShopError
from training_data.shop.records import AfterSale, Order
from training_data.shop.settings import Settings
from training_data.shop.shop import Shop
from training_data.shop.wire import (
    Wire,
    after_sale_out,
    coupon_out,
    customer_out,
    logistics_out,
    order_out,
    product_out,
)

LARGEST_BODY = 256 * 1024
PRODUCTS_SHOWN = 20

log = structlog.get_logger("shop.gateway")


def public_base(request: Request, settings: Settings) -> str:
    return settings.shop_public_url or str(request.base_url).rstrip("/")


async def json_body(request: Request) -> Any:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise ShopError(413, "too_large", "内容太大了")
    if not body:
        return {}
    try:
        return json.loads(body)
    except ValueError:
        raise ShopError(400, "bad_json", "内容不是有效的 JSON") from None


def complaints(error: ValidationError) -> list[dict[str, str]]:
    """Field and reason, without what was sent: it may hold an address or a phone number."""
    return [{"field": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in error.errors()]


class Door:
    """Lets in who knows the token; also used where one address serves people and Jieli."""

    def __init__(self, settings: Settings) -> None:
        self._expected = f"Bearer {settings.shop_token}".encode()

    def __call__(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._expected):
            raise ShopError(401, "bad_token", "访问令牌不对")


def gateway(shop: Shop, settings: Settings, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/customers/{customer_id}", dependencies=[Depends(Door(settings))], tags=["gateway"])

    @router.get("")
    async def customer(customer_id: str) -> Wire:
        return customer_out(shop.customer(customer_id), shop.orders(customer_id), now())

    @router.get("/orders")
    async def orders(
        request: Request,
        customer_id: str,
        state: Literal["open", "all"] = "all",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Wire:
        mine = [order for order in shop.orders(customer_id) if state == "all" or order.is_open]
        base = public_base(request, settings)
        return {"orders": [order_out(order, shop.all_products, base) for order in mine[:limit]]}

    @router.get("/orders/{order_no}")
    async def order(request: Request, customer_id: str, order_no: str) -> Wire:
        return order_out(shop.order(customer_id, order_no), shop.all_products, public_base(request, settings))

    @router.get("/orders/{order_no}/logistics")
    async def logistics(customer_id: str, order_no: str) -> Wire:
        return logistics_out(shop.order(customer_id, order_no), now())

    @router.get("/after-sales")
    async def after_sales(customer_id: str) -> Wire:
        return {"after_sales": [after_sale_out(one) for one in shop.after_sales(customer_id)]}

    @router.get("/coupons")
    async def coupons(customer_id: str) -> Wire:
        return {"coupons": [coupon_out(one) for one in shop.coupons(customer_id)]}

    @router.post("/orders/{order_no}/{action}")
    async def act(
        request: Request,
        customer_id: str,
        order_no: str,
        action: str,
        idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
    ) -> Wire:
        started = time.monotonic()
        if action not in ACTIONS:
            raise NotFound("没有这个操作")
        shop.order(customer_id, order_no)  # somebody else's order is not found, whatever the body
        sent = await json_body(request)
        try:
            body = ACTIONS[action][0].model_validate(sent)
        except ValidationError as error:
            raise ShopError(422, "invalid", "填写的内容有误，请检查后再试", errors=complaints(error)) from None
        base = public_base(request, settings)

        def render(order: Order, after_sale: AfterSale | None) -> Wire:
            rendered: Wire = {"order": order_out(order, shop.all_products, base)}
            return {**rendered, "after_sale": after_sale_out(after_sale)} if after_sale else rendered

        outcome = "done"
        try:
            return await run_in_threadpool(shop.act, customer_id, order_no, action, body, idempotency_key, render)
        except ShopError as error:
            outcome = error.code
            raise
        finally:
            duration_ms = round((time.monotonic() - started) * 1000, 1)
            log.info("action", order_no=order_no, action=action, outcome=outcome, duration_ms=duration_ms)

    return router


def products_found(shop: Shop, words: str, base: str) -> Wire:
    return {"products": [product_out(product, base) for product in shop.products(words)[:PRODUCTS_SHOWN]]}
