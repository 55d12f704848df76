"""Writes data/orders.json and data/after_sales.json: the demo shop's 120 orders, the same ones at every run.

The orders that a demo is shown with are told by hand in `stories.py`; around them each customer gets finished orders
until the count and the member level (what was paid in the last twelve months) are right.

    python -m training_data.shop.order_book
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from training_data.shop.journey import DAY, HOUR, ROUTES, Trace, travel
from training_data.shop.stories import AFTER_SALES, ORDER_COUNTS, STORIES, UNPAID, Story, minutes

DATA = Path(__file__).parent / "data"
SEED = 20  # any number; changing it changes every invented order
TODAY_ENDS = 9 * HOUR + 50  # nothing in the files is later than 09:50 of the shop's day, see shop_day.py
AUTO_CONFIRM = 10 * DAY  # after dispatch, as the FAQ says

# What was paid in twelve months, by level: 普通 < 500 ≤ 银杉 < 2000 ≤ 金杉 < 5000 ≤ 黑杉.
BANDS = {"normal": (0, 500), "silver": (500, 2000), "gold": (2000, 5000), "diamond": (5000, 20000)}
FREE_SHIPPING = 59


def clock(minute: int) -> str:
    """Minutes since midnight of the shop's day 0 as the files write them: "-2 14:05"."""
    day, rest = divmod(minute, DAY)
    return f"{day} {rest // 60:02d}:{rest % 60:02d}"


def invented(customer: dict[str, Any], count: int, band: tuple[int, int], products: Any, rng: Random) -> list[Story]:
    """`count` finished (a few cancelled) orders whose paid total lies within `band`."""
    affordable = [p for p in products if band[1] > 500 or p["price"] <= 170]
    for _ in range(200_000):
        stories = []
        for _ in range(count):
            lines = []
            for product in rng.sample(affordable, rng.choices([1, 2, 3], [70, 22, 8])[0]):
                quantity = rng.choices([1, 2, 3], [80, 15, 5])[0]
                lines.append((product["product_id"], rng.choice(product["options"])["option"], quantity))
            placed = -rng.randint(21, 330) * DAY + rng.randint(8 * HOUR, 23 * HOUR)
            stories.append(Story(customer["customer_id"], tuple(lines), clock(placed)))
        prices = {p["product_id"]: p["price"] for p in products}
        totals = [sum(prices[product] * quantity for product, _, quantity in s.items) for s in stories]
        if band[0] <= sum(totals) < band[1] and (not totals or min(totals) >= FREE_SHIPPING):
            return stories
    raise ValueError(f"{customer['customer_id']}: no set of {count} orders fits {band}")


def finished(story: Story, city: str, rng: Random) -> Story:
    """Dispatch and delivery of an invented order, within the times that the shop promises."""
    placed = minutes(story.placed)
    if rng.random() < 0.08:
        return replace(story, state="cancelled", cancelled=clock(placed + rng.randint(5, 90)))
    midnight = placed - placed % DAY
    same_day = placed % DAY < 16 * HOUR
    shipped = midnight + (0 if same_day else DAY) + rng.randint(17 * HOUR, 18 * HOUR + 30)
    days = rng.randint(max(1, ROUTES[city][3] - 1), ROUTES[city][3])
    signed = shipped - shipped % DAY + days * DAY + rng.randint(9 * HOUR, 19 * HOUR)
    carrier = rng.choices(["zto", "yto", "sf", "yunda", "jd"], [36, 32, 14, 9, 9])[0]
    return replace(story, shipped=clock(shipped), signed=clock(signed), carrier=carrier)


def written(story: Story, customer: dict[str, Any], products: dict[str, Any], rng: Random) -> dict[str, Any]:
    """One order as it stands in orders.json, without its number."""
    placed, paid = minutes(story.placed), minutes(story.placed) + rng.randint(1, 6)
    warehouse = ROUTES[customer["city"]][0]
    order: dict[str, Any] = {
        "customer_id": story.customer_id,
        "state": story.state,
        "placed": story.placed,
        "paid": clock(paid),
        "shipped": None,
        "signed": None,
        "cancelled": story.cancelled,
        "expected": None,
        "carrier": None,
        "tracking_no": None,
        "items": [
            {
                "product_id": product_id,
                "option": option,
                "quantity": quantity,
                "price": story.price or products[product_id]["price"],
            }
            for product_id, option, quantity in story.items
        ],
        "invoice": story.invoice,
        "traces": [],
    }
    traces: list[Trace] = [(placed, "您的订单已提交，等待付款"), (paid, f"付款成功，等待【{warehouse}仓】配货")]
    if story.state == "unpaid":
        order.update(placed=UNPAID, paid=None)
        traces = []
    elif story.state == "cancelled":
        assert story.cancelled is not None
        traces.append((minutes(story.cancelled), "订单已取消，款项按原支付方式退回"))
    elif story.shipped is None:
        travel_days = ROUTES[customer["city"]][3]
        order["expected"] = clock(paid - paid % DAY + (2 + travel_days) * DAY + 18 * HOUR)
        if story.state == "packing":
            traces.append((TODAY_ENDS - 2 * HOUR, f"【{warehouse}仓】已接单，正在配货"))
            traces.append((TODAY_ENDS - 25, f"【{warehouse}仓】正在打包"))
    else:
        assert story.signed is not None
        shipped, signed = minutes(story.shipped), minutes(story.signed)
        packed = max(paid + 20, shipped - rng.randint(90, 240))
        journey = travel(story.carrier, customer["city"], packed, shipped, signed, rng, story.ending)
        known_until = minutes(story.silent_since) if story.silent_since else TODAY_ENDS
        traces += [trace for trace in journey.traces if trace[0] <= known_until]
        order.update(shipped=story.shipped, carrier=journey.carrier, tracking_no=journey.tracking_no)
        order["expected"] = clock(signed - signed % DAY + 18 * HOUR + (DAY if story.ending == "failed" else 0))
        if "已签收" in traces[-1][1]:
            order["signed"] = story.signed
            confirmed = shipped + AUTO_CONFIRM <= TODAY_ENDS
            order["state"] = story.state or ("completed" if confirmed else "signed")
        else:
            order["state"] = (
                "delivering" if any("派送，" in text or "驿站" in text for _, text in traces) else "shipped"
            )
    order["traces"] = [[clock(at), text] for at, text in sorted(traces, reverse=True, key=lambda trace: trace[0])]
    return order


def order_book() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rng = Random(SEED)
    customers = json.loads((DATA / "customers.json").read_text("utf-8"))
    products = json.loads((DATA / "products.json").read_text("utf-8"))
    by_product = {product["product_id"]: product for product in products}
    orders: list[tuple[int, str | None, dict[str, Any]]] = []
    for customer in customers:
        told = [story for story in STORIES if story.customer_id == customer["customer_id"]]
        count = ORDER_COUNTS.get(customer["customer_id"], 0)
        told_total = sum(
            (story.price or by_product[product]["price"]) * quantity
            for story in told
            if story.state not in ("unpaid", "cancelled")
            for product, _, quantity in story.items
        )
        low, high = BANDS[customer["level"]]
        for _ in range(50):  # a cancelled order does not count as paid: try again until the level fits
            extra = invented(customer, count - len(told), (max(0, low - told_total), high - told_total), products, rng)
            extra = [finished(story, customer["city"], rng) for story in extra]
            paid_total = told_total + sum(
                by_product[product]["price"] * quantity
                for story in extra
                if story.state != "cancelled"
                for product, _, quantity in story.items
            )
            if low <= paid_total < high:
                break
        else:
            raise ValueError(f"{customer['customer_id']} never reaches {customer['level']}")
        orders += [
            (minutes(story.placed), story.name, written(story, customer, by_product, rng)) for story in told + extra
        ]
    orders.sort(key=lambda entry: entry[0])
    numbers = {}
    for rank, (_, name, order) in enumerate(orders):
        order["order_no"] = f"8826{4_100_000_000 + rank * 7_919_373:010d}"
        if name:
            numbers[name] = order["order_no"]
    after_sales = [
        {
            "after_sale_no": f"AS{73_100_000 + index * 4_177}",
            "order_no": numbers[after_sale["of"]],
            **{key: value for key, value in after_sale.items() if key != "of"},
        }
        for index, after_sale in enumerate(AFTER_SALES)
    ]
    return [{"order_no": order.pop("order_no"), **order} for _, _, order in orders], after_sales


def as_text(rows: list[dict[str, Any]]) -> str:
    """JSON with one line per row, so that a change of one order is a change of one line."""
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


if __name__ == "__main__":
    orders, after_sales = order_book()
    (DATA / "orders.json").write_text(as_text(orders), "utf-8")
    (DATA / "after_sales.json").write_text(as_text(after_sales), "utf-8")
