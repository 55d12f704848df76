"""Makes the shop slow or broken on request, so that tests can see what Jieli does about it (development only)."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST_DELAY_SECONDS = 30.0


class Faults:
    """`X-Demo-Delay: 2.5` waits; `X-Demo-Fail: 503` answers so, `garbage` answers broken JSON. Header or query."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        query = {key.lower(): values[-1] for key, values in parse_qs(scope["query_string"].decode("latin-1")).items()}

        def asked(name: str) -> str:
            return headers.get(name) or query.get(name, "")

        try:
            delay = float(asked("x-demo-delay") or 0)
        except ValueError:
            delay = 0
        if 0 < delay <= LONGEST_DELAY_SECONDS:
            await asyncio.sleep(delay)
        fail = asked("x-demo-fail")
        if fail == "garbage":
            await PlainTextResponse('{"orders": [', media_type="application/json")(scope, receive, send)
        elif fail.isdecimal() and 400 <= int(fail) <= 599:
            body = {
                "type": "about:blank",
                "title": "Fault",
                "status": int(fail),
                "code": "demo_fault",
                "detail": "演示故障",
            }
            await JSONResponse(body, int(fail))(scope, receive, send)
        else:
            await self._app(scope, receive, send)
