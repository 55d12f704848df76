"""The check of an agent's text before it is sent, and the phrases that it looks for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import CC, C
from agent_console.routes.wire import Body, ConversationId, Note
from handoff import views
from handoff.phrases import PhraseKind
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["console"])

Words = Annotated[str, Field(min_length=1, max_length=50)]


class Unsent(Body):
    text: Note


class Phrase(Body):
    words: Words
    kind: PhraseKind
    suggestion: Annotated[str, Field(max_length=200)] = ""
    variants: Annotated[list[Words], Field(max_length=30)] = Field(default_factory=list)
    active: bool = True


@router.post(f"{CC}/check", operation_id="check_before_sending")
async def check(conversation_id: ConversationId, asked: Unsent, who: Who, desk: DeskParts) -> Json:
    """Everything to look at again before this text is sent: wording, numbers, what the customer has said already."""
    warnings = await desk.desk.check_before_sending(conversation_id, asked.text)
    hits = await desk.desk.asked_again(conversation_id, asked.text)
    return {
        "warnings": [each.model_dump(mode="json") for each in warnings],
        "asked_again": [each.model_dump(mode="json") for each in hits],
    }


@router.get(f"{C}/send-phrases", operation_id="send_phrases")
async def send_phrases(who: Who, desk: DeskParts) -> Json:
    return {"phrases": [each.model_dump(mode="json") for each in await desk.desk.send_phrases()]}


@router.put(f"{C}/send-phrases", operation_id="put_send_phrase")
async def put_send_phrase(asked: Phrase, who: Who, desk: DeskParts) -> views.SendPhrase:
    return await desk.desk.put_send_phrase(asked.words, asked.kind, asked.suggestion, asked.variants, asked.active)
