"""What every answer carries and every request leaves behind: security headers, one log line, one measurement."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_console import metrics
from agent_console.settings import Settings

log = structlog.get_logger(__name__)

QUIET_PATHS = ("/healthz", "/readyz", "/metrics")


class SecurityHeaders:
    """The console is never framed; the chat only by the shops it belongs to; no page runs inline script."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, with_headers)

    def _add(self, headers: MutableHeaders, scope: Scope) -> None:
        is_chat = scope["path"] == "/chat"
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin" if is_chat else "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if is_chat else "same-origin")
        if not is_chat:
            headers.setdefault("X-Frame-Options", "DENY")
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Content-Security-Policy", self._policy(self._framers(scope) if is_chat else "'none'"))
        if self._settings.is_behind_tls:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    def _policy(self, framers: str) -> str:
        shop = urlsplit(self._settings.shop_url)
        return "; ".join(
            (
                "default-src 'self'",
                "script-src 'self'",
                # The console's controls place themselves with style attributes; styles run no code.
                "style-src 'self' 'unsafe-inline'",
                f"img-src 'self' data: blob: https: {shop.scheme}://{shop.netloc}",
                f"connect-src 'self' {self._socket_origin()}",
                "font-src 'self' data:",
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                f"frame-ancestors {framers}",
            )
        )

    def _socket_origin(self) -> str:
        """Older Safari does not count a page's own sockets as 'self'."""
        return self._settings.desk_public_url.rstrip("/").replace("http", "ws", 1)

    def _framers(self, scope: Scope) -> str:
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("app", [])
        apps = self._settings.apps
        chosen = [apps[asked[0]]] if asked and asked[0] in apps else list(apps.values())
        return " ".join(["'self'", *sorted({origin for app in chosen for origin in app.allowed_origins})])


class Observed:
    """Measures each request by its route, never by its address, which holds ids."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET_PATHS:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "none")
            metrics.REQUESTS.labels(scope["method"], route, str(status)).observe(seconds)
            if route.startswith("/api/"):
                log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
