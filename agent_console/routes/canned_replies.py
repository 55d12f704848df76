"""Ready-made answers: kept by their owners, filled in for the customer at hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import CC, C
from agent_console.routes.wire import Body, ConversationId, GroupId
from handoff import views
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["console"])

ReplyId = Annotated[str, Path(min_length=1, max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Shortcut = Annotated[str, Field(min_length=1, max_length=32)]
Category = Annotated[str, Field(max_length=50)]


class NewReply(Body):
    text: Text
    shortcut: Shortcut
    category: Category = ""
    group: GroupId | None = None
    shared: bool = False


class ChangedReply(Body):
    """What is left out stays."""

    text: Text = ""
    shortcut: Shortcut = ""
    category: Category = ""
    group: GroupId | None = None


@router.get(f"{CC}/canned-replies", operation_id="canned_for_conversation")
async def canned_for(
    conversation_id: ConversationId, who: Who, desk: DeskParts, q: Annotated[str, Query(max_length=100)] = ""
) -> Json:
    desk.limits.lookup(who.id)
    shop_names = {app_id: app.name for app_id, app in desk.settings.apps.items()}
    found = await desk.desk.canned_for(conversation_id, who.id, q, shop_names)
    return {"replies": [each.model_dump(mode="json") for each in found]}


@router.get(f"{C}/canned-replies", operation_id="canned_replies")
async def canned_replies(who: Who, desk: DeskParts) -> Json:
    found = await desk.desk.canned_replies(who.id)
    return {"replies": [each.model_dump(mode="json") for each in found]}


@router.post(f"{C}/canned-replies", operation_id="add_canned_reply", status_code=201)
async def add(asked: NewReply, who: Who, desk: DeskParts) -> views.CannedReply:
    return await desk.desk.add_canned_reply(
        who.id, asked.text, asked.shortcut, asked.category, asked.group, asked.shared, who.is_supervisor
    )


@router.put(f"{C}/canned-replies/{{reply_id}}", operation_id="change_canned_reply")
async def change(reply_id: ReplyId, asked: ChangedReply, who: Who, desk: DeskParts) -> views.CannedReply:
    return await desk.desk.change_canned_reply(
        reply_id, who.id, asked.model_dump(exclude_unset=True), who.is_supervisor
    )


@router.delete(f"{C}/canned-replies/{{reply_id}}", operation_id="remove_canned_reply", status_code=204)
async def remove(reply_id: ReplyId, who: Who, desk: DeskParts) -> None:
    await desk.desk.remove_canned_reply(reply_id, who.id, who.is_supervisor)
