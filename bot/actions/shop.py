"""The bot's doorway to the shop gateway (docs/api.md section 7)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Optional
from urllib.parse import quote

import httpx

from bot.settings import Settings

SHOP_SECONDS = 2.5
"""Two calls in a row must fit a turn's 7 s deadline with room for the answer."""

Order = dict[str, Any]


class ShopAway(Exception):
    """The shop did not answer in time or answered nonsense."""


class Forbidden(Exception):
    """The shop's rules forbid it; the text is the shop's sentence for the customer."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Shop:
    """Everything is asked in the name of one customer, so that another's order looks like none at all."""

    def __init__(self, settings: Settings) -> None:
        self._client = httpx.AsyncClient(
            base_url=settings.shop_url,
            headers={"Authorization": f"Bearer {settings.shop_token}"},
            timeout=SHOP_SECONDS,
            trust_env=False,
        )

    async def orders(self, customer_id: str, state: str = "all") -> list[Order]:
        found = await self._get(f"{_customer(customer_id)}/orders", {"state": state, "limit": "20"})
        return list(found["orders"]) if found else []

    async def order(self, customer_id: str, order_no: str) -> Optional[Order]:
        """None for an order that is not this customer's, or is none at all."""
        return await self._get(f"{_customer(customer_id)}/orders/{quote(order_no, safe='')}")

    async def logistics(self, customer_id: str, order_no: str) -> Optional[dict[str, Any]]:
        return await self._get(f"{_customer(customer_id)}/orders/{quote(order_no, safe='')}/logistics")

    async def profile(self, customer_id: str) -> Optional[dict[str, Any]]:
        return await self._get(_customer(customer_id))

    async def after_sales(self, customer_id: str) -> list[dict[str, Any]]:
        found = await self._get(f"{_customer(customer_id)}/after-sales")
        return list(found["after_sales"]) if found else []

    async def coupons(self, customer_id: str) -> list[dict[str, Any]]:
        found = await self._get(f"{_customer(customer_id)}/coupons")
        return list(found["coupons"]) if found else []

    async def products(self, query: str) -> list[dict[str, Any]]:
        found = await self._get("/products", {"q": query})
        return list(found["products"] if isinstance(found, dict) else found or [])

    async def do(self, customer_id: str, order_no: str, action: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Change something, once per `key`. Raises Forbidden when the shop's rules say no."""
        path = f"{_customer(customer_id)}/orders/{quote(order_no, safe='')}/{action}"
        try:
            answer = await self._client.post(path, json=body, headers={"Idempotency-Key": key})
            if answer.status_code in (404, 409, 422):
                about = answer.json()
                code = str(about.get("code", "refused"))
                raise Forbidden(code, str(about.get("detail") or "这个订单暂时不能这样操作。"))
            answer.raise_for_status()
            return dict(answer.json())
        except (httpx.HTTPError, ValueError) as error:
            raise ShopAway(type(error).__name__) from error

    async def _get(self, path: str, params: Optional[dict[str, str]] = None) -> Any:
        try:
            answer = await self._client.get(path, params=params)
            if answer.status_code == 404:
                return None
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ShopAway(type(error).__name__) from error


def _customer(customer_id: str) -> str:
    return f"/customers/{quote(customer_id, safe='')}"


@lru_cache(maxsize=1)
def shop() -> Shop:
    """The process's one client, so that connections are kept."""
    return Shop(Settings.from_environment())
