"""What the shop knows about people, goods and orders. A record never changes; a change makes a new one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from training_data.shop.shop_day import end_of_return_window

OrderState = Literal[
    "unpaid", "paid", "packing", "shipped", "delivering", "signed", "completed", "cancelled", "after_sale"
]
AfterSaleKind = Literal["return", "exchange", "refund", "repair"]

STATE_TEXTS: dict[OrderState, str] = {
    "unpaid": "待付款",
    "paid": "待发货",
    "packing": "打包中",
    "shipped": "运输中",
    "delivering": "派送中",
    "signed": "已签收",
    "completed": "交易完成",
    "cancelled": "已取消",
    "after_sale": "售后中",
}
# Something is still going to happen to these by itself.
OPEN_STATES: frozenset[OrderState] = frozenset({"unpaid", "paid", "packing", "shipped", "delivering", "after_sale"})
LEVEL_TEXTS = {"normal": "普通会员", "silver": "银杉会员", "gold": "金杉会员", "diamond": "黑杉会员"}


class Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Option(Record):
    option: str
    stock: int


class Product(Record):
    product_id: str
    category: str
    title: str
    blurb: str
    price: Decimal
    was: Decimal | None = None
    options: list[Option]
    warranty_days: int = 0

    @property
    def stock(self) -> int:
        return sum(option.stock for option in self.options)


class Customer(Record):
    customer_id: str
    name: str
    level: Literal["normal", "silver", "gold", "diamond"]
    phone: str
    since_days: int
    tags: list[str]
    city: str
    address: str
    good_for: str


class Item(Record):
    product_id: str
    option: str
    quantity: int
    price: Decimal


class Trace(Record):
    at: datetime
    text: str


class Address(Record):
    name: str
    phone: str
    text: str


class Invoice(Record):
    kind: Literal["personal", "company"]
    title: str
    tax_no: str | None
    amount: Decimal
    issued_at: datetime | None = None


class Order(Record):
    order_no: str
    customer_id: str
    state: OrderState
    placed_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    signed_at: datetime | None
    cancelled_at: datetime | None
    expected_at: datetime | None
    carrier: str | None
    tracking_no: str | None
    items: list[Item]
    address: Address
    address_changed: bool = False
    invoice: Invoice | None
    traces: list[Trace]  # newest first
    price_protected: Decimal | None = None
    urged_at_unix: float | None = None  # a plain number: real time, which does not move with the shop's day

    @property
    def amount(self) -> Decimal:
        return sum((item.price * item.quantity for item in self.items), Decimal(0))

    @property
    def returnable_until(self) -> datetime | None:
        return end_of_return_window(self.signed_at) if self.signed_at else None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class AfterSale(Record):
    after_sale_no: str
    order_no: str
    kind: AfterSaleKind
    state: str
    reason: str
    amount: Decimal
    opened_at: datetime
    is_open: bool
    images: list[str] = []
    steps: list[Trace]  # newest first


class Coupon(Record):
    coupon_id: str
    customer_id: str
    title: str
    amount: Decimal
    threshold: Decimal
    state: str
    valid_to: datetime
    why_unusable: str | None
