"""How an agent passes the baton and speaks while he holds it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field

from agent_console import message_bodies
from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import CC, C
from agent_console.routes.widget import acknowledged
from agent_console.routes.wire import LARGEST_SEQ, AgentId, Body, ClientMessageId, ConversationId, GroupId, Note, Seq
from handoff import views
from handoff.errors import Invalid
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["console"])


class Claim(Body):
    holder_version: Annotated[int, Field(ge=0, le=LARGEST_SEQ, strict=True)] | None = None


class Nothing(Body):
    pass


class NewMessage(Body):
    client_msg_id: ClientMessageId
    body: Json


class NewNote(Body):
    client_msg_id: ClientMessageId
    text: Note


class Transfer(Body):
    agent_id: AgentId | None = None
    group: GroupId | None = None
    note: Note = ""


class Decline(Body):
    note: Note = ""


class Snooze(Body):
    until: AwareDatetime
    note: Note = ""


class Invite(Body):
    agent_id: AgentId
    note: Note = ""


class ReturnToBot(Body):
    note: Note = ""


class ToDo(Body):
    text: Annotated[str, Field(min_length=1, max_length=200)]
    due_at: AwareDatetime


class Close(Body):
    outcome: views.Outcome
    category: Annotated[str, Field(max_length=100)] = ""
    note: Note = ""
    promise: ToDo | None = None


class Recall(Body):
    seq: Seq


class Verdict(Body):
    handoff_id: Annotated[str, Field(min_length=1, max_length=64)]
    person_was_needed: bool


@router.post(f"{C}/conversations/next", operation_id="claim_next")
async def claim_next(who: Who, desk: DeskParts, asked: Nothing | None = None) -> views.Conversation:
    return await desk.desk.claim_next(who.id)


@router.post(f"{CC}/claim", operation_id="claim")
async def claim(
    conversation_id: ConversationId, who: Who, desk: DeskParts, asked: Claim | None = None
) -> views.Conversation:
    return await desk.desk.claim(conversation_id, who.id, asked.holder_version if asked else None)


@router.post(f"{CC}/take-over", operation_id="take_over")
async def take_over(
    conversation_id: ConversationId, who: Who, desk: DeskParts, asked: Nothing | None = None
) -> views.Conversation:
    return await desk.desk.take_over(conversation_id, who.id, who.is_supervisor)


@router.post(f"{CC}/messages", operation_id="agent_says", status_code=201)
async def say(
    conversation_id: ConversationId, asked: NewMessage, response: Response, who: Who, desk: DeskParts
) -> views.Receipt:
    body = await message_bodies.completed(
        asked.body, desk.store, by_role="agent", by_id=who.id, conversation_id=conversation_id
    )
    return acknowledged(await desk.desk.say(conversation_id, who.id, asked.client_msg_id, body), response)


@router.post(f"{CC}/notes", operation_id="write_note", status_code=201)
async def write_note(
    conversation_id: ConversationId, asked: NewNote, response: Response, who: Who, desk: DeskParts
) -> views.Receipt:
    receipt = await desk.desk.write_note(conversation_id, who.id, asked.client_msg_id, asked.text)
    return acknowledged(receipt, response)


@router.post(f"{CC}/transfer", operation_id="transfer")
async def transfer(conversation_id: ConversationId, asked: Transfer, who: Who, desk: DeskParts) -> views.Conversation:
    if (asked.agent_id is None) == (asked.group is None):
        raise Invalid("agent_id", "请选择一位客服或一个技能组")
    return await desk.desk.transfer(
        conversation_id, who.id, asked.agent_id, asked.group, asked.note, is_supervisor=who.is_supervisor
    )


@router.post(f"{CC}/decline", operation_id="decline_transfer")
async def decline(conversation_id: ConversationId, asked: Decline, who: Who, desk: DeskParts) -> views.Conversation:
    return await desk.desk.decline(conversation_id, who.id, asked.note)


@router.post(f"{CC}/snooze", operation_id="snooze")
async def snooze(conversation_id: ConversationId, asked: Snooze, who: Who, desk: DeskParts) -> views.Conversation:
    return await desk.desk.snooze(conversation_id, who.id, asked.until, asked.note)


@router.post(f"{CC}/invite", operation_id="invite")
async def invite(conversation_id: ConversationId, asked: Invite, who: Who, desk: DeskParts) -> views.Event:
    return await desk.desk.invite(conversation_id, who.id, asked.agent_id, asked.note)


@router.post(f"{CC}/return-to-bot", operation_id="return_to_bot")
async def return_to_bot(
    conversation_id: ConversationId, asked: ReturnToBot, who: Who, desk: DeskParts
) -> views.Conversation:
    return await desk.desk.return_to_bot(conversation_id, who.id, asked.note)


@router.post(f"{CC}/close", operation_id="close_conversation")
async def close(conversation_id: ConversationId, asked: Close, who: Who, desk: DeskParts) -> views.Conversation:
    promise = (asked.promise.text, asked.promise.due_at) if asked.promise else None
    return await desk.desk.close(conversation_id, who.id, asked.outcome, asked.category, asked.note, promise)


@router.post(f"{CC}/recall", operation_id="recall")
async def recall(conversation_id: ConversationId, asked: Recall, who: Who, desk: DeskParts) -> views.Event:
    return await desk.desk.recall(conversation_id, "agent", who.id, asked.seq)


@router.post(f"{CC}/verdict", operation_id="give_verdict")
async def give_verdict(conversation_id: ConversationId, asked: Verdict, who: Who, desk: DeskParts) -> Json:
    await desk.desk.give_verdict(conversation_id, who.id, asked.handoff_id, asked.person_was_needed)
    return {"handoff_id": asked.handoff_id, "person_was_needed": asked.person_was_needed}
