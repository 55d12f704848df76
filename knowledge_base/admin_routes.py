"""What knowledge managers do, on behalf of a person whom the desk has signed in."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from knowledge_base import shapes
from knowledge_base.audit import Actor
from knowledge_base.drafts import EntryDraft
from knowledge_base.editing import Changed
from knowledge_base.errors import BadToken, CannotStart, Invalid, PreconditionRequired, Refused
from knowledge_base.faq import Entry, Move, State
from knowledge_base.importing import as_csv, as_xlsx
from knowledge_base.knowledge import KnowledgeBase
from knowledge_base.public_routes import Knowledge
from knowledge_base.shapes import Resolved, RollBack, Tried
from knowledge_base.unanswered import GroupState

ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')
LONGEST_NAME = 100


def allowed(base: Knowledge, authorization: Annotated[str, Header()] = "") -> None:
    """Whoever shows the service token. Without one configured nobody may edit: a default token is no token."""
    expected = base.settings.service_token
    shown = authorization.removeprefix("Bearer ").strip()
    if expected is None or not hmac.compare_digest(shown.encode(), expected.get_secret_value().encode()):
        raise BadToken("缺少或错误的服务令牌（JIELI_SERVICE_TOKEN）")


def acting(x_jieli_actor: Annotated[str, Header()] = "", x_jieli_actor_name: Annotated[str, Header()] = "") -> Actor:
    if not x_jieli_actor.strip():
        raise Refused("缺少 X-Jieli-Actor：每次修改都要记在一个人名下")
    name = unquote(x_jieli_actor_name, errors="replace").strip()
    return Actor(x_jieli_actor.strip()[:LONGEST_NAME], name[:LONGEST_NAME])


def seen_version(if_match: Annotated[str | None, Header()] = None) -> int:
    """The version the editor saw, from `If-Match`."""
    if if_match is None:
        raise PreconditionRequired("缺少 If-Match：请带上读到的版本（ETag）")
    matched = ETAG.fullmatch(if_match.strip())
    if not matched:
        raise Refused('If-Match 应为读到的 ETag，例如 "3"')
    return int(matched[1])


Acting = Annotated[Actor, Depends(acting)]
Seen = Annotated[int, Depends(seen_version)]
router = APIRouter(prefix="/api/v1/admin", tags=["knowledge managers"], dependencies=[Depends(allowed)])


def _shown(entry: Entry, response: Response) -> dict[str, Any]:
    response.headers["ETag"] = f'"{entry.version}"'
    return shapes.entry_json(entry)


async def _nodes(base: KnowledgeBase, changed: Changed) -> dict[str, Any]:
    arrived = await base.nodes_serving(changed)
    if arrived is None:
        return {}
    return {"revision": changed.revision, "nodes": {"serving": arrived[0], "total": arrived[1]}}


@router.get("/entries", operation_id="list_entries")
async def list_entries(
    base: Knowledge,
    state: State | None = None,
    category: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    page = await base.catalogue.page(state, category, q, cursor, limit)
    shown = [shapes.entry_json(entry) for entry in page.entries]
    return {"entries": shown, "next_cursor": page.next_cursor, "total": page.total}


@router.post("/entries", status_code=201, operation_id="create_entry")
async def create_entry(draft: EntryDraft, base: Knowledge, actor: Acting, response: Response) -> dict[str, Any]:
    return _shown(await base.editing.create(draft.content(), actor), response)


@router.get("/entries/{entry_id}", operation_id="get_entry")
async def get_entry(entry_id: str, base: Knowledge, response: Response) -> dict[str, Any]:
    return _shown(await base.catalogue.entry(entry_id), response)


@router.put("/entries/{entry_id}", operation_id="edit_entry")
async def edit_entry(
    entry_id: str, draft: EntryDraft, base: Knowledge, actor: Acting, seen: Seen, response: Response
) -> dict[str, Any]:
    changed = await base.editing.edit(entry_id, seen, draft.content(), actor)
    return _shown(changed.entry, response)


@router.post("/entries/{entry_id}/submit", operation_id="submit_entry")
async def submit_entry(entry_id: str, base: Knowledge, actor: Acting, seen: Seen, response: Response) -> dict[str, Any]:
    return _shown((await base.editing.move(entry_id, seen, Move.SUBMIT, actor)).entry, response)


@router.post("/entries/{entry_id}/publish", operation_id="publish_entry")
async def publish_entry(
    entry_id: str, base: Knowledge, actor: Acting, seen: Seen, response: Response
) -> dict[str, Any]:
    changed = await base.editing.move(entry_id, seen, Move.PUBLISH, actor)
    return {"entry": _shown(changed.entry, response), **await _nodes(base, changed)}


@router.post("/entries/{entry_id}/retire", operation_id="retire_entry")
async def retire_entry(entry_id: str, base: Knowledge, actor: Acting, seen: Seen, response: Response) -> dict[str, Any]:
    changed = await base.editing.move(entry_id, seen, Move.RETIRE, actor)
    return {**_shown(changed.entry, response), **await _nodes(base, changed)}


@router.post("/entries/{entry_id}/withdraw", operation_id="withdraw_entry")
async def withdraw_entry(
    entry_id: str, base: Knowledge, actor: Acting, seen: Seen, response: Response
) -> dict[str, Any]:
    """Stop quoting it at once, or take it back from review: a draft again."""
    changed = await base.editing.move(entry_id, seen, Move.WITHDRAW, actor)
    return {**_shown(changed.entry, response), **await _nodes(base, changed)}


@router.get("/entries/{entry_id}/history", operation_id="entry_history")
async def entry_history(entry_id: str, base: Knowledge) -> dict[str, Any]:
    return {"versions": [shapes.version_json(version) for version in await base.editing.history(entry_id)]}


@router.post("/entries/{entry_id}/roll-back", operation_id="roll_back_entry")
async def roll_back_entry(
    entry_id: str, wanted: RollBack, base: Knowledge, actor: Acting, seen: Seen, response: Response
) -> dict[str, Any]:
    return _shown((await base.editing.roll_back(entry_id, seen, wanted.version, actor)).entry, response)


@router.post("/try", operation_id="try_out")
async def try_out(tried: Tried, base: Knowledge) -> dict[str, Any]:
    found, drafts = await base.try_out(tried.text, tried.limit)
    plain = shapes.found_json(found, None, base.serving.latest, base.clock(), explain=True, all_results=True)
    for result in plain["results"]:
        result["is_draft"] = result["entry_id"] in drafts
    return plain


@router.get("/categories", operation_id="list_categories")
async def list_categories(base: Knowledge) -> dict[str, Any]:
    counted = await base.catalogue.categories()
    return {"categories": [{"name": name, "entries": entries} for name, entries in counted]}


class TableKind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


TABLES: Mapping[TableKind, tuple[Callable[[Sequence[Entry]], bytes], str]] = {
    TableKind.CSV: (as_csv, "text/csv; charset=utf-8"),
    TableKind.XLSX: (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@router.get("/export", operation_id="export_entries", response_class=Response)
async def export_entries(base: Knowledge, format: TableKind = TableKind.XLSX) -> Response:
    """Every entry in the form that an import takes."""
    written, kind = TABLES[format]
    try:
        table = await asyncio.to_thread(written, await base.catalogue.every())
    except CannotStart as error:  # a cell longer than Excel holds
        raise Refused(str(error)) from error
    return Response(table, media_type=kind, headers={"Content-Disposition": f'attachment; filename="faq.{format}"'})


@router.get("/status", operation_id="knowledge_status")
async def status(base: Knowledge) -> dict[str, Any]:
    snapshot = base.serving.latest
    total, published = await base.catalogue.counts()
    return {
        "revision": snapshot.revision if snapshot else None,
        "nodes": [shapes.node_json(node) for node in await base.serving.nodes()],
        "entries": total,
        "published": published,
        "phrasings": len(snapshot.phrasings) if snapshot else 0,
        "model": base.embedder.fingerprint,
    }


@router.get("/unanswered", operation_id="list_unanswered")
async def list_unanswered(
    base: Knowledge,
    state: GroupState = GroupState.OPEN,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(pattern=r"^\d{0,7}$")] = "",
) -> dict[str, Any]:
    offset = int(cursor or 0)
    groups, total = await base.unanswered.page(state, limit, offset)
    more = offset + len(groups) < total
    shown = [shapes.group_json(group) for group in groups]
    return {"groups": shown, "next_cursor": str(offset + len(groups)) if more else None, "total": total}


@router.post("/unanswered/{group_id}/resolve", operation_id="resolve_unanswered")
async def resolve_unanswered(group_id: str, resolved: Resolved, base: Knowledge, actor: Acting) -> dict[str, Any]:
    if resolved.entry_id is not None:
        await base.catalogue.entry(resolved.entry_id)
    await base.unanswered.resolve(group_id, resolved.state, resolved.entry_id, actor)
    return {"id": group_id, "state": resolved.state.value, "entry_id": resolved.entry_id}


imports = APIRouter(prefix="/api/v1/admin", tags=["knowledge managers"], dependencies=[Depends(allowed)])


@imports.post("/imports", status_code=201, operation_id="import_entries")
async def import_entries(
    request: Request, base: Knowledge, actor: Acting, publish: bool = False, dry_run: bool = False, name: str = "csv"
) -> dict[str, Any]:
    """The body is the CSV or Excel file itself, or a form with the file as `file`. All rows are stored, or none."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=5) as form:
            file = form.get("file")
            if file is None or isinstance(file, str):
                raise Invalid([{"field": "file", "message": "缺少文件"}])
            data, name = await file.read(), file.filename or name
    else:
        data = await request.body()
    report = await base.importing.run(data, name[:200], actor, publish=publish, dry_run=dry_run)
    if report.revision is not None:
        await base.serving.published_on(report.revision)
    return report.as_json()
