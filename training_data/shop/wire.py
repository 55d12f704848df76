"""Records as they cross the wire (docs/api.md, section 7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from training_data.shop.records import STATE_TEXTS, AfterSale, Coupon, Customer, Order, Product, Trace
from training_data.shop.shop_day import rfc3339

Wire = dict[str, Any]
SILENT_TOO_LONG = timedelta(hours=72)  # from then on a parcel may be reported, says the FAQ


def _time(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None


def _traces(traces: list[Trace]) -> list[Wire]:
    return [{"at": rfc3339(trace.at), "text": trace.text} for trace in traces]


def masked(phone: str) -> str:
    return phone[:3] + "****" + phone[-4:]


def image(product_id: str, base: str) -> str:
    return f"{base}/static/images/{product_id}.svg"


def customer_out(customer: Customer, orders: list[Order], now: datetime) -> Wire:
    paid = sum((order.amount for order in orders if order.paid_at and order.state != "cancelled"), Decimal(0))
    return {
        "customer_id": customer.customer_id,
        "name": customer.name,
        "level": customer.level,
        "phone": customer.phone,
        "since": rfc3339(
            (now - timedelta(days=customer.since_days)).replace(hour=4, minute=0, second=0, microsecond=0)
        ),
        "tags": customer.tags,
        "orders_count": len(orders),
        "spent": float(paid),
    }


def product_out(product: Product, base: str) -> Wire:
    return {
        "product_id": product.product_id,
        "title": product.title,
        "price": float(product.price),
        "stock": product.stock,
        "image": image(product.product_id, base),
        "options": [{"option": option.option, "stock": option.stock} for option in product.options],
    }


def order_out(order: Order, products: dict[str, Product], base: str) -> Wire:
    invoice = order.invoice
    return {
        "order_no": order.order_no,
        "state": order.state,
        "state_text": STATE_TEXTS[order.state],
        "placed_at": rfc3339(order.placed_at),
        "paid_at": _time(order.paid_at),
        "shipped_at": _time(order.shipped_at),
        "signed_at": _time(order.signed_at),
        "amount": float(order.amount),
        "items": [
            {
                "product_id": item.product_id,
                "title": products[item.product_id].title,
                "option": item.option,
                "quantity": item.quantity,
                "price": float(item.price),
                "image": image(item.product_id, base),
            }
            for item in order.items
        ],
        "address": {
            "name": order.address.name,
            "phone_masked": masked(order.address.phone),
            "text": order.address.text,
        },
        "invoice": {
            "kind": invoice.kind,
            "title": invoice.title,
            "tax_no": invoice.tax_no,
            "amount": float(invoice.amount),
            "issued_at": _time(invoice.issued_at),
        }
        if invoice
        else None,
        "carrier": order.carrier,
        "tracking_no": order.tracking_no,
        "returnable_until": _time(order.returnable_until),
    }


def parcel_status(order: Order, now: datetime) -> str:
    """The shop's word for where the parcel is, fit to show."""
    if order.signed_at:
        return "已签收"
    match order.state:
        case "unpaid":
            return "待付款"
        case "paid" | "packing":
            return "待发货"
        case "cancelled":
            return "已取消"
    newest = order.traces[0]
    if "取件码" in newest.text:
        return "待取件"
    if now - newest.at > SILENT_TOO_LONG:
        return "物流异常"
    return "派送中" if order.state == "delivering" else "运输中"


def logistics_out(order: Order, now: datetime) -> Wire:
    return {
        "order_no": order.order_no,
        "carrier": order.carrier,
        "tracking_no": order.tracking_no,
        "status": parcel_status(order, now),
        "expected_at": _time(order.expected_at),
        "traces": _traces(order.traces),
    }


def after_sale_out(after_sale: AfterSale) -> Wire:
    return {
        "after_sale_no": after_sale.after_sale_no,
        "order_no": after_sale.order_no,
        "kind": after_sale.kind,
        "state": after_sale.state,
        "reason": after_sale.reason,
        "amount": float(after_sale.amount),
        "opened_at": rfc3339(after_sale.opened_at),
        "steps": _traces(after_sale.steps),
    }


def coupon_out(coupon: Coupon) -> Wire:
    return {
        "coupon_id": coupon.coupon_id,
        "title": coupon.title,
        "amount": float(coupon.amount),
        "threshold": float(coupon.threshold),
        "state": coupon.state,
        "valid_to": rfc3339(coupon.valid_to),
        "why_unusable": coupon.why_unusable,
    }
