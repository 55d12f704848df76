"""Who a customer is: a shopper with the shop's signed token, or a guest with a random one of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from agent_console.problems import BadToken, NotSignedIn
from agent_console.settings import ShopApp
from agent_console.store import Store, Visitor
from agent_console.tokens import Tokens
from handoff import views
from handoff.desk import Desk, Identity
from handoff.errors import NotFound
from handoff.views import Json

LEEWAY_SECONDS = 30
"""Two servers' clocks; more would keep expired tokens alive."""

LONGEST_TOKEN = 4096
LONGEST_CLAIM = 100


@dataclass(frozen=True)
class Welcomed:
    """A customer at the door, with the token that proves him from now on."""

    welcome: views.Welcome
    visitor: Visitor
    token: str
    expires_at: datetime


class Shoppers:
    """Recognises customers of every app."""

    def __init__(
        self,
        apps: dict[str, ShopApp],
        store: Store,
        desk: Desk,
        tokens: Tokens,
        guest_lifetime: timedelta,
        shopper_lifetime: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._apps = apps
        self._store = store
        self._desk = desk
        self._tokens = tokens
        self._guest_lifetime = guest_lifetime
        self._shopper_lifetime = shopper_lifetime
        self._now = now

    def app(self, app_id: str) -> ShopApp:
        """Raises NotFound."""
        try:
            return self._apps[app_id]
        except KeyError:
            raise NotFound("没有这个店铺") from None

    async def welcome(
        self, app_id: str, token: str | None, proof: str | None, *, is_own_tab: bool, page: Json, locale: str | None
    ) -> Welcomed:
        """Open or continue a customer's conversation.

        With the shop's token he is that shopper, and a guest's proof given along is merged into him: both are proven.
        Without one he is the guest whose proof he has, or a new guest. A shopper's proof alone continues his chat only
        for the tab that kept it (`is_own_tab`): a cookie would keep him signed in here after he signed out of the shop.
        """
        self.app(app_id)
        known = await self.recognised(proof)
        if known is not None and known.app != app_id:
            known = None
        if token:
            return await self._welcome_shopper(
                signed_identity(self._apps[app_id], app_id, token, self._now()), known, page, locale
            )
        if known is not None and proof is not None and (known.guest or is_own_tab):
            identity = Identity(app_id, known.subject, guest=known.guest)
            welcome = await self._desk.welcome(identity, "web", page, locale)
            return Welcomed(welcome, known, proof, self._now() + self._lifetime(known.guest))
        fresh = self._tokens.new()
        identity = Identity(app_id, self._tokens.digest(fresh), guest=True)
        return await self._remember(identity, fresh, None, page, locale)

    async def _welcome_shopper(
        self, identity: Identity, known: Visitor | None, page: Json, locale: str | None
    ) -> Welcomed:
        if known is not None and known.guest:
            await self._desk.merge_guest(known.customer_id, identity)
        return await self._remember(identity, self._tokens.new(), known.token_hash if known else None, page, locale)

    async def _remember(
        self, identity: Identity, token: str, replaces: str | None, page: Json, locale: str | None
    ) -> Welcomed:
        welcome = await self._desk.welcome(identity, "web", page, locale)
        digest = self._tokens.digest(token)
        visitor = Visitor(digest, identity.app, identity.subject, welcome.customer.id, identity.guest)
        now = self._now()
        expires_at = now + self._lifetime(identity.guest)
        await self._store.add_visitor(visitor, now, expires_at, replaces)
        return Welcomed(welcome, visitor, token, expires_at)

    def _lifetime(self, is_guest: bool) -> timedelta:
        return self._guest_lifetime if is_guest else self._shopper_lifetime

    async def recognised(self, proof: str | None) -> Visitor | None:
        if not proof or len(proof) > LONGEST_TOKEN:
            return None
        return await self._store.visitor(self._tokens.digest(proof), self._now())

    async def whoever_has(self, proof: str | None) -> Visitor:
        """Raises NotSignedIn."""
        visitor = await self.recognised(proof)
        if visitor is None:
            raise NotSignedIn("请刷新页面后重试")
        return visitor

    async def new_ticket(self, visitor: Visitor, lifetime: timedelta) -> str:
        ticket = self._tokens.new()
        now = self._now()
        await self._store.add_ticket(self._tokens.digest(ticket), visitor.token_hash, now, now + lifetime)
        return ticket

    async def use_ticket(self, ticket: str) -> Visitor:
        """Raises NotSignedIn for a used, late or invented ticket."""
        visitor = await self._store.use_ticket(self._tokens.digest(ticket), self._now()) if ticket else None
        if visitor is None:
            raise NotSignedIn
        return visitor


def signed_identity(app: ShopApp, app_id: str, token: str, now: datetime) -> Identity:
    """Read the shop's JWT. Raises BadToken. Only claims inside the signature count, never page data."""
    if len(token) > LONGEST_TOKEN:
        raise BadToken
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str) or kid not in app.keys:
            raise BadToken
        key = app.keys[kid].get_secret_value()
        # The key decides the algorithm, not the token: else a public key would be accepted as an HMAC secret.
        algorithm = "RS256" if key.lstrip().startswith("-----BEGIN") else "HS256"
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=app_id,
            options={"require": ["sub", "aud", "exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.PyJWTError, ValueError, UnicodeError) as trouble:
        raise BadToken from trouble
    _check_time(claims, now)
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_CLAIM or "\x00" in subject:
        raise BadToken
    return Identity(app_id, subject, name=_short(claims.get("name")), level=_short(claims.get("level")), guest=False)


def _check_time(claims: dict[str, Any], now: datetime) -> None:
    """By our own clock, which tests can move."""
    expires, not_before = claims["exp"], claims.get("nbf", 0)
    if isinstance(expires, bool) or not isinstance(expires, int | float) or not isinstance(not_before, int | float):
        raise BadToken
    if not now.timestamp() - LEEWAY_SECONDS < expires or not_before > now.timestamp() + LEEWAY_SECONDS:
        raise BadToken


def _short(claim: object) -> str | None:
    return claim.replace("\x00", "")[:LONGEST_CLAIM] if isinstance(claim, str) and claim else None
