"""The shop's orders, logistics and customers, over the HTTP interface of docs/api.md section 7."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

import httpx
import structlog

from handoff.errors import NotFound, ShopAway, ShopRefused
from handoff.views import Json

log = structlog.get_logger(__name__)

# A person is looking at an empty panel meanwhile; a shop that is slower than this is as good as away.
TIMEOUT_SECONDS = 2.0
LARGEST_PAGE = 100


class Shop(Protocol):
    """What the desk asks of a shop. Everything raises NotFound (also for another customer's) or ShopAway."""

    async def customer(self, customer_id: str) -> Json: ...
    async def orders(self, customer_id: str, state: str = "all", limit: int = 20) -> list[Json]: ...
    async def order(self, customer_id: str, order_no: str) -> Json: ...
    async def logistics(self, customer_id: str, order_no: str) -> Json: ...
    async def after_sales(self, customer_id: str) -> list[Json]: ...
    async def act(self, customer_id: str, order_no: str, action: str, body: Json, idempotency_key: str) -> Json: ...
    async def close(self) -> None: ...


class ShopGateway:
    def __init__(self, url: str, token: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"), headers={"Authorization": f"Bearer {token}"}, timeout=timeout_seconds
        )

    async def customer(self, customer_id: str) -> Json:
        return await self._get(_path("customers", customer_id))

    async def orders(self, customer_id: str, state: str = "all", limit: int = 20) -> list[Json]:
        params = {"state": state, "limit": str(min(limit, LARGEST_PAGE))}
        return _list(await self._get(_path("customers", customer_id, "orders"), params), "orders")

    async def order(self, customer_id: str, order_no: str) -> Json:
        return await self._get(_path("customers", customer_id, "orders", order_no))

    async def logistics(self, customer_id: str, order_no: str) -> Json:
        return await self._get(_path("customers", customer_id, "orders", order_no, "logistics"))

    async def after_sales(self, customer_id: str) -> list[Json]:
        return _list(await self._get(_path("customers", customer_id, "after-sales")), "after_sales")

    async def coupons(self, customer_id: str) -> list[Json]:
        return _list(await self._get(_path("customers", customer_id, "coupons")), "coupons")

    async def product(self, product_id: str) -> Json:
        return await self._get(_path("products", product_id))

    async def act(self, customer_id: str, order_no: str, action: str, body: Json, idempotency_key: str) -> Json:
        """Urges, cancels, changes …; ShopRefused carries the shop's own sentence. The same key acts once."""
        path = _path("customers", customer_id, "orders", order_no, action)
        return await self._ask("POST", path, json=body, headers={"Idempotency-Key": idempotency_key})

    async def close(self) -> None:
        await self._http.aclose()

    async def _get(self, path: str, params: dict[str, str] | None = None) -> Json:
        return await self._ask("GET", path, params=params)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        json: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> Json:
        try:
            answer = await self._http.request(method, path, params=params, json=json, headers=headers)
            body = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning("shop_away", error=type(error).__name__)
            raise ShopAway from error
        if answer.status_code == 404:
            raise NotFound
        if answer.status_code in (400, 409, 422) and isinstance(body, dict):
            raise ShopRefused(str(body.get("detail") or ""), shop_code=str(body.get("code") or ""))
        if answer.status_code != 200 or not isinstance(body, dict):
            log.warning("shop_away", status=answer.status_code)
            raise ShopAway
        return body


def _path(*parts: str) -> str:
    """Every part is quoted, so that an order number cannot climb to another customer's path."""
    return "/" + "/".join(quote(part, safe="").replace(".", "%2E") for part in parts)


def _list(body: Json, name: str) -> list[Json]:
    value = body.get(name)
    if not isinstance(value, list):
        raise ShopAway
    return value
