"""What a customer may do with an order and when: pure rules, which agree with training_data/faq/README.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from training_data.shop.errors import Refused
from training_data.shop.records import Address, AfterSale, AfterSaleKind, Invoice, Order, Product, Trace

URGE_EVERY = timedelta(hours=6)
DISPATCH_WITHIN = timedelta(hours=48)
PRICE_PROTECTION = timedelta(days=15)
INVOICE_WITHIN = timedelta(days=365)

NOT_DISPATCHED = ("unpaid", "paid", "packing")
ON_THE_WAY = ("shipped", "delivering")
KIND_TEXTS: dict[AfterSaleKind, str] = {"return": "退货退款", "exchange": "换货", "refund": "仅退款", "repair": "维修"}


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class NoBody(Body):
    pass


class AddressBody(Body):
    name: Annotated[str, StringConstraints(min_length=1, max_length=30)]
    phone: Annotated[str, StringConstraints(pattern=r"^1[3-9]\d{9}$")]
    text: Annotated[str, StringConstraints(min_length=5, max_length=200)]


class AfterSaleBody(Body):
    kind: AfterSaleKind
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    amount: Decimal | None = None
    images: Annotated[list[Annotated[str, StringConstraints(max_length=500)]], "addresses of pictures"] = []


class InvoiceBody(Body):
    kind: Literal["personal", "company"]
    title: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    tax_no: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{15,20}$")] | None = None

    @model_validator(mode="after")
    def _companies_have_a_tax_number(self) -> InvoiceBody:
        if self.kind == "company" and not self.tax_no:
            raise ValueError("公司发票需要税号")
        return self


@dataclass(frozen=True)
class Facts:
    """What the rules need besides the order."""

    products: dict[str, Product]
    after_sales: list[AfterSale]  # of this order
    next_after_sale_no: str


@dataclass(frozen=True)
class Done:
    order: Order
    text: str
    after_sale: AfterSale | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def urge(order: Order, body: NoBody, facts: Facts, now: datetime) -> Done:
    match order.state:
        case "unpaid":
            raise Refused("not_paid", "订单还没有付款，付款后我们马上安排发货")
        case "cancelled":
            raise Refused("already_cancelled", "订单已取消，不能催件")
        case "signed" | "completed" | "after_sale":
            raise Refused("already_signed", "包裹已经签收，不用再催了")
    if order.urged_at_unix is not None:
        again = order.urged_at_unix + URGE_EVERY.total_seconds() - now.timestamp()
        if again > 0:
            hours = -(-int(again) // 3600)
            detail = f"刚刚已经催过了，同一订单 6 小时内只能催一次，请约 {hours} 小时后再试"
            raise Refused("urged_recently", detail, retry_after=int(again))
    if order.state in ON_THE_WAY:
        text = f"已向{order.carrier}登记催件，单号 {order.tracking_no}，有进展会更新在物流信息里"
    elif order.paid_at and now - order.paid_at > DISPATCH_WITHIN:
        text = "已催促仓库优先发货。很抱歉，这单已超过 48 小时的发货承诺，超时补偿为一张 5 元无门槛券"
    else:
        text = "已催促仓库尽快发货，付款后 48 小时内会发出"
    return Done(order.model_copy(update={"urged_at_unix": now.timestamp()}), text)


def cancel(order: Order, body: NoBody, facts: Facts, now: datetime) -> Done:
    if order.state == "cancelled":
        raise Refused("already_cancelled", "订单已经取消过了")
    if order.state not in NOT_DISPATCHED:
        raise Refused("already_shipped", "订单已经发货，不能取消；可以拒收，或签收后 7 天内申请退货")
    if order.paid_at:
        text = f"订单已取消，¥{order.amount:.2f} 将原路退回：零钱和余额 24 小时内，储蓄卡 1–3 个工作日到账"
    else:
        text = "订单已取消，没有扣款"
    trace = Trace(at=now, text="订单已取消" + ("，款项按原支付方式退回" if order.paid_at else ""))
    changed = {"state": "cancelled", "cancelled_at": now, "expected_at": None, "traces": [trace, *order.traces]}
    return Done(order.model_copy(update=changed), text)


def change_address(order: Order, body: AddressBody, facts: Facts, now: datetime) -> Done:
    if order.state == "cancelled":
        raise Refused("already_cancelled", "订单已取消，不能修改地址")
    if order.state not in NOT_DISPATCHED:
        raise Refused("already_shipped", "订单已经发货，不能自助修改地址；可以请人工客服联系快递改派")
    if order.address_changed:
        raise Refused("address_changed_already", "发货前只能自助修改一次地址，再改请联系人工客服")
    address = Address(name=body.name, phone=body.phone, text=body.text)
    return Done(
        order.model_copy(update={"address": address, "address_changed": True}), f"收货地址已改为：{address.text}"
    )


def issue_invoice(order: Order, body: InvoiceBody, facts: Facts, now: datetime) -> Done:
    if order.invoice:
        raise Refused("already_invoiced", f"这个订单已经开过发票（抬头：{order.invoice.title}），换开请联系人工客服")
    if order.state == "cancelled":
        raise Refused("already_cancelled", "订单已取消，不能开发票")
    if not order.signed_at:
        raise Refused("not_signed", "收到货以后才能申请发票")
    if now - order.placed_at > INVOICE_WITHIN:
        raise Refused("invoice_window_over", "下单超过 12 个月，不能再补开发票")
    tax_no = body.tax_no if body.kind == "company" else None
    invoice = Invoice(kind=body.kind, title=body.title, tax_no=tax_no, amount=order.amount)
    text = f"电子发票申请已提交，抬头「{body.title}」，金额 ¥{order.amount:.2f}，24 小时内开好发到您的邮箱"
    return Done(order.model_copy(update={"invoice": invoice}), text)


def protect_price(order: Order, body: NoBody, facts: Facts, now: datetime) -> Done:
    if order.state == "cancelled":
        raise Refused("already_cancelled", "订单已取消，不能申请价保")
    if not order.paid_at:
        raise Refused("not_paid", "订单还没有付款，付款时按最新价格计算")
    if order.price_protected is not None:
        raise Refused("already_protected", "这个订单已经申请过价保，每件商品限一次")
    if now - order.paid_at > PRICE_PROTECTION:
        raise Refused("price_protection_over", "价保期是付款后 15 天，这个订单已经超过了")
    difference = sum(
        (max(Decimal(0), item.price - facts.products[item.product_id].price) * item.quantity for item in order.items),
        Decimal(0),
    )
    if not difference:
        raise Refused("no_price_difference", "现在的售价没有低于您购买时的价格，不用退差价")
    text = f"价保申请已提交，差价 ¥{difference:.2f}，24 小时内审核，通过后 3 个工作日内原路退回"
    return Done(order.model_copy(update={"price_protected": difference}), text, extra={"amount": float(difference)})


def open_after_sale(order: Order, body: AfterSaleBody, facts: Facts, now: datetime) -> Done:
    if any(after_sale.is_open for after_sale in facts.after_sales):
        raise Refused("already_open", "这个订单有正在处理的售后，请等处理完再申请")
    match order.state:
        case "cancelled":
            raise Refused("already_cancelled", "订单已取消，不能申请售后")
        case "unpaid" | "paid" | "packing":
            raise Refused("cancel_instead", "订单还没有发货，直接取消就可以")
        case "shipped" | "delivering" if body.kind != "refund":
            raise Refused("not_signed", "包裹还没有签收，签收后才能申请；没收到货可以申请仅退款")
    if order.signed_at:
        if body.kind == "repair":
            _within_warranty(order, facts, now)
        elif order.returnable_until and now > order.returnable_until:
            detail = "签收已超过 7 天，不能自助申请；有质量问题的，签收 15 天内可以请人工客服处理"
            raise Refused("return_window_over", detail)
    refunds = body.kind in ("return", "refund")
    amount = (order.amount if body.amount is None else body.amount) if refunds else Decimal(0)
    if not 0 <= amount <= order.amount or (refunds and not amount):
        raise Refused("amount_too_high", f"退款金额要大于 0，且不超过实付的 ¥{order.amount:.2f}")
    after_sale = AfterSale(
        after_sale_no=facts.next_after_sale_no,
        order_no=order.order_no,
        kind=body.kind,
        state="审核中",
        reason=body.reason,
        amount=amount,
        opened_at=now,
        is_open=True,
        images=body.images,
        steps=[Trace(at=now, text=f"您提交了{KIND_TEXTS[body.kind]}申请，24 小时内审核")],
    )
    text = f"{KIND_TEXTS[body.kind]}申请已提交，售后单号 {after_sale.after_sale_no}，24 小时内审核"
    return Done(order.model_copy(update={"state": "after_sale"}), text, after_sale=after_sale)


def _within_warranty(order: Order, facts: Facts, now: datetime) -> None:
    days = max(facts.products[item.product_id].warranty_days for item in order.items)
    if not days:
        raise Refused("no_warranty", "这个订单里的商品不在保修范围内")
    assert order.signed_at is not None
    if now - order.signed_at > timedelta(days=days):
        raise Refused("warranty_over", "已经过了 1 年保修期，付费维修请联系人工客服")


# Path segment → (body, rule).
ACTIONS: dict[str, tuple[type[Body], Callable[[Order, Any, Facts, datetime], Done]]] = {
    "urge": (NoBody, urge),
    "cancel": (NoBody, cancel),
    "address": (AddressBody, change_address),
    "invoice": (InvoiceBody, issue_invoice),
    "price-protection": (NoBody, protect_price),
    "after-sale": (AfterSaleBody, open_after_sale),
}
