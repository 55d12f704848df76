"""A small knowledge base and a small shop that speak the interfaces of docs/api.md sections 5 and 7."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Answer = tuple[int, Any]


class Neighbour:
    """An HTTP server on a free port. `down = True` makes it answer 503 to everything."""

    def __init__(self) -> None:
        self.down = False
        self.calls: list[tuple[str, str, Any, dict[str, str]]] = []
        neighbour = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One packet per answer: two small ones meet the client's delayed acknowledgement and cost 40 ms.
            wbufsize = 65_536
            disable_nagle_algorithm = True

            def _serve(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                parts = urlsplit(self.path)
                neighbour.calls.append((self.command, unquote(parts.path), body, dict(self.headers)))
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                status, answer = (
                    (503, {"code": "storage_unavailable"})
                    if neighbour.down
                    else neighbour.answer(self.command, unquote(parts.path), query, body, dict(self.headers))
                )
                payload = json.dumps(answer, ensure_ascii=False).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = _serve

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, headers: dict[str, str]) -> Answer:
        raise NotImplementedError


def entry(entry_id: str, question: str, answer: str) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "question": question,
        "answer": answer,
        "html": f"<p>{answer}</p>",
        "category": "退货",
        "probability": 0.93,
        "score": 0.9,
        "matched": question,
        "vector_score": 0.9,
        "lexical_score": 0.8,
        "related": [],
    }


FREIGHT = entry("return-7days-freight", "七天无理由退货运费谁出", "七天无理由退货，寄回的运费由买家承担。")
COURIER = entry("courier-default", "默认发什么快递", "默认发中通或韵达，大件发德邦。")
FREE_SHIPPING = entry("shipping-free", "满多少包邮", "单笔满 59 元包邮。")


class SmallKnowledgeBase(Neighbour):
    """Knows three entries, offers two of them for 邮费, and has nothing to say about the rest."""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, headers: dict[str, str]) -> Answer:
        if path.startswith("/api/v1/entries/"):
            found = next((e for e in (FREIGHT, FREE_SHIPPING, COURIER) if path.endswith(e["entry_id"])), None)
            return (200, {**found, "revision": 7}) if found else (404, {"code": "not_found"})
        text = body["text"]
        if "运费谁" in text:
            return self._found("answer", 0.93, [FREIGHT])
        if "快递" in text and ("发" in text or "哪家" in text):
            return self._found("answer", 0.99, [COURIER])
        if "包邮" in text:
            return self._found("answer", 0.91, [FREE_SHIPPING])
        if "邮费" in text:
            return self._found("did_you_mean", 0.55, [FREIGHT, FREE_SHIPPING])
        return self._found("ask_back", 0.05, [])

    def _found(self, decision: str, probability: float, results: list[dict[str, Any]]) -> Answer:
        return 200, {
            "revision": 7,
            "decision": decision,
            "probability": probability,
            "results": results,
            "missing": None,
        }


def order(order_no: str, state: str, title: str, **rest: Any) -> dict[str, Any]:
    received = "2026-01-02T03:00:00.000Z" if state in ("signed", "completed") else None
    return {
        "order_no": order_no,
        "state": state,
        "state_text": {"shipped": "运输中", "delivering": "派送中", "paid": "待发货", "signed": "已签收"}.get(
            state, state
        ),
        "placed_at": "2025-12-30T03:00:00.000Z",
        "paid_at": "2025-12-30T03:01:00.000Z",
        "shipped_at": None,
        "signed_at": received,
        "amount": 199.0,
        "items": [{"product_id": "p1", "title": title, "option": "", "quantity": 1, "price": 199.0, "image": ""}],
        "address": {"name": "林悦", "phone_masked": "138****8001", "text": "上海市浦东新区锦绣路 1688 弄"},
        "invoice": None,
        "carrier": "顺丰速运" if state in ("shipped", "delivering", "signed") else None,
        "tracking_no": f"SF{order_no}" if state in ("shipped", "delivering", "signed") else None,
        "returnable_until": "2026-01-10T03:00:00.000Z" if received else None,
        **rest,
    }


class SmallShop(Neighbour):
    """c1 has one parcel on its way, c2 several orders in all states, c3 none, c4 a big signed order."""

    def __init__(self) -> None:
        super().__init__()
        self.orders = {
            "c1": [order("88260000000101", "shipped", "蓝牙耳机")],
            "c2": [
                order("88260000000201", "delivering", "天竺棉四件套"),
                order("88260000000202", "paid", "加湿器"),
                order("88260000000203", "signed", "保温杯"),
            ],
            "c3": [],
            "c4": [order("88260000000401", "signed", "升降书桌", amount=3299.0)],
        }
        self.done: dict[str, dict[str, Any]] = {}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, headers: dict[str, str]) -> Answer:
        missing: Answer = (404, {"code": "not_found", "detail": "没有这个订单"})
        if path == "/products":
            products = [{"product_id": "w1", "title": "人工智能手表 S2", "price": 899, "stock": 12, "options": []}]
            return 200, {"products": products if "手表" in query.get("q", "") else []}
        parts = path.strip("/").split("/")
        customer_id, rest = parts[1], parts[2:]
        orders = self.orders.get(customer_id)
        if orders is None:
            return missing
        if not rest:
            return 200, {"customer_id": customer_id, "name": "林悦", "level": "gold", "phone": "13800138001"}
        if rest == ["after-sales"]:
            return 200, {"after_sales": self._after_sales(customer_id)}
        if rest == ["coupons"]:
            return 200, {"coupons": [COUPON] if customer_id == "c2" else []}
        if rest == ["orders"]:
            return 200, {"orders": orders}
        found = next((one for one in orders if one["order_no"] == rest[1]), None)
        if found is None:
            return missing
        if len(rest) == 2:
            return 200, found
        if rest[2] == "logistics":
            return 200, {
                "order_no": found["order_no"],
                "carrier": found["carrier"],
                "tracking_no": found["tracking_no"],
                "status": found["state_text"],
                "expected_at": "2026-01-06T10:00:00.000Z",
                "traces": [{"at": "2026-01-05T08:00:00.000Z", "text": "快件已到达上海转运中心"}]
                if found["carrier"]
                else [],
            }
        return self._do(found, rest[2], body, headers)

    def _do(self, found: dict[str, Any], action: str, body: Any, headers: dict[str, str]) -> Answer:
        key = {name.lower(): value for name, value in headers.items()}["idempotency-key"]
        if action == "price-protection":
            return 409, {"code": "not_covered", "detail": "这件商品没有降价，不需要价保。"}
        self.done.setdefault(key, {"order_no": found["order_no"], "action": action, "body": body})
        return 200, {"done": True, "text": f"已为您处理：{action}"}

    def _after_sales(self, customer_id: str) -> list[dict[str, Any]]:
        return [AFTER_SALE] if customer_id == "c2" else []


COUPON = {
    "coupon_id": "k1",
    "title": "满 199 减 30",
    "amount": 30,
    "threshold": 199,
    "state": "unusable",
    "valid_to": "2026-02-01T00:00:00.000Z",
    "why_unusable": "购物车还没满 199 元",
}
AFTER_SALE = {
    "after_sale_no": "AS1",
    "order_no": "88260000000203",
    "kind": "return",
    "state": "退款中",
    "reason": "不想要了",
    "amount": 199.0,
    "opened_at": "2026-01-03T03:00:00.000Z",
    "steps": [{"at": "2026-01-04T03:00:00.000Z", "text": "仓库验货通过，正在退款"}],
}
