"""Completes what a sender may only name: a picture's address and size come from the upload, not from him."""

from __future__ import annotations

from typing import Any

from agent_console.store import Store, Upload
from handoff.errors import Invalid

UPLOAD_PATH = "/api/v1/uploads/"


def upload_url(upload: Upload) -> str:
    return f"{UPLOAD_PATH}{upload.id}"


async def completed(
    body: dict[str, Any], store: Store, *, by_role: str, by_id: str, conversation_id: str
) -> dict[str, Any]:
    """The body as it may be stored. Raises Invalid for a picture that is not the sender's own upload."""
    if body.get("type") != "image":
        return body
    upload_id = body.get("upload_id")
    upload = await store.upload(upload_id) if isinstance(upload_id, str) else None
    if upload is None or (upload.by_role, upload.by_id) != (by_role, by_id):
        raise Invalid("body.upload_id", "没有这张图片，请重新上传")
    await store.note_upload_use(upload.id, conversation_id)
    return {
        "type": "image",
        "upload_id": upload.id,
        "url": upload_url(upload),
        "width": upload.width,
        "height": upload.height,
    }
