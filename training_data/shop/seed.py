"""Reads the committed files and dates them for the shop's day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from training_data.shop.records import Address, AfterSale, Coupon, Customer, Order, Product
from training_data.shop.shop_day import moment

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Seed:
    customers: dict[str, Customer]
    products: dict[str, Product]
    orders: dict[str, Order]
    after_sales: dict[str, AfterSale]
    coupons: list[Coupon]


def rows(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return loaded


def load(day: date, now: datetime) -> Seed:
    def at(clock: str | None) -> datetime | None:
        return moment(clock, day, now) if clock else None

    def traces(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
        return [{"at": at(clock), "text": text} for clock, text in pairs]

    customers = {row["customer_id"]: Customer.model_validate(row) for row in rows("customers")}
    orders = {}
    for row in rows("orders"):
        customer = customers[row["customer_id"]]
        times = {
            f"{name}_at": at(row.pop(name)) for name in ("placed", "paid", "shipped", "signed", "cancelled", "expected")
        }
        if row["invoice"]:
            row["invoice"]["issued_at"] = at(row["invoice"].pop("issued"))
        row["traces"] = traces(row["traces"])
        address = Address(name=customer.name, phone=customer.phone, text=customer.address)
        orders[row["order_no"]] = Order.model_validate({**row, **times, "address": address})
    after_sales = {}
    for row in rows("after_sales"):
        dated = {"opened_at": at(row.pop("opened")), "is_open": row.pop("open"), "steps": traces(row.pop("steps"))}
        after_sales[row["after_sale_no"]] = AfterSale.model_validate({**row, **dated})
    return Seed(
        customers=customers,
        products={row["product_id"]: Product.model_validate(row) for row in rows("products")},
        orders=orders,
        after_sales=after_sales,
        coupons=[Coupon.model_validate({**row, "valid_to": at(row["valid_to"])}) for row in rows("coupons")],
    )
