"""The door of every route: it looks up the cell, recognises the caller and lets him in or not."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from agent_console.auth import SignedIn
from agent_console.bodies import parsed
from agent_console.parts import Parts, parts_of
from agent_console.permissions import ROUTES, Cell, Door, is_let_in
from agent_console.problems import NotSignedIn, answered
from agent_console.settings import Settings
from agent_console.store import Visitor
from handoff.errors import Forbidden, JieliError, NotFound

CONSOLE_HEADER = "x-jieli-console"
"""A cross-site form cannot set a header of its own, so its presence shows that our page is asking."""

VISITOR_COOKIE = "jieli_visitor"
SAFE_METHODS = frozenset({"GET", "HEAD"})


def console_cookie(settings: Settings) -> str:
    """Browsers accept a __Host- cookie only from TLS, without a domain, for the whole site."""
    return "__Host-jieli" if settings.is_behind_tls else "jieli_console"


def console_token(connection: HTTPConnection, settings: Settings) -> str | None:
    return connection.cookies.get(console_cookie(settings))


def visitor_proof(connection: HTTPConnection) -> tuple[str | None, bool]:
    """A customer's proof, and whether his own tab kept it (bearer) rather than the browser (cookie)."""
    scheme, _, bearer = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return bearer.strip(), True
    return connection.cookies.get(VISITOR_COOKIE), False


class _JsonRequest(Request):
    """A request whose JSON went through our own reading: no NUL, no half characters."""

    async def json(self) -> Any:
        if not hasattr(self, "_parsed"):
            self._parsed = parsed(await self.body())
        return self._parsed


class GuardedRoute(APIRoute):
    """A route that exists only with a cell in the authorisation matrix."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._cells = {method: ROUTES[method, path] for method in options.get("methods") or ["GET"]}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                await _let_in(request, self._cells[request.method])
                if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
                    request = _JsonRequest(request.scope, request.receive)
                    if await request.body():
                        await request.json()
                return await inner(request)
            except Exception as trouble:
                return answered(trouble, request)

        return guarded


async def _let_in(request: Request, cell: Cell) -> None:
    found = parts_of(request)
    changes_console = request.url.path.startswith("/api/v1/console/") and request.method not in SAFE_METHODS
    if changes_console and CONSOLE_HEADER not in request.headers:
        raise Forbidden("缺少 X-Jieli-Console 请求头")
    match cell.door:
        case Door.OPEN:
            return
        case Door.CUSTOMER:
            request.state.visitor = await found.shoppers.whoever_has(visitor_proof(request)[0])
        case Door.STAFF:
            request.state.who = await _staff(request, found, cell)
        case Door.EITHER:
            await _let_either_in(request, found, cell)


async def _let_either_in(request: Request, found: Parts, cell: Cell) -> None:
    refusal: JieliError = NotSignedIn()
    request.state.who = None
    try:
        request.state.who = await _staff(request, found, cell)
    except NotSignedIn:
        pass
    except Forbidden:
        refusal = NotFound()
    request.state.visitor = await found.shoppers.recognised(visitor_proof(request)[0])
    if request.state.who is None and request.state.visitor is None:
        raise refusal


async def _staff(request: Request, found: Parts, cell: Cell) -> SignedIn:
    who = await found.auth.whoever_has(console_token(request, found.settings))
    if not is_let_in(cell, who.stands_as):
        raise Forbidden
    return who


# Asynchronous although they wait for nothing: FastAPI sends plain functions through a thread, twice in every request.
async def _parts(request: Request) -> Parts:
    return parts_of(request)


async def _who(request: Request) -> SignedIn:
    who = request.state.who
    assert isinstance(who, SignedIn)
    return who


async def _visitor(request: Request) -> Visitor:
    visitor = request.state.visitor
    assert isinstance(visitor, Visitor)
    return visitor


async def _address(request: Request) -> str:
    return request.client.host if request.client is not None else "unknown"


DeskParts = Annotated[Parts, Depends(_parts)]
Who = Annotated[SignedIn, Depends(_who)]
TheVisitor = Annotated[Visitor, Depends(_visitor)]
Address = Annotated[str, Depends(_address)]
