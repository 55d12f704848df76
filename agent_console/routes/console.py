"""What an agent does to conversations and reads about customers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, Field

from agent_console import message_bodies
from agent_console.customer_orders import logistics_of, orders_of
from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import CC, C
from agent_console.routes.widget import acknowledged
from agent_console.routes.wire import (
    LARGEST_SEQ,
    After,
    Before,
    Body,
    ClientMessageId,
    ConversationId,
    CustomerId,
    Limit,
    OrderNo,
    ReadUpTo,
    Seq,
)
from handoff import views
from handoff.errors import Invalid
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["console"])

SUGGESTED_ANSWERS = 3
QUESTIONS_TRIED = 3
"""The last line is often a thank-you or 转人工; the question stands a line or two above it."""

SHOWN_OF_ANSWER = ("entry_id", "question", "answer", "html", "probability", "matched")

OPENING_PAGE = 200

Note = Annotated[str, Field(max_length=4000)]


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
    agent_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    group: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    note: Note = ""


class Snooze(Body):
    until: AwareDatetime
    note: Note = ""


class Invite(Body):
    agent_id: Annotated[str, Field(min_length=1, max_length=64)]
    note: Note = ""


class Unmask(Body):
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class GroupPlan(Body):
    """How a group is run; what is left out stays as it is."""

    name: Annotated[str, Field(min_length=1, max_length=100)] = ""
    hours: dict[str, list[tuple[str, str]]] | None = None
    holidays: dict[str, list[tuple[str, str]]] | None = None
    overflow_to: Annotated[str, Field(max_length=64)] | None = None
    overflow_seconds: int | None = None
    queue_limit: int | None = None
    standards: dict[str, dict[str, int]] | None = None


class ReturnToBot(Body):
    note: Note = ""


class Close(Body):
    outcome: views.Outcome
    category: Annotated[str, Field(max_length=100)] = ""
    note: Note = ""


class Recall(Body):
    seq: Seq


class Verdict(Body):
    handoff_id: Annotated[str, Field(min_length=1, max_length=64)]
    person_was_needed: bool


class Draft(Body):
    text: Note


@router.get(f"{C}/conversations", operation_id="rows")
async def rows(
    who: Who,
    desk: DeskParts,
    list_name: Annotated[views.ListName, Query(alias="list")] = "mine",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
) -> views.RowPage:
    return await desk.desk.rows(list_name, who.id, cursor, limit)


@router.get(CC, operation_id="open_conversation")
async def open_conversation(conversation_id: ConversationId, who: Who, desk: DeskParts) -> Json:
    """Everything for the first look: the card above the last two hundred events, and who the customer is."""
    conversation = await desk.desk.conversation(conversation_id)
    page = await desk.desk.events(conversation_id, before=LARGEST_SEQ, limit=OPENING_PAGE)
    card = await desk.desk.card(conversation_id)
    profile = await desk.desk.profile(conversation.customer_id, _profile_role(who.is_supervisor))
    return {
        "conversation": conversation.model_dump(mode="json"),
        "card": card.model_dump(mode="json"),
        "customer": profile.model_dump(mode="json"),
        "events": [event.model_dump(mode="json") for event in page.events],
        "first_seq": page.events[0].seq if page.events else page.head_seq + 1,
    }


def _profile_role(is_supervisor: bool) -> Literal["agent", "supervisor"]:
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


@router.post(f"{CC}/snooze", operation_id="snooze")
async def snooze(conversation_id: ConversationId, asked: Snooze, who: Who, desk: DeskParts) -> views.Conversation:
    return await desk.desk.snooze(conversation_id, who.id, asked.until, asked.note)


@router.post(f"{CC}/invite", operation_id="invite")
async def invite(conversation_id: ConversationId, asked: Invite, who: Who, desk: DeskParts) -> views.Event:
    return await desk.desk.invite(conversation_id, who.id, asked.agent_id, asked.note)


@router.post(f"{CC}/asked-again", operation_id="asked_again")
async def asked_again(conversation_id: ConversationId, asked: Draft, who: Who, desk: DeskParts) -> Json:
    """What an unsent text asks for although the customer has said it."""
    hits = await desk.desk.asked_again(conversation_id, asked.text)
    return {"hits": [hit.model_dump(mode="json") for hit in hits]}


@router.post(f"{CC}/phone", operation_id="unmask_phone")
async def unmask_phone(conversation_id: ConversationId, asked: Unmask, who: Who, desk: DeskParts) -> Json:
    return {"phone": await desk.desk.unmask_phone(conversation_id, who.id, asked.reason, who.is_supervisor)}


@router.put(f"{C}/groups/{{group_id}}", operation_id="set_group")
async def set_group(
    group_id: Annotated[str, Path(min_length=1, max_length=64)], asked: GroupPlan, who: Who, desk: DeskParts
) -> views.Group:
    return await desk.desk.set_group(group_id, **asked.model_dump(exclude_unset=True))


@router.post(f"{CC}/return-to-bot", operation_id="return_to_bot")
async def return_to_bot(
    conversation_id: ConversationId, asked: ReturnToBot, who: Who, desk: DeskParts
) -> views.Conversation:
    return await desk.desk.return_to_bot(conversation_id, who.id, asked.note)


@router.post(f"{CC}/close", operation_id="close_conversation")
async def close(conversation_id: ConversationId, asked: Close, who: Who, desk: DeskParts) -> views.Conversation:
    return await desk.desk.close(conversation_id, who.id, asked.outcome, asked.category, asked.note)


@router.post(f"{CC}/recall", operation_id="recall")
async def recall(conversation_id: ConversationId, asked: Recall, who: Who, desk: DeskParts) -> views.Event:
    return await desk.desk.recall(conversation_id, "agent", who.id, asked.seq)


@router.post(f"{CC}/verdict", operation_id="give_verdict")
async def give_verdict(conversation_id: ConversationId, asked: Verdict, who: Who, desk: DeskParts) -> Json:
    await desk.desk.give_verdict(conversation_id, who.id, asked.handoff_id, asked.person_was_needed)
    return {"handoff_id": asked.handoff_id, "person_was_needed": asked.person_was_needed}


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


@router.get(f"{C}/customers/{{customer_id}}", operation_id="customer")
async def customer(customer_id: CustomerId, who: Who, desk: DeskParts) -> views.Profile:
    return await desk.desk.profile(customer_id, _profile_role(who.is_supervisor))


@router.get(f"{C}/customers/{{customer_id}}/orders", operation_id="customer_orders")
async def orders(customer_id: CustomerId, who: Who, desk: DeskParts) -> Json:
    return {"orders": await orders_of(customer_id, desk)}


@router.get(f"{C}/customers/{{customer_id}}/orders/{{order_no}}/logistics", operation_id="order_logistics")
async def logistics(customer_id: CustomerId, order_no: OrderNo, who: Who, desk: DeskParts) -> Json:
    return await logistics_of(customer_id, order_no, desk)
