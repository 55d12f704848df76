"""The shop's own web site: shelves, my orders, and a choice of whom to be, each page with the desk's chat bubble."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from training_data.shop.actions import KIND_TEXTS
from training_data.shop.errors import NotFound, ShopError
from training_data.shop.gateway import Door, products_found, public_base
from training_data.shop.records import LEVEL_TEXTS, STATE_TEXTS, Customer
from training_data.shop.settings import Settings
from training_data.shop.shop import Shop
from training_data.shop.shop_day import BEIJING, rfc3339
from training_data.shop.sign_in import APP_ID, GOOD_FOR, shopper_token
from training_data.shop.wire import image, parcel_status, product_out

COOKIE = "yunshan_shopper"
CATEGORIES = ("居家", "服饰", "数码", "食礼")

templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
templates.env.filters["yuan"] = lambda amount: f"{amount:.2f}".removesuffix("0").removesuffix(".0")
templates.env.filters["beijing"] = lambda at: at.astimezone(BEIJING).strftime("%m-%d %H:%M")
templates.env.globals.update(
    LEVEL_TEXTS=LEVEL_TEXTS, STATE_TEXTS=STATE_TEXTS, KIND_TEXTS=KIND_TEXTS, CATEGORIES=CATEGORIES, APP_ID=APP_ID
)


def wants_page(request: Request) -> bool:
    """A browser's visit rather than a call of the gateway."""
    return "authorization" not in request.headers and "text/html" in request.headers.get("accept", "")


class Site:
    def __init__(self, shop: Shop, settings: Settings, now: Callable[[], datetime]) -> None:
        self._shop = shop
        self._settings = settings
        self._now = now
        self._door = Door(settings)
        self.router = APIRouter(tags=["site"])
        for path, page in (("/", self.home), ("/products", self.products), ("/orders", self.orders)):
            self.router.add_api_route(path, page, include_in_schema=False, response_model=None)
        self.router.add_api_route("/products/{product_id}", self.product, response_model=None)
        self.router.add_api_route("/sign-in", self.sign_in, methods=["POST"], response_model=None)
        self.router.add_api_route("/token", self.token, response_model=None)

    def _shopper(self, request: Request) -> Customer | None:
        try:
            return self._shop.customer(request.cookies.get(COOKIE, ""))
        except NotFound:
            return None

    def _page(self, request: Request, name: str, status: int = 200, **facts: Any) -> Response:
        me = self._shopper(request)
        desk = self._settings.desk_public_url
        token = shopper_token(me, self._settings.shop_jwt_key, self._now()) if me else None
        chat = {"app": APP_ID, **({"token": token} if token else {}), **facts.get("about", {})}
        shared = {
            "me": me,
            "token": token,
            "desk": desk,
            "chat_url": f"{desk}/chat?{urlencode(chat)}",
            "customers": self._shop.customers(),
            "order_counts": {c.customer_id: len(self._shop.orders(c.customer_id)) for c in self._shop.customers()},
            "picture": lambda product_id: image(product_id, ""),
        }
        response = templates.TemplateResponse(request, name, {**shared, **facts}, status_code=status)
        response.headers["Cache-Control"] = "no-store"  # the page holds a token of the person signed in
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        response.headers["Vary"] = "Accept, Authorization, Cookie"
        return response

    async def home(
        self, request: Request, q: Annotated[str, Query(max_length=100)] = "", category: str = ""
    ) -> Response:
        chosen = category if category in CATEGORIES else ""
        found = self._shop.products(q, chosen)
        return self._page(request, "home.html", products=found, q=q, category=chosen)

    async def products(self, request: Request, q: Annotated[str, Query(max_length=100)] = "") -> Response:
        if wants_page(request):
            return RedirectResponse(f"/?{urlencode({'q': q})}", 303)
        self._door(request)
        return JSONResponse(products_found(self._shop, q, public_base(request, self._settings)))

    async def product(self, request: Request, product_id: str) -> Response:
        """One address, two readers: a page for people, the gateway's answer for Jieli."""
        base = public_base(request, self._settings)
        if not wants_page(request):
            self._door(request)
            return JSONResponse(product_out(self._shop.product(product_id), base))
        found = self._shop.product(product_id)
        card = product_out(found, base)
        shown = {key: card[key] for key in ("product_id", "title", "price", "image")}
        shown["url"] = f"{base}/products/{product_id}"
        also = [p for p in self._shop.products(category=found.category) if p.product_id != product_id][:5]
        about = {"product_id": product_id}
        return self._page(request, "product.html", product=found, card=shown, also=also, about=about)

    async def orders(self, request: Request) -> Response:
        me = self._shopper(request)
        return self._page(
            request,
            "orders.html",
            orders=self._shop.orders(me.customer_id) if me else [],
            after_sales=self._shop.after_sales(me.customer_id) if me else [],
            coupons=self._shop.coupons(me.customer_id) if me else [],
            titles={key: product.title for key, product in self._shop.all_products.items()},
            now=self._now(),
            status_of=lambda order: parcel_status(order, self._now()),
        )

    async def sign_in(self, customer: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/") -> Response:
        """As one of the demo people, or with an empty customer as a guest again."""
        # Only a path of ours: "//elsewhere" and "/\\elsewhere" would lead away.
        safe = back if back.startswith("/") and back[1:2] not in ("/", "\\") else "/"
        response = RedirectResponse(safe, 303)
        if customer:
            response.set_cookie(COOKIE, self._shop.customer(customer).customer_id, httponly=True, samesite="lax")
        else:
            response.delete_cookie(COOKIE)
        return response

    async def token(self, customer: str) -> Response:
        """A shopper's token for tests; the demo lets anybody be any of its people, so this gives nothing away."""
        found = self._shop.customer(customer)
        facts = {
            "token": shopper_token(found, self._settings.shop_jwt_key, self._now()),
            "customer_id": customer,
            "name": found.name,
            "expires_at": rfc3339(self._now() + GOOD_FOR),
        }
        return JSONResponse(facts, headers={"Cache-Control": "no-store"})

    def trouble(self, request: Request, error: ShopError) -> Response:
        return self._page(request, "trouble.html", error.status, error=error)
