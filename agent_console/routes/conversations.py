"""What a console person looks at: the lists, one conversation with its card, and what the knowledge base would say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import CC, C
from agent_console.routes.wire import LARGEST_SEQ, After, Before, Body, ConversationId, Limit, Note, ReadUpTo, Seq
from handoff import views
from handoff.errors import Invalid
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["console"])

SUGGESTED_ANSWERS = 3
QUESTIONS_TRIED = 3
"""The last line is often a thank-you or 转人工; the question stands a line or two above it."""

SHOWN_OF_ANSWER = ("entry_id", "question", "answer", "html", "probability", "matched")

OPENING_PAGE = 200


class Unanswered(Body):
    text: Annotated[str, Field(min_length=1, max_length=500)]
    seq: Seq


class Draft(Body):
    text: Note


@router.get(f"{C}/conversations", operation_id="rows")
async def rows(
    who: Who,
    desk: DeskParts,
    list_name: Annotated[views.ListName, Query(alias="list")] = "mine",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    q: Annotated[str | None, Query(max_length=100)] = None,
) -> views.RowPage:
    if q is not None:
        desk.limits.lookup(who.id)
        return await desk.desk.search_rows(who.id, q, limit)
    return await desk.desk.rows(list_name, who.id, cursor, limit)


@router.get(CC, operation_id="open_conversation")
async def open_conversation(conversation_id: ConversationId, who: Who, desk: DeskParts) -> Json:
    """Everything for the first look: the card above the last two hundred events, and who the customer is."""
    conversation = await desk.desk.conversation(conversation_id)
    page = await desk.desk.events(conversation_id, before=LARGEST_SEQ, limit=OPENING_PAGE)
    card = await desk.desk.card(conversation_id)
    profile = await desk.desk.profile(conversation.customer_id, profile_role(who.is_supervisor))
    return {
        "conversation": conversation.model_dump(mode="json"),
        "card": card.model_dump(mode="json"),
        "customer": profile.model_dump(mode="json"),
        "events": [event.model_dump(mode="json") for event in page.events],
        "read": {"customer": await desk.desk.read_by_customer(conversation_id)},
        "first_seq": page.events[0].seq if page.events else page.head_seq + 1,
    }


def profile_role(is_supervisor: bool) -> Literal["agent", "supervisor"]:
    return "supervisor" if is_supervisor else "agent"


@router.get(f"{CC}/events", operation_id="events")
async def events(
    conversation_id: ConversationId,
    who: Who,
    desk: DeskParts,
    after: After = None,
    before: Before = None,
    limit: Limit = 200,
) -> views.EventPage:
    if after is not None and before is not None:
        raise Invalid("before", "after 和 before 只能给一个")
    if before is not None:
        return await desk.desk.events(conversation_id, before=before, limit=limit)
    return await desk.desk.events(conversation_id, after=after or 0, limit=limit)


@router.post(f"{CC}/asked-again", operation_id="asked_again")
async def asked_again(conversation_id: ConversationId, asked: Draft, who: Who, desk: DeskParts) -> Json:
    """What an unsent text asks for although the customer has said it."""
    hits = await desk.desk.asked_again(conversation_id, asked.text)
    return {"hits": [hit.model_dump(mode="json") for hit in hits]}


@router.get(f"{CC}/decisions", operation_id="decisions")
async def decisions(conversation_id: ConversationId, who: Who, desk: DeskParts) -> Json:
    """Every time that fetching a person was weighed, with its inputs and the agent's verdict."""
    found = await desk.desk.decisions(conversation_id)
    return {"decisions": [each.model_dump(mode="json") for each in found]}


@router.post(f"{CC}/unanswered", operation_id="report_unanswered", status_code=202)
async def report_unanswered(conversation_id: ConversationId, asked: Unanswered, who: Who, desk: DeskParts) -> Json:
    """A question that the knowledge base should have answered goes to the editors' inbox."""
    desk.limits.lookup(who.id)
    await desk.desk.conversation(conversation_id)
    await desk.knowledge.report_unanswered(asked.text, conversation_id, asked.seq)
    return {}


@router.put(f"{CC}/draft", operation_id="save_draft", status_code=204)
async def save_draft(conversation_id: ConversationId, asked: Draft, who: Who, desk: DeskParts) -> None:
    await desk.desk.save_draft(conversation_id, who.id, asked.text)


@router.post(f"{CC}/read", operation_id="agent_read", status_code=204)
async def read(conversation_id: ConversationId, asked: ReadUpTo, who: Who, desk: DeskParts) -> None:
    await desk.desk.mark_read(conversation_id, "agent", who.id, asked.seq)


@router.get(f"{CC}/suggestions", operation_id="suggested_answers")
async def suggestions(
    conversation_id: ConversationId,
    who: Who,
    desk: DeskParts,
    q: Annotated[str | None, Query(max_length=500)] = None,
) -> dict[Literal["suggestions"], list[dict[str, Any]]]:
    """What the knowledge base would answer to the customer's latest question, or to `q`."""
    desk.limits.lookup(who.id)
    conversation = await desk.desk.conversation(conversation_id)
    page = await desk.desk.events(conversation_id, before=LARGEST_SEQ, limit=100)
    lines = customer_lines(page.events)
    asked = [q.strip()] if q and q.strip() else lines[: -QUESTIONS_TRIED - 1 : -1]
    for question in asked:
        # Alone: with earlier lines beside it, a short question is drowned by the one before it.
        found = await desk.knowledge.search(question, limit=SUGGESTED_ANSWERS, channel=conversation.channel)
        if results := found.get("results", []):
            return {"suggestions": [{name: each.get(name) for name in SHOWN_OF_ANSWER} for each in results]}
    return {"suggestions": []}


def customer_lines(events: list[views.Event | views.HiddenEvent]) -> list[str]:
    """What the customer wrote, oldest first."""
    return [
        str(event.body["text"])
        for event in events
        if isinstance(event, views.Event)
        and event.kind == "message"
        and event.author.role == "customer"
        and event.body.get("type") == "text"
    ]
