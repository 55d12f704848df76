"""Who a customer is: the shop's word for a shopper, a random token for a guest, and nothing on the page."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from agent_console.problems import BadToken
from agent_console.protocol import Closing
from agent_console.settings import ShopApp
from agent_console.shoppers import signed_identity
from handoff.clock import utc_now
from tests.agent_console.conftest import RunningDesk
from tests.agent_console.people import APP, KEY, KEY_ID, shop_token


@pytest.mark.parametrize(
    "token",
    [
        shop_token(key="x" * 40),
        shop_token(kid="another"),
        shop_token(kid=None),
        shop_token(aud="another-shop"),
        shop_token(exp=int(time.time()) - 3600),
        shop_token(exp=None),
        shop_token(exp="tomorrow"),
        shop_token(exp=True),
        shop_token(nbf=int(time.time()) + 3600),
        shop_token(sub=""),
        shop_token(sub="s" * 101),
        jwt.encode({"sub": "u1", "aud": APP, "exp": 2**40}, "", algorithm="none", headers={"kid": KEY_ID}),
        jwt.encode({"sub": "u1", "aud": APP, "exp": 2**40}, KEY * 2, algorithm="HS512", headers={"kid": KEY_ID}),
        shop_token()[:-4] + "AAAA",
        "not.a.token",
        "x",
        "a" * 5000,
    ],
)
async def test_a_forged_expired_or_foreign_token_is_refused(desk: RunningDesk, token: str) -> None:
    async with desk.http() as http:
        answer = await http.post("/api/v1/widget/sessions", json={"app": APP, "token": token})

    assert answer.status_code in (401, 422)
    assert answer.json()["code"] == ("bad_token" if len(token) <= 4096 else "invalid")
    assert "set-cookie" not in answer.headers


def test_a_public_key_is_never_an_hmac_secret() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    app = ShopApp.model_validate({"name": "店", "keys": {"rsa": public.decode()}})
    claims: dict[str, Any] = {"sub": "u1", "aud": APP, "exp": int(time.time()) + 60}

    real = jwt.encode(claims, private, algorithm="RS256", headers={"kid": "rsa"})
    forged = _signed_with_text(claims, public)

    assert signed_identity(app, APP, real, utc_now()).subject == "u1"
    with pytest.raises(BadToken):
        signed_identity(app, APP, forged, utc_now())


def _signed_with_text(claims: dict[str, Any], key: bytes) -> str:
    """An HS256 token keyed with the text of a public key; PyJWT itself refuses to make one."""
    import base64
    import hashlib
    import hmac
    import json

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    head = (
        part(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "rsa"}).encode())
        + "."
        + part(json.dumps(claims).encode())
    )
    return head + "." + part(hmac.new(key, head.encode(), hashlib.sha256).digest())


async def test_page_data_cannot_override_signed_claims(desk: RunningDesk) -> None:
    async with desk.http() as http:
        answer = await http.post(
            "/api/v1/widget/sessions",
            json={"app": APP, "token": shop_token(), "page": {"customer_id": "u2"}, "name": "别人"},
        )

    assert answer.status_code == 422


async def test_a_shopper_comes_back_to_his_conversation_on_any_device(desk: RunningDesk) -> None:
    first = await desk.customer(token=shop_token())
    await first.say("在吗")

    second = await desk.customer(token=shop_token())

    assert second.conversation_id == first.conversation_id
    assert second.session["customer"] == {"id": first.id, "name": "王小明", "level": "gold", "guest": False}


async def test_a_guest_is_recognised_by_his_cookie_or_by_bearer(desk: RunningDesk) -> None:
    guest = await desk.customer()

    by_cookie = (await guest.http.post("/api/v1/widget/sessions", json={"app": APP})).json()
    async with desk.http(headers={"Authorization": f"Bearer {guest.session['visitor']}"}) as http:
        by_bearer = (await http.post("/api/v1/widget/sessions", json={"app": APP})).json()
    async with desk.http() as http:
        stranger = (await http.post("/api/v1/widget/sessions", json={"app": APP})).json()

    assert by_cookie["conversation"]["id"] == by_bearer["conversation"]["id"] == guest.conversation_id
    assert stranger["conversation"]["id"] != guest.conversation_id


async def test_a_guest_who_signs_in_keeps_what_he_wrote_and_his_old_proof_ends(desk: RunningDesk) -> None:
    guest = await desk.customer()
    await guest.say("登录前问的")
    proof, place = guest.session["visitor"], guest.conversation_id

    await guest.enter(token=shop_token())
    async with desk.http(headers={"Authorization": f"Bearer {proof}"}) as http:
        old = await http.get(f"/api/v1/widget/conversations/{place}/events")
    now_his = await guest.http.get(f"/api/v1/widget/conversations/{place}/events")

    assert guest.session["customer"]["guest"] is False
    assert old.status_code == 401
    assert now_his.json()["events"][0]["body"]["text"] == "登录前问的"


async def test_after_signing_out_of_the_shop_the_cookie_alone_is_a_new_guest(desk: RunningDesk) -> None:
    shopper = await desk.customer(token=shop_token())
    place, proof = shopper.conversation_id, shopper.session["visitor"]

    await shopper.enter()
    async with desk.http(headers={"Authorization": f"Bearer {proof}"}) as http:
        same_tab = (await http.post("/api/v1/widget/sessions", json={"app": APP})).json()

    assert shopper.session["customer"]["guest"] is True
    assert shopper.conversation_id != place
    assert same_tab["conversation"]["id"] == place


async def test_a_ticket_opens_one_socket_once(desk: RunningDesk) -> None:
    customer = await desk.customer()
    ticket = customer.session["ticket"]

    first = await customer.open(f"/api/v1/widget/socket?ticket={ticket}")
    await first.frame("welcome")
    second = await customer.open(f"/api/v1/widget/socket?ticket={ticket}")
    none = await customer.open("/api/v1/widget/socket")

    assert await second.closed() == Closing.NOT_SIGNED_IN
    assert await none.closed() == Closing.NOT_SIGNED_IN
    assert first.close_code is None


async def test_a_widget_socket_opens_from_our_frame_and_the_shops_pages_only(desk: RunningDesk) -> None:
    customer = await desk.customer()

    async def address() -> str:
        return f"/api/v1/widget/socket?ticket={(await customer.http.post('/api/v1/widget/tickets')).json()['ticket']}"

    foreign = await customer.refused(await address(), origin="https://evil.example")
    shop = await customer.open(await address(), origin="https://shop.example")
    own = await customer.open(await address(), origin=desk.base)

    assert foreign == 403
    await shop.frame("welcome")
    await own.frame("welcome")


async def test_an_unknown_shop_is_not_found_and_a_customers_messages_are_bounded(desk: RunningDesk) -> None:
    async with desk.http() as http:
        unknown = await http.post("/api/v1/widget/sessions", json={"app": "nobody"})
    customer = await desk.customer()
    for _ in range(60):
        desk.parts.limits.message(customer.id)
    over = await customer.http.post(
        f"{customer.address}/messages", json={"client_msg_id": "m", "body": {"type": "text", "text": "x"}}
    )

    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert (over.status_code, over.json()["code"]) == (429, "too_many_requests")
    assert over.json()["retry_after"] >= 1
