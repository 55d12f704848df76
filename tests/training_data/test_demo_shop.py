"""The demo shop keeps the contract of docs/api.md section 7, its own rules, and data that adds up."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import jwt
import pytest
from pydantic import ValidationError

from training_data.shop.actions import AfterSaleBody, Facts, NoBody, open_after_sale, protect_price
from training_data.shop.app import create_app
from training_data.shop.errors import Refused
from training_data.shop.order_book import BANDS, DATA, as_text, order_book
from training_data.shop.seed import load
from training_data.shop.settings import Settings
from training_data.shop.shop_day import shop_day

NOON = datetime(2026, 1, 8, 6, 30, tzinfo=UTC)  # 14:30 in Beijing
TOKEN = "a token for the tests"
KEY = "a key for the tests, long enough for HS256"
AUTH = {"Authorization": f"Bearer {TOKEN}"}
PAGE = {"Accept": "text/html"}

ORDER_MEMBERS = {
    "order_no", "state", "state_text", "placed_at", "paid_at", "shipped_at", "signed_at", "amount", "items",
    "address", "invoice", "carrier", "tracking_no", "returnable_until",
}  # fmt: skip
STATES = {"unpaid", "paid", "packing", "shipped", "delivering", "signed", "completed", "cancelled", "after_sale"}


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


Open = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path, clock: Clock) -> Open:
    """Opens the shop over one state folder; opening it again is a restart."""

    @asynccontextmanager
    async def open_shop(**settings: Any) -> AsyncIterator[httpx.AsyncClient]:
        given = {"home": tmp_path, "development": False, "shop_token": TOKEN, "shop_jwt_key": KEY, **settings}
        app = create_app(Settings(**given), now=clock)
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client,
        ):
            yield client

    return open_shop


@pytest.fixture
async def shop(opened: Open) -> AsyncIterator[httpx.AsyncClient]:
    async with opened() as client:
        yield client


async def get(shop: httpx.AsyncClient, path: str) -> Any:
    response = await shop.get(path, headers=AUTH)
    assert response.status_code == 200, response.text
    return response.json()


async def order_of(shop: httpx.AsyncClient, customer: str, state: str) -> Any:
    """The customer's newest order in that state."""
    orders = (await get(shop, f"/customers/{customer}/orders?limit=100"))["orders"]
    return next(order for order in orders if order["state"] == state)


async def act(
    shop: httpx.AsyncClient, customer: str, order: Any, action: str, body: Any = None, key: str | None = None
) -> httpx.Response:
    return await shop.post(
        f"/customers/{customer}/orders/{order['order_no']}/{action}",
        json=body or {},
        headers={**AUTH, "Idempotency-Key": key or os.urandom(8).hex()},
    )


def refusal(response: httpx.Response) -> str:
    assert response.status_code == 409, response.text
    problem = response.json()
    assert any("一" <= letter <= "龥" for letter in problem["detail"])
    code: str = problem["code"]
    return code


async def everything(shop: httpx.AsyncClient) -> list[tuple[str, Any]]:
    customers = [row["customer_id"] for row in json.loads((DATA / "customers.json").read_text("utf-8"))]
    return [
        (customer, order)
        for customer in customers
        for order in (await get(shop, f"/customers/{customer}/orders?limit=100"))["orders"]
    ]


# The data


def test_the_committed_orders_are_what_the_script_writes() -> None:
    orders, after_sales = order_book()

    assert (DATA / "orders.json").read_text("utf-8") == as_text(orders)
    assert (DATA / "after_sales.json").read_text("utf-8") == as_text(after_sales)


async def test_the_shop_has_30_customers_40_products_and_120_orders_in_every_state(shop: httpx.AsyncClient) -> None:
    orders = await everything(shop)

    ready = (await shop.get("/readyz")).json()
    assert (ready["customers"], ready["products"]) == (30, 40)
    assert len({order["order_no"] for _, order in orders}) == 120
    assert {order["state"] for _, order in orders} == STATES
    per_customer = Counter(customer for customer, order in orders if order["state"] not in ("completed", "cancelled"))
    assert max(per_customer.values()) >= 3
    assert sorted({customer for customer, _ in orders}) != sorted(f"c{1000 + n}" for n in range(1, 31))


async def test_every_orders_total_is_the_sum_of_its_items_and_ships_free(shop: httpx.AsyncClient) -> None:
    for _, order in await everything(shop):
        total = round(sum(item["price"] * item["quantity"] for item in order["items"]), 2)

        assert order["amount"] == total >= 59


@pytest.mark.parametrize("hours", [0, 3.4, 11, 19.5, 23])
async def test_times_traces_and_state_agree_at_any_hour(opened: Open, clock: Clock, hours: float) -> None:
    clock.time = NOON + timedelta(hours=hours)
    now = clock.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    async with opened() as shop:
        for customer, order in await everything(shop):
            path = f"/customers/{customer}/orders/{order['order_no']}/logistics"
            logistics = await get(shop, path)
            times = [trace["at"] for trace in logistics["traces"]]
            texts = [trace["text"] for trace in logistics["traces"]]
            passed = [at for name in ("placed_at", "paid_at", "shipped_at", "signed_at") if (at := order[name])]

            assert passed == sorted(passed) and passed[-1] <= now
            assert times == sorted(times, reverse=True) and all(at <= now for at in times)
            assert (order["carrier"] is None) == (order["shipped_at"] is None) == (logistics["tracking_no"] is None)
            assert (order["signed_at"] is not None) == bool(texts and "已签收" in texts[0])
            assert (order["returnable_until"] is not None) == (order["signed_at"] is not None)
            match order["state"]:
                case "unpaid":
                    assert order["paid_at"] is None and not texts
                case "paid" | "packing" | "cancelled":
                    assert order["shipped_at"] is None
                case "shipped" | "delivering":
                    assert order["shipped_at"] and not order["signed_at"]
                case "signed" | "completed" | "after_sale":
                    assert order["signed_at"] == times[0]


async def test_levels_follow_from_what_was_paid(shop: httpx.AsyncClient) -> None:
    for row in json.loads((DATA / "customers.json").read_text("utf-8")):
        customer = await get(shop, f"/customers/{row['customer_id']}")

        low, high = BANDS[customer["level"]]
        assert low <= customer["spent"] < high, customer["customer_id"]
        assert ("VIP" in customer["tags"]) == (customer["level"] in ("gold", "diamond"))


async def test_ordered_options_exist_and_every_product_has_its_picture(shop: httpx.AsyncClient) -> None:
    listed = json.loads((DATA / "products.json").read_text("utf-8"))
    options = {product["product_id"]: {option["option"] for option in product["options"]} for product in listed}

    for product_id in options:
        product = await get(shop, f"/products/{product_id}")
        picture = await shop.get(product["image"])
        assert picture.headers["content-type"] == "image/svg+xml"
        assert ElementTree.fromstring(picture.text).get("viewBox") == "0 0 400 400"
        assert product["stock"] == sum(option["stock"] for option in product["options"])
    for _, order in await everything(shop):
        assert all(item["option"] in options[item["product_id"]] for item in order["items"])


async def test_the_demo_is_dated_afresh_when_it_is_started_weeks_later(opened: Open, clock: Clock) -> None:
    async with opened() as shop:
        before = await order_of(shop, "c1001", "delivering")
    clock.time = NOON + timedelta(days=40)

    async with opened() as shop:
        after = await order_of(shop, "c1001", "delivering")

    moved = datetime.fromisoformat(after["placed_at"]) - datetime.fromisoformat(before["placed_at"])
    assert moved == timedelta(days=40)


async def test_a_shop_left_running_for_weeks_stays_fresh(shop: httpx.AsyncClient, clock: Clock) -> None:
    before = await order_of(shop, "c1001", "delivering")
    clock.time = NOON + timedelta(days=30)

    after = await order_of(shop, "c1001", "delivering")

    assert datetime.fromisoformat(after["placed_at"]) - datetime.fromisoformat(before["placed_at"]) == timedelta(
        days=30
    )


# The gateway


async def test_a_customer_is_described_as_the_contract_says(shop: httpx.AsyncClient) -> None:
    customer = await get(shop, "/customers/c1003")

    expected = {"customer_id", "name", "level", "phone", "since", "tags", "orders_count", "spent"}
    assert customer.keys() == expected
    assert (customer["name"], customer["level"], customer["orders_count"]) == ("王晓雯", "diamond", 10)


async def test_orders_come_newest_first_whole_and_limited(shop: httpx.AsyncClient) -> None:
    orders = (await get(shop, "/customers/c1019/orders?state=all&limit=5"))["orders"]

    assert len(orders) == 5
    assert [o["placed_at"] for o in orders] == sorted((o["placed_at"] for o in orders), reverse=True)
    assert all(order.keys() == ORDER_MEMBERS for order in orders)
    assert orders[0]["items"][0].keys() == {"product_id", "title", "option", "quantity", "price", "image"}
    assert orders[0]["address"] == {
        "name": "韩雪",
        "phone_masked": "138****8019",
        "text": "北京市海淀区中关村南大街 27 号 8 号楼 1602",
    }
    single = await get(shop, f"/customers/c1019/orders/{orders[0]['order_no']}")
    assert single == orders[0]


async def test_open_orders_are_those_in_which_something_is_still_to_happen(shop: httpx.AsyncClient) -> None:
    several = (await get(shop, "/customers/c1001/orders?state=open"))["orders"]
    single = (await get(shop, "/customers/c1002/orders?state=open"))["orders"]
    none = (await get(shop, "/customers/c1018/orders?state=open"))["orders"]

    assert [order["state"] for order in several] == ["paid", "shipped", "delivering"]
    assert [order["state"] for order in single] == ["shipped"]
    assert none == []


@pytest.mark.parametrize(
    ("customer", "state", "status"),
    [
        ("c1002", "shipped", "运输中"),
        ("c1001", "delivering", "派送中"),
        ("c1022", "delivering", "待取件"),
        ("c1003", "shipped", "物流异常"),
        ("c1008", "signed", "已签收"),
        ("c1006", "paid", "待发货"),
        ("c1017", "cancelled", "已取消"),
    ],
)
async def test_logistics_say_where_the_parcel_is(
    shop: httpx.AsyncClient, customer: str, state: str, status: str
) -> None:
    order = await order_of(shop, customer, state)

    logistics = await get(shop, f"/customers/{customer}/orders/{order['order_no']}/logistics")

    assert logistics.keys() == {"order_no", "carrier", "tracking_no", "status", "expected_at", "traces"}
    assert logistics["status"] == status
    assert logistics["traces"][0].keys() == {"at", "text"}


async def test_after_sales_and_coupons_are_listed(shop: httpx.AsyncClient) -> None:
    after_sales = (await get(shop, "/customers/c1004/after-sales"))["after_sales"]
    coupons = (await get(shop, "/customers/c1011/coupons"))["coupons"]

    members = {"after_sale_no", "order_no", "kind", "state", "reason", "amount", "opened_at", "steps"}
    assert [one.keys() for one in after_sales] == [members]
    assert (after_sales[0]["kind"], after_sales[0]["state"]) == ("return", "退款中")
    assert coupons[0].keys() == {"coupon_id", "title", "amount", "threshold", "state", "valid_to", "why_unusable"}
    assert {coupon["state"] for coupon in coupons} == {"可用", "未到门槛", "已过期", "已使用"}


async def test_products_are_found_by_words_without_minding_spaces(shop: httpx.AsyncClient) -> None:
    watches = (await get(shop, "/products?q=人工智能手表"))["products"]
    shirts = (await get(shop, "/products?q=t恤"))["products"]
    nothing = (await get(shop, "/products?q=潜水艇"))["products"]

    assert [product["product_id"] for product in watches] == ["p3001"]
    assert watches[0].keys() == {"product_id", "title", "price", "stock", "image", "options"}
    assert [product["product_id"] for product in shirts] == ["p2002"]
    assert nothing == []


@pytest.mark.parametrize("path", ["", "/orders", "/orders/1", "/orders/1/logistics", "/after-sales", "/coupons"])
async def test_nobody_gets_in_without_the_token(shop: httpx.AsyncClient, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"bearer {TOKEN}"}):
        response = await shop.get(f"/customers/c1001{path}", headers=headers)

        assert (response.status_code, response.json()["code"]) == (401, "bad_token")


async def test_the_gateways_products_need_the_token_too(shop: httpx.AsyncClient) -> None:
    assert (await shop.get("/products/p3001")).status_code == 401
    assert (await shop.get("/products?q=手表")).status_code == 401


async def test_another_customers_order_looks_like_a_missing_one(shop: httpx.AsyncClient) -> None:
    theirs = await order_of(shop, "c1002", "shipped")
    missing = {"order_no": "88260000000000"}

    answers = []
    for order in (theirs, missing):
        path = f"/customers/c1001/orders/{order['order_no']}"
        responses = [
            await shop.get(path, headers=AUTH),
            await shop.get(f"{path}/logistics", headers=AUTH),
            await act(shop, "c1001", order, "urge"),
            await act(shop, "c1001", order, "address", {"phone": "garbage"}),
        ]
        answers.append([(response.status_code, response.json()) for response in responses])

    assert answers[0] == answers[1]
    assert {status for status, _ in answers[0]} == {404}


@pytest.mark.parametrize("path", ["/customers/nobody", "/customers/nobody/orders", "/products/p9999", "/nowhere"])
async def test_what_does_not_exist_is_a_coded_404(shop: httpx.AsyncClient, path: str) -> None:
    response = await shop.get(path, headers=AUTH)

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["state=lost", "limit=0", "limit=101", "limit=many"])
async def test_bad_parameters_are_named(shop: httpx.AsyncClient, query: str) -> None:
    response = await shop.get(f"/customers/c1001/orders?{query}", headers=AUTH)

    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert response.json()["errors"][0]["field"] == query.partition("=")[0]


# Acting


ADDRESS = {"name": "周浩然", "phone": "13900139000", "text": "深圳市福田区深南大道 6008 号 12 楼"}


async def test_an_address_can_be_changed_once_before_dispatch(shop: httpx.AsyncClient) -> None:
    order = await order_of(shop, "c1006", "paid")

    changed = await act(shop, "c1006", order, "address", ADDRESS)
    again = await act(shop, "c1006", order, "address", ADDRESS)

    assert changed.status_code == 200 and changed.json()["done"] is True
    kept = await get(shop, f"/customers/c1006/orders/{order['order_no']}")
    assert kept == changed.json()["order"]
    assert kept["address"] == {"name": "周浩然", "phone_masked": "139****9000", "text": ADDRESS["text"]}
    assert refusal(again) == "address_changed_already"


@pytest.mark.parametrize("action", ["address", "cancel"])
async def test_after_dispatch_neither_address_nor_cancelling(shop: httpx.AsyncClient, action: str) -> None:
    order = await order_of(shop, "c1002", "shipped")

    response = await act(shop, "c1002", order, action, ADDRESS if action == "address" else None)

    assert refusal(response) == "already_shipped"


@pytest.mark.parametrize(("customer", "state"), [("c1006", "paid"), ("c1007", "unpaid"), ("c1016", "packing")])
async def test_an_order_can_be_cancelled_until_it_is_dispatched(
    shop: httpx.AsyncClient, customer: str, state: str
) -> None:
    order = await order_of(shop, customer, state)

    response = await act(shop, customer, order, "cancel")
    again = await act(shop, customer, order, "cancel")

    assert response.json()["order"]["state"] == "cancelled"
    assert ("原路退回" in response.json()["text"]) == (state != "unpaid")
    assert refusal(again) == "already_cancelled"


async def test_an_order_is_urged_at_most_every_six_hours(shop: httpx.AsyncClient, clock: Clock) -> None:
    order = await order_of(shop, "c1015", "paid")

    first = await act(shop, "c1015", order, "urge")
    clock.time += timedelta(hours=5, minutes=59)
    too_soon = await act(shop, "c1015", order, "urge")
    clock.time += timedelta(minutes=2)
    later = await act(shop, "c1015", order, "urge")

    assert "48 小时" in first.json()["text"]
    assert refusal(too_soon) == "urged_recently" and too_soon.json()["retry_after"] == 60
    assert later.status_code == 200


@pytest.mark.parametrize(
    ("customer", "state", "code"),
    [
        ("c1007", "unpaid", "not_paid"),
        ("c1008", "signed", "already_signed"),
        ("c1017", "cancelled", "already_cancelled"),
    ],
)
async def test_only_what_is_under_way_can_be_urged(
    shop: httpx.AsyncClient, customer: str, state: str, code: str
) -> None:
    order = await order_of(shop, customer, state)

    assert refusal(await act(shop, customer, order, "urge")) == code


async def test_price_protection_pays_the_difference_once(shop: httpx.AsyncClient) -> None:
    order = await order_of(shop, "c1005", "signed")

    first = await act(shop, "c1005", order, "price-protection")
    again = await act(shop, "c1005", order, "price-protection")

    assert first.json()["amount"] == 100
    assert refusal(again) == "already_protected"


async def test_price_protection_ends_after_15_days_and_needs_a_lower_price(shop: httpx.AsyncClient) -> None:
    old = await order_of(shop, "c1010", "completed")
    same_price = await order_of(shop, "c1026", "signed")

    assert refusal(await act(shop, "c1010", old, "price-protection")) == "price_protection_over"
    assert refusal(await act(shop, "c1026", same_price, "price-protection")) == "no_price_difference"


def test_the_windows_close_to_the_second() -> None:
    seed = load(shop_day(NOON), NOON)
    watch = next(o for o in seed.orders.values() if o.customer_id == "c1005" and o.state == "signed")
    pan = next(o for o in seed.orders.values() if o.customer_id == "c1009" and o.state == "signed")
    facts = Facts(seed.products, [], "AS1")
    body = AfterSaleBody(kind="return", reason="锅太重了")
    assert watch.paid_at and pan.returnable_until
    paid_15_days_ago, last_second = watch.paid_at + timedelta(days=15), pan.returnable_until

    protect_price(watch, NoBody(), facts, paid_15_days_ago)
    open_after_sale(pan, body, facts, last_second)

    with pytest.raises(Refused, match="price_protection_over"):
        protect_price(watch, NoBody(), facts, paid_15_days_ago + timedelta(seconds=1))
    with pytest.raises(Refused, match="return_window_over"):
        open_after_sale(pan, body, facts, last_second + timedelta(seconds=1))


async def test_a_return_is_opened_within_seven_days_of_signing(shop: httpx.AsyncClient) -> None:
    order = await order_of(shop, "c1009", "signed")
    body = {"kind": "return", "reason": "锅太重了"}

    opened = await act(shop, "c1009", order, "after-sale", body)
    twice = await act(shop, "c1009", order, "after-sale", body)

    listed = (await get(shop, "/customers/c1009/after-sales"))["after_sales"]
    assert opened.json()["after_sale"] == listed[0]
    assert (listed[0]["state"], listed[0]["amount"]) == ("审核中", 199)
    assert (await order_of(shop, "c1009", "after_sale"))["order_no"] == order["order_no"]
    assert refusal(twice) == "already_open"


@pytest.mark.parametrize(
    ("customer", "state", "kind", "code"),
    [
        ("c1010", "completed", "return", "return_window_over"),
        ("c1002", "shipped", "return", "not_signed"),
        ("c1006", "paid", "refund", "cancel_instead"),
        ("c1017", "cancelled", "refund", "already_cancelled"),
        ("c1026", "signed", "repair", "no_warranty"),
        ("c1004", "after_sale", "return", "already_open"),
    ],
)
async def test_after_sales_that_the_rules_forbid(
    shop: httpx.AsyncClient, customer: str, state: str, kind: str, code: str
) -> None:
    order = await order_of(shop, customer, state)

    assert refusal(await act(shop, customer, order, "after-sale", {"kind": kind, "reason": "不想要了"})) == code


async def test_a_refund_cannot_exceed_what_was_paid(shop: httpx.AsyncClient) -> None:
    order = await order_of(shop, "c1026", "signed")

    for amount in (179.01, 0, -5):
        body = {"kind": "refund", "reason": "少了一件", "amount": amount}
        assert refusal(await act(shop, "c1026", order, "after-sale", body)) == "amount_too_high"
    part = await act(shop, "c1026", order, "after-sale", {"kind": "refund", "reason": "少了一件", "amount": 60.5})

    assert part.json()["after_sale"]["amount"] == 60.5


async def test_a_lost_parcel_can_be_refunded_and_a_watch_repaired(shop: httpx.AsyncClient) -> None:
    parcel = await order_of(shop, "c1003", "shipped")
    watch = await order_of(shop, "c1005", "signed")

    lost = await act(shop, "c1003", parcel, "after-sale", {"kind": "refund", "reason": "一直没收到"})
    broken = await act(shop, "c1005", watch, "after-sale", {"kind": "repair", "reason": "表盘不亮"})

    assert lost.json()["after_sale"]["amount"] == 799
    assert broken.json()["after_sale"]["amount"] == 0


async def test_an_invoice_is_issued_once_after_signing(shop: httpx.AsyncClient) -> None:
    order = await order_of(shop, "c1009", "signed")
    on_the_way = await order_of(shop, "c1002", "shipped")
    body = {"kind": "company", "title": "成都青禾科技有限公司", "tax_no": "91510100MA6C8W2R5T"}

    first = await act(shop, "c1009", order, "invoice", body)
    again = await act(shop, "c1009", order, "invoice", {"kind": "personal", "title": "冯雨桐"})
    early = await act(shop, "c1002", on_the_way, "invoice", body)

    assert first.json()["order"]["invoice"] == {**body, "amount": 199, "issued_at": None}
    assert refusal(again) == "already_invoiced"
    assert refusal(early) == "not_signed"


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("address", {}),
        ("address", {**ADDRESS, "phone": "12345"}),
        ("address", {**ADDRESS, "text": "  短 "}),
        ("address", {**ADDRESS, "name": 7}),
        ("invoice", {"kind": "company", "title": "没有税号的公司"}),
        ("after-sale", {"kind": "gift", "reason": "想要"}),
        ("urge", {"loudly": True}),
        ("urge", [1, 2]),
    ],
)
async def test_bad_bodies_are_refused_without_repeating_what_was_sent(
    shop: httpx.AsyncClient, action: str, body: Any
) -> None:
    order = await order_of(shop, "c1006", "paid")

    response = await act(shop, "c1006", order, action, body)

    if not body:
        assert response.json()["errors"]
    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert "12345" not in response.text
    assert (await order_of(shop, "c1006", "paid")) == order


async def test_broken_and_oversized_bodies_and_unknown_actions_are_refused(shop: httpx.AsyncClient) -> None:
    order = await order_of(shop, "c1006", "paid")
    path = f"/customers/c1006/orders/{order['order_no']}"
    headers = {**AUTH, "Idempotency-Key": "k"}

    broken = await shop.post(f"{path}/address", content=b'{"name": ', headers=headers)
    huge = await shop.post(f"{path}/address", content=b" " * (256 * 1024 + 1), headers=headers)
    unknown = await shop.post(f"{path}/explode", json={}, headers=headers)
    keyless = await shop.post(f"{path}/urge", json={}, headers=AUTH)

    answers = [(response.status_code, response.json()["code"]) for response in (broken, huge, unknown, keyless)]
    assert answers == [(400, "bad_json"), (413, "too_large"), (404, "not_found"), (400, "bad_request")]


async def test_the_same_key_acts_once_and_for_one_thing_only(shop: httpx.AsyncClient) -> None:
    order = await order_of(shop, "c1009", "signed")
    body = {"kind": "return", "reason": "锅太重了"}

    first = await act(shop, "c1009", order, "after-sale", body, key="one")
    same = await act(shop, "c1009", order, "after-sale", body, key="one")
    other_use = await act(shop, "c1009", order, "invoice", {"kind": "personal", "title": "冯雨桐"}, key="one")

    assert (same.status_code, same.json()) == (200, first.json())
    assert len((await get(shop, "/customers/c1009/after-sales"))["after_sales"]) == 1
    assert refusal(other_use) == "idempotency_key_reused"


async def test_a_refused_call_can_be_tried_again_with_its_key(shop: httpx.AsyncClient, clock: Clock) -> None:
    order = await order_of(shop, "c1015", "paid")
    await act(shop, "c1015", order, "urge")
    assert refusal(await act(shop, "c1015", order, "urge", key="again")) == "urged_recently"
    clock.time += timedelta(hours=6)

    assert (await act(shop, "c1015", order, "urge", key="again")).status_code == 200


async def test_changes_and_answers_survive_a_restart(opened: Open, clock: Clock) -> None:
    async with opened() as shop:
        order = await order_of(shop, "c1006", "paid")
        first = await act(shop, "c1006", order, "address", ADDRESS, key="one")
        signed = await order_of(shop, "c1009", "signed")
        await act(shop, "c1009", signed, "after-sale", {"kind": "return", "reason": "锅太重了"})

    async with opened() as shop:
        kept = await order_of(shop, "c1006", "paid")
        repeated = await act(shop, "c1006", order, "address", ADDRESS, key="one")

        assert kept["address"]["text"] == ADDRESS["text"]
        assert repeated.json() == first.json()
        assert len((await get(shop, "/customers/c1009/after-sales"))["after_sales"]) == 1


async def test_a_changed_order_moves_along_with_the_days_but_not_into_the_future(opened: Open, clock: Clock) -> None:
    async with opened() as shop:
        order = await order_of(shop, "c1016", "packing")
        await act(shop, "c1016", order, "cancel")
        late = await order_of(shop, "c1015", "paid")
        await act(shop, "c1015", late, "urge")
        expected_before = (await get(shop, f"/customers/c1015/orders/{late['order_no']}/logistics"))["expected_at"]
    clock.time = NOON + timedelta(days=3, hours=-2)

    async with opened() as shop:
        after = await get(shop, f"/customers/c1016/orders/{order['order_no']}")
        logistics = await get(shop, f"/customers/c1016/orders/{order['order_no']}/logistics")
        expected_after = (await get(shop, f"/customers/c1015/orders/{late['order_no']}/logistics"))["expected_at"]

    assert datetime.fromisoformat(expected_after) - datetime.fromisoformat(expected_before) == timedelta(days=3)
    now = clock.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert after["state"] == "cancelled"
    moved = datetime.fromisoformat(after["placed_at"]) - datetime.fromisoformat(order["placed_at"])
    assert moved == timedelta(days=3)
    times = [trace["at"] for trace in logistics["traces"]]
    assert times == sorted(times, reverse=True) and times[0] <= now


# The web site and signing in


async def test_a_shoppers_token_is_what_the_desk_expects(shop: httpx.AsyncClient, clock: Clock) -> None:
    answer = (await shop.get("/token?customer=c1001")).json()

    # The shop's clock stands still in these tests, so the life of the token is checked by hand.
    claims = jwt.decode(
        answer["token"],
        KEY,
        algorithms=["HS256"],
        audience="demo",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert jwt.get_unverified_header(answer["token"])["kid"] == "demo-1"
    assert (claims["sub"], claims["name"], claims["level"]) == ("c1001", "林悦", "gold")
    assert claims["exp"] - clock.time.timestamp() == 3600
    assert (await shop.get("/token?customer=nobody")).status_code == 404


async def test_every_page_carries_the_bubble_with_the_shoppers_token(opened: Open) -> None:
    async with opened(desk_public_url="https://desk.example/") as shop:
        guest = (await shop.get("/", headers=PAGE)).text
        signed_in = await shop.post("/sign-in", data={"customer": "c1003", "back": "/orders"})
        pages = [(await shop.get(path, headers=PAGE)).text for path in ("/", "/orders", "/products/p3001", "/nowhere")]

    loader = '<script async src="https://desk.example/widget/loader.js" data-app="demo"'
    assert loader in guest and "data-token" not in guest
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/orders")
    assert all(loader in page and 'data-token="ey' in page and "王晓雯" in page for page in pages)
    assert "https://desk.example/chat?app=demo&amp;token=ey" in pages[0]
    assert "物流异常" in pages[1] and "CS('product', {" in pages[2]
    assert '"product_id": "p3001"' in pages[2]


async def test_one_can_be_a_guest_again_and_never_be_sent_elsewhere(shop: httpx.AsyncClient) -> None:
    await shop.post("/sign-in", data={"customer": "c1003"})
    for elsewhere in ("//evil.example", "/\\evil.example", "https://evil.example"):
        response = await shop.post("/sign-in", data={"customer": "", "back": elsewhere})
        assert response.headers["location"] == "/"

    assert "data-token" not in (await shop.get("/orders", headers=PAGE)).text


async def test_what_people_type_is_shown_as_text(shop: httpx.AsyncClient) -> None:
    order = await order_of(shop, "c1006", "paid")
    nasty = "</script><script>alert(1)</script>\"'<b>"
    await act(shop, "c1006", order, "address", {**ADDRESS, "text": nasty})
    await shop.post("/sign-in", data={"customer": "c1006"})

    orders = (await shop.get("/orders", headers=PAGE)).text
    searched = (await shop.get("/", params={"q": nasty}, headers=PAGE)).text

    assert "<script>alert" not in orders + searched
    assert "&lt;script&gt;alert(1)" in orders and "&lt;script&gt;alert(1)" in searched


async def test_a_missing_page_is_a_page_with_the_same_status(shop: httpx.AsyncClient) -> None:
    response = await shop.get("/products/p9999", headers=PAGE)

    assert response.status_code == 404
    assert "没有这件商品" in response.text and "云杉生活" in response.text


# Settings, faults and the process


def test_the_shop_does_not_start_without_its_secrets(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="JIELI_SHOP_TOKEN"):
        Settings(home=tmp_path, development=False, shop_token="", shop_jwt_key=KEY)
    with pytest.raises(ValidationError, match="JIELI_SHOP_JWT_KEY"):
        Settings(home=tmp_path, development=False, shop_token=TOKEN, shop_jwt_key="short")


async def test_faults_are_made_in_development_only(opened: Open) -> None:
    async with opened(development=True) as shop:
        failed = await shop.get("/customers/c1001", headers={**AUTH, "X-Demo-Fail": "503"})
        by_query = await shop.get("/customers/c1001?X-Demo-Fail=500", headers=AUTH)
        garbage = await shop.get("/customers/c1001", headers={**AUTH, "X-Demo-Fail": "garbage"})
        slow = await shop.get("/customers/c1001", headers={**AUTH, "X-Demo-Delay": "0.05"})
    async with opened() as shop:
        sound = await shop.get("/customers/c1001", headers={**AUTH, "X-Demo-Fail": "503"})

    assert (failed.status_code, by_query.status_code, garbage.status_code) == (503, 500, 200)
    with pytest.raises(json.JSONDecodeError):
        garbage.json()
    assert slow.elapsed >= timedelta(seconds=0.05)
    assert sound.status_code == 200


def test_the_process_starts_answers_and_stops_cleanly(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "JIELI_HOME": str(tmp_path), "JIELI_SHOP_TOKEN": TOKEN, "JIELI_SHOP_JWT_KEY": KEY}
    process = subprocess.Popen(
        [sys.executable, "-m", "training_data.shop", "--port", str(port)], cwd=root, env=environment
    )
    try:
        with httpx.Client(transport=httpx.HTTPTransport(), base_url=f"http://127.0.0.1:{port}") as client:
            while True:
                try:
                    health = client.get("/healthz")
                    break
                except httpx.ConnectError:
                    assert process.poll() is None
                    time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()

    assert (health.status_code, code) == (200, 0)
