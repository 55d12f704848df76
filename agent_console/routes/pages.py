"""Serves the built web pages: the console for people who sign in, the chat and its loader for shops."""

from __future__ import annotations

from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from agent_console.doors import GuardedRoute
from agent_console.parts import parts_of
from handoff.errors import NotFound

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)

FOR_EVER = "public, max-age=31536000, immutable"
"""Vite names these files by their content."""

FIVE_MINUTES = "public, max-age=300"
"""The loader keeps its name in every shop's page; after five minutes everybody has the new one."""

NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>接力</title>
<p>页面还没有构建。请运行 <code>make setup</code>，然后刷新。</p>
<p lang="en">The pages are not built yet. Run <code>make setup</code> and reload.</p></html>"""


@router.get("/")
async def root() -> RedirectResponse:
    return RedirectResponse("/console/", 307)


@router.get("/console")
async def console_without_slash() -> RedirectResponse:
    return RedirectResponse("/console/", 307)


@router.get("/console/{path:path}")
async def console(path: Annotated[str, Path()], request: Request) -> Response:
    """A file of the console, or its page for every address that the page itself understands."""
    folder = parts_of(request).settings.console_pages
    file = _file(folder, path)
    if file is not None and file.name != "index.html":
        return _served(file, FOR_EVER if path.startswith("assets/") else "no-cache")
    if path.startswith("assets/"):
        raise NotFound
    return _page(folder / "index.html")


@router.get("/chat")
async def chat(request: Request) -> Response:
    return _page(parts_of(request).settings.widget_pages / "chat.html")


@router.get("/widget/{path:path}")
async def widget(path: Annotated[str, Path()], request: Request) -> Response:
    file = _file(parts_of(request).settings.widget_pages, path)
    if file is None:
        raise NotFound
    answer = _served(file, FOR_EVER if path.startswith("assets/") else FIVE_MINUTES)
    # Shops load these from their own pages, also with `crossorigin`; there is nothing private in them.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _file(folder: File, path: str) -> File | None:
    """The file of that name inside the folder, never outside."""
    if not path:
        return None
    file = (folder / path).resolve()
    return file if file.is_relative_to(folder.resolve()) and file.is_file() else None


def _served(file: File, cache: str) -> FileResponse:
    return FileResponse(file, headers={"Cache-Control": cache})


def _page(file: File) -> Response:
    if not file.is_file():
        return HTMLResponse(NOT_BUILT, 503, {"Cache-Control": "no-store"})
    return FileResponse(file, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})
