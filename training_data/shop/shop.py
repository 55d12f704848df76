"""The shop itself: what the files say, what visitors changed since, and one door for changing it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import RLock
from typing import Any

from training_data.shop.actions import ACTIONS, Body, Facts
from training_data.shop.errors import NotFound, Refused
from training_data.shop.ledger import Change, Ledger
from training_data.shop.records import AfterSale, Coupon, Customer, Order, Product
from training_data.shop.seed import load
from training_data.shop.shop_day import shop_day

# A shop that keeps running is dated afresh, but not within its first day: a visitor should not see an order jump.
FRESH_FOR = timedelta(days=2)


class Shop:
    def __init__(self, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._now = now
        self._lock = RLock()
        self._date()

    def _date(self) -> None:
        with self._lock:
            now = self._now()
            day = shop_day(now)
            seed = load(day, now)
            for change in self._ledger.changes():
                record = moved(json.loads(change.body), change, day, now)
                if change.kind == "order":
                    seed.orders[change.id] = Order.model_validate(record)
                else:
                    seed.after_sales[change.id] = AfterSale.model_validate(record)
            self._day, self._seed = day, seed

    def _fresh(self) -> datetime:
        now = self._now()
        if shop_day(now) - self._day >= FRESH_FOR:
            self._date()
        return now

    def customers(self) -> list[Customer]:
        return list(self._seed.customers.values())

    def customer(self, customer_id: str) -> Customer:
        if (customer := self._seed.customers.get(customer_id)) is None:
            raise NotFound("没有这位客户")
        return customer

    @property
    def all_products(self) -> dict[str, Product]:
        return self._seed.products

    def products(self, words: str = "", category: str = "") -> list[Product]:
        """Products in which every word occurs, ignoring spaces and case; those named so come first."""
        wanted = words.casefold().split()

        def squeezed(text: str) -> str:
            return "".join(text.casefold().split())

        found = []
        for product in self._seed.products.values():
            title = squeezed(product.title)
            text = squeezed(product.title + product.blurb + product.category)
            if (not category or product.category == category) and all(word in text for word in wanted):
                found.append((not all(word in title for word in wanted), product))
        return [product for _, product in sorted(found, key=lambda entry: entry[0])]

    def product(self, product_id: str) -> Product:
        if (product := self._seed.products.get(product_id)) is None:
            raise NotFound("没有这件商品")
        return product

    def orders(self, customer_id: str) -> list[Order]:
        """Newest first."""
        now = self._fresh()
        self.customer(customer_id)
        mine = [self._kept_waiting(o, now) for o in self._seed.orders.values() if o.customer_id == customer_id]
        return sorted(mine, key=lambda order: order.placed_at, reverse=True)

    def order(self, customer_id: str, order_no: str) -> Order:
        now = self._fresh()
        order = self._seed.orders.get(order_no)
        if order is None or order.customer_id != customer_id:
            raise NotFound("没有找到这个订单")
        return self._kept_waiting(order, now)

    @staticmethod
    def _kept_waiting(order: Order, now: datetime) -> Order:
        # The shop cancels unpaid orders after 30 minutes; the demo's one stays twelve minutes old instead.
        if order.state != "unpaid":
            return order
        return order.model_copy(update={"placed_at": now.replace(second=0, microsecond=0) - timedelta(minutes=12)})

    def after_sales(self, customer_id: str) -> list[AfterSale]:
        """Newest first."""
        self._fresh()
        self.customer(customer_id)
        mine = [a for a in self._seed.after_sales.values() if self._seed.orders[a.order_no].customer_id == customer_id]
        return sorted(mine, key=lambda after_sale: after_sale.opened_at, reverse=True)

    def coupons(self, customer_id: str) -> list[Coupon]:
        self._fresh()
        self.customer(customer_id)
        return [coupon for coupon in self._seed.coupons if coupon.customer_id == customer_id]

    def act(
        self,
        customer_id: str,
        order_no: str,
        action: str,
        body: Body,
        key: str,
        render: Callable[[Order, AfterSale | None], dict[str, Any]],
    ) -> dict[str, Any]:
        """Does it once. The same key again returns the first answer; the same key for something else is refused.

        Blocks on the disk: call it from a worker thread.
        """
        asked = f"{order_no}/{action} {body.model_dump_json()}"
        with self._lock:
            order = self.order(customer_id, order_no)
            if stored := self._ledger.answer(customer_id, key):
                if stored[0] != asked:
                    raise Refused("idempotency_key_reused", "这个请求编号已经用于另一个操作")
                answer: dict[str, Any] = json.loads(stored[1])
                return answer
            now = self._now()
            of_order = [a for a in self._seed.after_sales.values() if a.order_no == order_no]
            newest = max(int(number.removeprefix("AS")) for number in self._seed.after_sales)
            facts = Facts(self._seed.products, of_order, f"AS{newest + 1}")
            done = ACTIONS[action][1](order, body, facts, now)
            answer = {"done": True, "text": done.text, **done.extra, **render(done.order, done.after_sale)}
            changes = [Change("order", order_no, self._day, now, done.order.model_dump_json())]
            if done.after_sale:
                number = done.after_sale.after_sale_no
                changes.append(Change("after_sale", number, self._day, now, done.after_sale.model_dump_json()))
            self._ledger.record(changes, customer_id, key, asked, json.dumps(answer, ensure_ascii=False), now)
            self._seed.orders[order_no] = done.order
            if done.after_sale:
                self._seed.after_sales[done.after_sale.after_sale_no] = done.after_sale
            return answer


def moved(record: Any, change: Change, day: date, now: datetime) -> Any:
    """The record as it looks on a later shop's day: its times move along, but what has happened stays in the past."""
    if isinstance(record, dict):
        return {key: moved(value, change, day, now) for key, value in record.items()}
    if isinstance(record, list):
        return [moved(value, change, day, now) for value in record]
    if isinstance(record, str) and (at := _time(record)):
        later = at + (day - change.day)
        return (min(later, now) if at <= change.at else later).isoformat()
    return record


def _time(text: str) -> datetime | None:
    # Only what pydantic wrote as a moment: a customer's words never look like this by accident.
    if len(text) < 20 or text[4:5] != "-" or text[10:11] != "T" or not text.endswith("Z"):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
