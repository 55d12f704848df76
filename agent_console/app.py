"""Puts one desk together: the only place where real parts are chosen; tests give stand-ins instead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI

from agent_console import metrics, sockets
from agent_console.auth import Auth
from agent_console.bodies import BoundedBodies
from agent_console.edge import Observed, SecurityHeaders
from agent_console.health import Health
from agent_console.hub import Hub
from agent_console.knowledge import KnowledgeBase
from agent_console.parts import Parts
from agent_console.passwords import Passwords
from agent_console.problems import render_problems
from agent_console.rate_limits import RateLimits
from agent_console.routes import (
    agents,
    canned_replies,
    conversations,
    customers,
    groups,
    health,
    knowledge,
    pages,
    promises,
    relay,
    send_phrases,
    sign_in,
    uploads,
    widget,
)
from agent_console.settings import Settings
from agent_console.setup_code import SetupCode
from agent_console.shoppers import Shoppers
from agent_console.store import Store
from agent_console.tokens import Tokens
from agent_console.upload_files import AT_ONCE, UploadFiles
from handoff.bot_pool import BotPool
from handoff.bus import Bus, InProcessBus, RedisBus
from handoff.clock import steady_clock, utc_now
from handoff.database import Database
from handoff.desk import Desk
from handoff.rasa_bot import Bot, RasaBot
from handoff.shop import Shop, ShopGateway
from handoff.store import Store as HandoffStore
from handoff.summariser import OpenAiCompatible

LAG_BEAT_SECONDS = 0.25
"""Often enough to catch a stall that somebody would feel."""

Clock = Callable[[], datetime]


def create_app(
    settings: Settings,
    *,
    bot: Bot | None = None,
    bus: Bus | None = None,
    shop: Shop | None = None,
    now: Clock | None = None,
) -> FastAPI:
    """The desk as an ASGI application; it opens its database when it starts and closes everything when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _working_parts(settings, bot, bus, shop, now) as parts:
            app.state.parts = parts
            yield

    app = FastAPI(
        title="接力 Jieli desk",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    for routes in (
        widget,
        conversations,
        relay,
        promises,
        customers,
        canned_replies,
        send_phrases,
        groups,
        sign_in,
        agents,
        uploads,
        knowledge,
        pages,
        health,
        sockets,
    ):
        app.include_router(routes.router)
    render_problems(app)
    app.add_middleware(BoundedBodies)
    app.add_middleware(SecurityHeaders, settings=settings)
    app.add_middleware(Observed)
    return app


@asynccontextmanager
async def _working_parts(
    settings: Settings, bot: Bot | None, bus: Bus | None, shop: Shop | None, now: Clock | None
) -> AsyncIterator[Parts]:
    async with AsyncExitStack() as closing:
        handoff_store, store = await _open_stores(settings, closing)
        if now is None:
            now = await closing.enter_async_context(steady_clock(handoff_store.time))
        if bot is None:
            token = settings.bot_token.get_secret_value() if settings.bot_token else ""
            bot = BotPool([RasaBot(url, token) for url in settings.bot_urls])
            closing.push_async_callback(bot.close)
        if bus is None:
            bus = RedisBus(settings.redis_url) if settings.redis_url else InProcessBus()
            closing.push_async_callback(bus.close)
        if shop is None:
            shop = ShopGateway(settings.shop_url, settings.shop_token.get_secret_value())
            closing.push_async_callback(shop.close)
        summariser = _summariser(settings)
        if summariser is not None:
            closing.push_async_callback(summariser.close)
        desk = Desk(handoff_store, bus, bot, shop, settings.rules, now, summariser)
        knowledge_base = KnowledgeBase(settings.knowledge_url, settings.service_token.get_secret_value())
        closing.push_async_callback(knowledge_base.close)
        tokens = Tokens(settings.secret.get_secret_value().encode())
        auth = _auth(settings, store, desk, tokens, now)
        setup_code = SetupCode(store, auth, tokens, settings.setup_code_file, now)
        await setup_code.offer()
        hub = Hub(
            desk,
            bus,
            poll_seconds=settings.poll_seconds,
            heartbeat_seconds=settings.heartbeat_seconds,
            still_signed_in=auth.still_signed_in,
        )
        limits = RateLimits(settings)
        closing.push_async_callback(limits.close)
        await closing.enter_async_context(desk.working())
        await closing.enter_async_context(hub.working())
        await closing.enter_async_context(_lag_measured())
        yield Parts(
            settings=settings,
            node=desk.node,
            now=now,
            store=store,
            customers=handoff_store,
            desk=desk,
            bus=bus,
            hub=hub,
            auth=auth,
            setup_code=setup_code,
            shoppers=Shoppers(
                settings.apps,
                store,
                desk,
                tokens,
                timedelta(days=settings.visitor_days),
                timedelta(hours=settings.shopper_hours),
                now,
            ),
            limits=limits,
            knowledge=knowledge_base,
            shop=shop,
            uploads=UploadFiles(settings.uploads, asyncio.Semaphore(AT_ONCE)),
            health=Health(_readiness_of(bot)),
        )


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncIterator[Auth]:
    """Accounts alone, for the command line, beside a desk that may be running on the same database."""
    async with AsyncExitStack() as closing:
        handoff_store, store = await _open_stores(settings, closing)
        bot, shop, bus = RasaBot(settings.bot_urls[0]), ShopGateway(settings.shop_url, ""), InProcessBus()
        for part in (bot, shop, bus):
            closing.push_async_callback(part.close)
        desk = Desk(handoff_store, bus, bot, shop, settings.rules, utc_now)
        yield _auth(settings, store, desk, Tokens(settings.secret.get_secret_value().encode()), utc_now)


async def _open_stores(settings: Settings, closing: AsyncExitStack) -> tuple[HandoffStore, Store]:
    database = Database(settings.database)
    closing.push_async_callback(database.close)
    # A failing statement must not carry what somebody wrote into the log.
    database.engine.sync_engine.hide_parameters = True
    handoff_store, store = HandoffStore(database), Store(database)
    await handoff_store.prepare()
    await store.upgrade()
    return handoff_store, store


def _summariser(settings: Settings) -> OpenAiCompatible | None:
    if not settings.summary_url:
        return None
    key = settings.summary_key.get_secret_value() if settings.summary_key else ""
    return OpenAiCompatible(settings.summary_url, key, settings.summary_model, settings.summary_seconds)


def _auth(settings: Settings, store: Store, desk: Desk, tokens: Tokens, now: Clock) -> Auth:
    return Auth(store, desk, tokens, Passwords(), timedelta(hours=settings.sign_in_hours), now)


def _readiness_of(bot: Any) -> Any:
    """The real bot answers for itself; a stand-in without the question is there."""

    async def is_ready() -> bool:
        return True

    return getattr(bot, "is_ready", is_ready)


@asynccontextmanager
async def _lag_measured() -> AsyncIterator[None]:
    async def beat() -> None:
        while True:
            due = time.monotonic() + LAG_BEAT_SECONDS
            await asyncio.sleep(LAG_BEAT_SECONDS)
            metrics.LOOP_LAG.set(max(0.0, time.monotonic() - due))

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
