"""Pictures in, cleaned; pictures out, only to those who may see a conversation that shows them."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Path, Request, UploadFile
from fastapi.responses import FileResponse

from agent_console.doors import DeskParts, GuardedRoute, TheVisitor, Who
from agent_console.message_bodies import UPLOAD_PATH, upload_url
from agent_console.parts import Parts
from agent_console.permissions import C, W
from agent_console.store import Upload
from handoff.errors import NotFound
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["uploads"])


@router.post(f"{W}/uploads", operation_id="customer_uploads", status_code=201)
async def customer_uploads(file: UploadFile, visitor: TheVisitor, desk: DeskParts) -> Json:
    return await _keep(file, "customer", visitor.customer_id, desk)


@router.post(f"{C}/uploads", operation_id="agent_uploads", status_code=201)
async def agent_uploads(file: UploadFile, who: Who, desk: DeskParts) -> Json:
    return await _keep(file, "agent", who.id, desk)


async def _keep(file: UploadFile, role: str, person_id: str, desk: Parts) -> Json:
    desk.limits.upload(person_id)
    upload = await desk.uploads.keep(secrets.token_hex(16), await file.read(), role, person_id)
    await desk.store.add_upload(upload, desk.now())
    return {"upload_id": upload.id, "url": upload_url(upload), "width": upload.width, "height": upload.height}


@router.get(f"{UPLOAD_PATH}{{upload_id}}", operation_id="upload", response_class=FileResponse)
async def show(
    upload_id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], request: Request, desk: DeskParts
) -> FileResponse:
    upload = await desk.store.upload(upload_id)
    if upload is None or not await _may_see(request, upload, desk):
        raise NotFound
    extension = upload.content_type.rpartition("/")[2].replace("jpeg", "jpg")
    return FileResponse(
        desk.uploads.file(upload),
        media_type=upload.content_type,
        filename=f"{upload.id[:8]}.{extension}",
        # A page shows it by <img>; opened by itself it is saved, never rendered on our origin.
        content_disposition_type="attachment",
        headers={
            "Cache-Control": "private, max-age=31536000, immutable",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


async def _may_see(request: Request, upload: Upload, desk: Parts) -> bool:
    if request.state.who is not None:
        return True
    customer_id = request.state.visitor.customer_id
    if (upload.by_role, upload.by_id) == ("customer", customer_id):
        return True
    for conversation_id in await desk.store.upload_uses(upload.id):
        try:
            await desk.desk.customer_conversation(conversation_id, customer_id)
        except NotFound:
            continue
        return True
    return False
