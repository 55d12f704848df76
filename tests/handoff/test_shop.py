"""The shop gateway's client against a real HTTP server."""

from __future__ import annotations

from typing import Any

import pytest

from handoff.errors import NotFound, ShopAway, ShopRefused
from handoff.shop import ShopGateway
from tests.stand_ins import Asked, LittleServer, order


def shop(asked: Asked) -> tuple[int, Any]:
    orders = {"orders": [order("JL1", "shipped")]}
    answers: dict[str, tuple[int, Any]] = {
        "/customers/u1": (200, {"customer_id": "u1", "name": "陈晨", "level": "gold"}),
        "/customers/u1/orders?state=open&limit=5": (200, orders),
        "/customers/u1/orders/JL1": (200, order("JL1", "shipped")),
        "/customers/u1/orders/JL1/logistics": (200, {"order_no": "JL1", "traces": []}),
        "/customers/u1/after-sales": (200, {"after_sales": []}),
        "/customers/u1/coupons": (200, {"coupons": [{"coupon_id": "c1"}]}),
        "/products/p1": (200, {"product_id": "p1"}),
        "/customers/u1/orders/JL1/urge": (200, {"done": True, "text": "已催"}),
        "/customers/u1/orders/JL1/cancel": (409, {"code": "already_shipped", "detail": "已发货的订单不能取消"}),
    }
    return answers.get(asked.path, (404, {"detail": "?"}))


async def test_everything_the_interface_page_lists_is_asked_for_as_written() -> None:
    async with LittleServer(shop) as server:
        gateway = ShopGateway(server.url, "token")
        assert (await gateway.customer("u1"))["level"] == "gold"
        assert [each["order_no"] for each in await gateway.orders("u1", "open", 5)] == ["JL1"]
        assert (await gateway.order("u1", "JL1"))["state"] == "shipped"
        assert (await gateway.logistics("u1", "JL1"))["traces"] == []
        assert await gateway.after_sales("u1") == []
        assert await gateway.coupons("u1") == [{"coupon_id": "c1"}]
        assert (await gateway.product("p1"))["product_id"] == "p1"
        assert (await gateway.act("u1", "JL1", "urge", {}, "k1"))["text"] == "已催"
        await gateway.close()

    assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer token"}
    assert server.asked[-1].headers["idempotency-key"] == "k1"


async def test_not_found_refused_and_away_are_told_apart() -> None:
    async with LittleServer(shop) as server:
        gateway = ShopGateway(server.url, "token", timeout_seconds=0.2)
        with pytest.raises(NotFound):
            await gateway.order("u1", "JL9")
        with pytest.raises(ShopRefused, match="已发货的订单不能取消") as refused:
            await gateway.act("u1", "JL1", "cancel", {}, "k2")
        for ill in (
            lambda asked: (500, {}),
            lambda asked: (200, b"<html>"),
            lambda asked: (200, []),
            lambda asked: None,
        ):
            server.reply = ill
            with pytest.raises(ShopAway):
                await gateway.customer("u1")
        server.reply = lambda asked: (200, {"orders": "?"})
        with pytest.raises(ShopAway):
            await gateway.orders("u1")
    with pytest.raises(ShopAway):
        await gateway.customer("u1")
    await gateway.close()

    assert refused.value.extra == {"shop_code": "already_shipped"}


async def test_an_order_number_cannot_climb_to_another_customer() -> None:
    async with LittleServer(shop) as server:
        gateway = ShopGateway(server.url, "token")
        for climbing in ("../../u2/orders/JL2", "JL1?x=1", "JL1#x", "..", "a/b", "100%"):
            with pytest.raises(NotFound):
                await gateway.order("u1", climbing)
        await gateway.close()

    assert all(asked.path.startswith("/customers/u1/orders/") for asked in server.asked)
    assert not any("/.." in asked.path or "?" in asked.path for asked in server.asked)
