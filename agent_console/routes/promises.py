"""What the customer was promised: made, kept, withdrawn, passed on, and the way back to him."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, Field

from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import CC, C
from agent_console.routes.wire import Body, ConversationId
from handoff import views
from handoff.promising import Whose
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["promises"])

PromiseId = Annotated[str, Path(min_length=1, max_length=64)]
Owner = Annotated[str, Field(min_length=1, max_length=80, pattern="^(agent|group):")]
Words = Annotated[str, Field(max_length=500)]


class NewPromise(Body):
    text: Annotated[str, Field(min_length=1, max_length=200)]
    due_at: AwareDatetime
    kind: Literal["follow_up", "call_back"] = "follow_up"
    owner: Owner | None = None


class Kept(Body):
    note: Words = ""


class Withdrawn(Body):
    reason: Annotated[Words, Field(min_length=1)]


class PassedOn(Body):
    owner: Owner
    note: Words = ""


class Nothing(Body):
    pass


@router.post(f"{CC}/promises", operation_id="promise", status_code=201)
async def promise(conversation_id: ConversationId, asked: NewPromise, who: Who, desk: DeskParts) -> views.Promise:
    return await desk.desk.promise(
        conversation_id, who.id, asked.text, asked.due_at, asked.kind, asked.owner, who.is_supervisor
    )


@router.post(f"{CC}/promises/{{promise_id}}/keep", operation_id="keep_promise", status_code=204)
async def keep(conversation_id: ConversationId, promise_id: PromiseId, asked: Kept, who: Who, desk: DeskParts) -> None:
    await desk.desk.keep_promise(conversation_id, promise_id, who.id, asked.note)


@router.post(f"{CC}/promises/{{promise_id}}/withdraw", operation_id="withdraw_promise", status_code=204)
async def withdraw(
    conversation_id: ConversationId, promise_id: PromiseId, asked: Withdrawn, who: Who, desk: DeskParts
) -> None:
    await desk.desk.withdraw_promise(conversation_id, promise_id, who.id, asked.reason)


@router.post(f"{CC}/promises/{{promise_id}}/pass-on", operation_id="pass_promise_on", status_code=204)
async def pass_on(
    conversation_id: ConversationId, promise_id: PromiseId, asked: PassedOn, who: Who, desk: DeskParts
) -> None:
    await desk.desk.pass_promise_on(conversation_id, promise_id, who.id, asked.owner, asked.note)


@router.post(f"{CC}/follow-up", operation_id="follow_up")
async def follow_up(
    conversation_id: ConversationId, who: Who, desk: DeskParts, asked: Nothing | None = None
) -> views.Conversation:
    return await desk.desk.follow_up(conversation_id, who.id)


@router.get(f"{C}/promises", operation_id="promises")
async def promises(who: Who, desk: DeskParts, whose: Whose = "mine") -> Json:
    found = await desk.desk.promises(who.id, whose)
    return {"promises": [each.model_dump(mode="json") for each in found]}
