"""Message bodies as people and the bot send them: checked, cut to the known members, and safe to show."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

import nh3

from handoff.errors import BadText, Invalid
from handoff.views import Json

TEXT_LIMIT = 4000
ID_LIMIT = 100
# Larger structures are no message; twenty orders to pick from stay below.
MEMBERS_LIMIT = 1500
DEPTH_LIMIT = 8

CUSTOMER_TYPES = ("text", "image", "product", "order")
AGENT_TYPES = ("text", "image", "order", "answer", "logistics")
BOT_TYPES = ("text", "answer", "did_you_mean", "choices", "order_picker", "order", "logistics")


def clean_text(value: object, field: str = "text", *, may_be_empty: bool = False, limit: int = TEXT_LIMIT) -> str:
    """NUL taken out and ends trimmed; BadText for half characters, nothing, or too much."""
    if not isinstance(value, str):
        raise Invalid(field, "必须是文字")
    text = value.replace("\x00", "").strip()
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadText("内容里有无法识别的字符") from None
    if not text and not may_be_empty:
        raise BadText("内容不能为空")
    if len(text) > limit:
        raise BadText(f"内容不能超过 {limit} 个字")
    return text


def clean_id(value: object, field: str) -> str:
    text = clean_text(value, field, limit=ID_LIMIT)
    if text != value:
        raise BadText(f"{field} 里有无法识别的字符")
    return text


def customer_body(body: object, http_image_hosts: Collection[str] = ()) -> Json:
    """A customer's order message keeps the number only: what the order says comes from the shop."""
    cleaned = _typed(body, CUSTOMER_TYPES)
    kind = cleaned["type"]
    if kind == "text":
        kept = {"type": kind, "text": clean_text(cleaned.get("text"))}
        if cleaned.get("entry_id") is not None:
            kept["entry_id"] = clean_id(cleaned["entry_id"], "entry_id")
        return kept
    if kind == "image":
        return _image(cleaned)
    if kind == "product":
        return {
            "type": kind,
            "product_id": clean_id(cleaned.get("product_id"), "product_id"),
            "title": clean_text(cleaned.get("title", ""), "title", may_be_empty=True, limit=300),
            "price": _plain(cleaned.get("price"), "price"),
            "image": _picture(cleaned.get("image"), http_image_hosts),
        }
    order = cleaned.get("order")
    order_no = cleaned.get("order_no", order.get("order_no") if isinstance(order, dict) else None)
    text = clean_text(cleaned.get("text") or "", may_be_empty=True)
    return {"type": kind, "text": text, "order": {"order_no": clean_id(order_no, "order_no")}}


def agent_body(body: object) -> Json:
    cleaned = _typed(body, AGENT_TYPES)
    kind = cleaned["type"]
    if kind == "image":
        return _image(cleaned)
    if kind in ("text", "answer"):
        cleaned["text"] = clean_text(cleaned.get("text"))
    elif kind == "order" and not isinstance(cleaned.get("order"), dict):
        raise Invalid("order", "缺少订单")
    return _safe_html(cleaned)


def bot_body(body: object) -> Json:
    """Raises like the others; the caller takes that as a failed turn."""
    return _safe_html(_typed(body, BOT_TYPES))


def fingerprint(kind: str, role: str, author_id: str, body: Json) -> str:
    """Tells a retry from another message under the same client_msg_id."""
    line = json.dumps([kind, role, author_id, body], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(line.encode()).hexdigest()


def clean_json(value: object) -> Any:
    """The same structure with every string cleaned; Invalid when it is too deep, too large or no JSON."""
    count = 0

    def clean(part: object, depth: int) -> Any:
        nonlocal count
        count += 1
        if depth > DEPTH_LIMIT or count > MEMBERS_LIMIT:
            raise Invalid("body", "内容过于复杂")
        if isinstance(part, str):
            return clean_text(part, "body", may_be_empty=True)
        if isinstance(part, dict):
            return {clean_text(key, "body", limit=ID_LIMIT): clean(each, depth + 1) for key, each in part.items()}
        if isinstance(part, list | tuple):
            return [clean(each, depth + 1) for each in part]
        return _plain(part, "body")

    return clean(value, 0)


def _typed(body: object, allowed: tuple[str, ...]) -> Json:
    if not isinstance(body, dict):
        raise Invalid("body", "必须是对象")
    if body.get("type") not in allowed:
        raise Invalid("type", f"必须是 {'、'.join(allowed)} 之一")
    cleaned: Json = clean_json(body)
    # Only the desk writes this member, and readers without the right never see it.
    cleaned.pop("staff", None)
    return cleaned


def _image(body: Json) -> Json:
    return {
        "type": "image",
        "upload_id": clean_id(body.get("upload_id"), "upload_id"),
        "url": _address(body.get("url"), "url", required=True),
        "width": _pixels(body.get("width"), "width"),
        "height": _pixels(body.get("height"), "height"),
    }


def _pixels(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 20_000:
        raise Invalid(field, "必须是像素数")
    return value


def _picture(value: object, http_hosts: Collection[str]) -> str | None:
    """A product's picture; over plain http only from the hosts that the settings name, from others without it."""
    if isinstance(value, str) and value.strip().lower().startswith("http://"):
        address = clean_text(value, "image", limit=2000)
        return address if urlsplit(address).netloc.lower() in http_hosts else None
    return _address(value, "image")


def _address(value: object, field: str, *, required: bool = False) -> str | None:
    """Our own path or https; `javascript:` and the like never reach a page."""
    if value is None and not required:
        return None
    address = clean_text(value, field, limit=2000)
    if not address.startswith("https://") and not (address.startswith("/") and not address.startswith("//")):
        raise Invalid(field, "地址不被允许")
    return address


def _plain(value: object, field: str) -> str | int | float | bool | None:
    if isinstance(value, str):
        return clean_text(value, field, may_be_empty=True, limit=100)
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise Invalid(field, "类型不对")


def _safe_html(body: Json) -> Json:
    html = body.get("html")
    sanitise: Callable[[str], str] = nh3.clean
    return {**body, "html": sanitise(html)} if isinstance(html, str) else body
