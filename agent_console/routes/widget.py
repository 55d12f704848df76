"""What a customer's chat calls."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from agent_console import message_bodies
from agent_console.doors import VISITOR_COOKIE, Address, DeskParts, GuardedRoute, TheVisitor, visitor_proof
from agent_console.knowledge import KnowledgeBaseAway
from agent_console.parts import Parts
from agent_console.permissions import WC, WIDGET_SOCKET, W
from agent_console.routes.wire import After, Body, ClientMessageId, ConversationId, Limit, ReadUpTo, Seq
from agent_console.settings import ShopApp
from agent_console.shoppers import Welcomed
from handoff import views
from handoff.crash_points import crash_if_asked
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["widget"])

TICKET_LIFETIME = timedelta(seconds=30)
"""From the answer to the socket's first byte; longer, and a copied address would still open one."""

HOT_QUESTIONS = 6
SUGGESTIONS = 5


class Page(Body):
    url: Annotated[str, Field(max_length=2000)] | None = None
    title: Annotated[str, Field(max_length=300)] | None = None
    product_id: Annotated[str, Field(max_length=100)] | None = None
    order_no: Annotated[str, Field(max_length=100)] | None = None


class NewSession(Body):
    app: Annotated[str, Field(min_length=1, max_length=64)]
    token: Annotated[str, Field(max_length=4096)] | None = None
    locale: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}$")] | None = None
    page: Page | None = None


class NewMessage(Body):
    client_msg_id: ClientMessageId
    body: Json


class AskForPerson(Body):
    client_msg_id: ClientMessageId


class AskForCallBack(Body):
    phone: Annotated[str, Field(max_length=40)] | None = None


class Feedback(Body):
    seq: Seq
    helpful: bool


class Rating(Body):
    solved: bool
    stars: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None
    reasons: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list, max_length=10)
    text: Annotated[str, Field(max_length=1000)] = ""


@router.post(f"{W}/sessions", operation_id="open_chat")
async def open_chat(asked: NewSession, request: Request, response: Response, desk: DeskParts, address: Address) -> Json:
    """Open or continue the chat of whoever can prove himself; nobody else's, else a new guest's."""
    desk.limits.session(address)
    proof, is_own_tab = visitor_proof(request)
    page = asked.page.model_dump(exclude_none=True) if asked.page else {}
    met = await desk.shoppers.welcome(
        asked.app, asked.token, proof, is_own_tab=is_own_tab, page=page, locale=asked.locale
    )
    _set_cookie(response, met, desk)
    app = desk.shoppers.app(asked.app)
    return {
        "customer": met.welcome.customer.model_dump(mode="json"),
        "conversation": met.welcome.conversation.model_dump(mode="json"),
        "visitor": met.token,
        "ticket": await desk.shoppers.new_ticket(met.visitor, TICKET_LIFETIME),
        "socket_url": _socket_url(desk),
        "greeting": _greeting(app, desk),
        "hot_questions": await desk.knowledge.hot_questions(_category(app, asked.page), HOT_QUESTIONS),
        "app": {"name": app.name, "color": app.color, "logo": app.logo},
    }


def _set_cookie(response: Response, met: Welcomed, desk: Parts) -> None:
    is_secure = desk.settings.is_behind_tls
    response.set_cookie(
        VISITOR_COOKIE,
        met.token,
        max_age=int((met.expires_at - desk.now()).total_seconds()),
        path="/",
        httponly=True,
        secure=is_secure,
        # Inside the shop's page our frame is a third party; without TLS browsers refuse None.
        samesite="none" if is_secure else "lax",
    )
    response.headers["Cache-Control"] = "no-store"


def _socket_url(desk: Parts) -> str:
    return desk.settings.desk_public_url.rstrip("/").replace("http", "ws", 1) + WIDGET_SOCKET


def _greeting(app: ShopApp, desk: Parts) -> str:
    return (app.greeting or desk.settings.greeting).replace("{shop}", app.name)


def _category(app: ShopApp, page: Page | None) -> str | None:
    kind = "other" if page is None else "order" if page.order_no else "product" if page.product_id else "other"
    return app.hot_categories.get(kind)


@router.post(f"{W}/tickets", operation_id="new_ticket")
async def new_ticket(visitor: TheVisitor, desk: DeskParts) -> Json:
    desk.limits.ticket(visitor.customer_id)
    return {"ticket": await desk.shoppers.new_ticket(visitor, TICKET_LIFETIME)}


@router.get(f"{WC}/events", operation_id="customer_events")
async def events(
    conversation_id: ConversationId, visitor: TheVisitor, desk: DeskParts, after: After = None, limit: Limit = 200
) -> views.EventPage:
    await desk.desk.customer_conversation(conversation_id, visitor.customer_id)
    return await desk.desk.events(conversation_id, after=after or 0, limit=limit, audience="customer")


@router.post(f"{WC}/messages", operation_id="customer_says", status_code=201)
async def say(
    conversation_id: ConversationId, asked: NewMessage, response: Response, visitor: TheVisitor, desk: DeskParts
) -> views.Receipt:
    desk.limits.message(visitor.customer_id)
    body = await message_bodies.completed(
        asked.body, desk.store, by_role="customer", by_id=visitor.customer_id, conversation_id=conversation_id
    )
    return acknowledged(await desk.desk.hear(conversation_id, visitor.customer_id, asked.client_msg_id, body), response)


@router.post(f"{WC}/handoff", operation_id="ask_for_person", status_code=201)
async def ask_for_person(
    conversation_id: ConversationId, asked: AskForPerson, response: Response, visitor: TheVisitor, desk: DeskParts
) -> views.Receipt:
    desk.limits.message(visitor.customer_id)
    return acknowledged(
        await desk.desk.ask_for_person(conversation_id, visitor.customer_id, asked.client_msg_id), response
    )


def acknowledged(receipt: views.Receipt, response: Response) -> views.Receipt:
    """Say 200 instead of 201 for what was there already."""
    crash_if_asked("after_commit_before_ack")
    if receipt.is_repeat:
        response.status_code = 200
    return receipt


@router.delete(f"{WC}/handoff", operation_id="cancel_waiting")
async def cancel_waiting(conversation_id: ConversationId, visitor: TheVisitor, desk: DeskParts) -> views.Conversation:
    return await desk.desk.cancel_waiting(conversation_id, visitor.customer_id)


@router.post(f"{WC}/call-back", operation_id="ask_for_call_back", status_code=201)
async def ask_for_call_back(
    conversation_id: ConversationId, asked: AskForCallBack, visitor: TheVisitor, desk: DeskParts
) -> views.Promise:
    desk.limits.message(visitor.customer_id)
    return await desk.desk.ask_for_call_back(conversation_id, visitor.customer_id, asked.phone)


@router.get(f"{WC}/waiting", operation_id="waiting")
async def waiting(conversation_id: ConversationId, visitor: TheVisitor, desk: DeskParts) -> views.Waiting:
    return await desk.desk.waiting(conversation_id, visitor.customer_id)


@router.post(f"{WC}/feedback", operation_id="give_feedback", status_code=201)
async def give_feedback(
    conversation_id: ConversationId, asked: Feedback, visitor: TheVisitor, desk: DeskParts
) -> views.Event:
    event = await desk.desk.give_feedback(conversation_id, visitor.customer_id, asked.seq, asked.helpful)
    entry_id = event.body.get("entry_id")
    if isinstance(entry_id, str):
        kind = "helpful" if asked.helpful else "unhelpful"
        desk.knowledge.tell_feedback(entry_id, kind, conversation_id, asked.seq)
    return event


@router.post(f"{WC}/rating", operation_id="rate", status_code=201)
async def rate(conversation_id: ConversationId, asked: Rating, visitor: TheVisitor, desk: DeskParts) -> views.Event:
    return await desk.desk.rate(
        conversation_id, visitor.customer_id, asked.solved, asked.stars, asked.reasons, asked.text
    )


@router.post(f"{WC}/read", operation_id="customer_read", status_code=204)
async def read(conversation_id: ConversationId, asked: ReadUpTo, visitor: TheVisitor, desk: DeskParts) -> None:
    await desk.desk.customer_conversation(conversation_id, visitor.customer_id)
    await desk.desk.mark_read(conversation_id, "customer", visitor.customer_id, asked.seq)


@router.get(f"{W}/suggestions", operation_id="complete_question")
async def suggestions(
    visitor: TheVisitor, desk: DeskParts, q: Annotated[str, Query(max_length=200)] = ""
) -> dict[Literal["suggestions"], list[dict[str, Any]]]:
    """Questions that fit what is being typed; none while the knowledge base is away."""
    desk.limits.lookup(visitor.customer_id)
    if not q.strip():
        return {"suggestions": []}
    try:
        return {"suggestions": await desk.knowledge.complete(q.strip(), SUGGESTIONS)}
    except KnowledgeBaseAway:
        return {"suggestions": []}


@router.get(f"{W}/history", operation_id="customer_history")
async def history(visitor: TheVisitor, desk: DeskParts, before: datetime | None = None) -> Json:
    earlier = await desk.desk.history(visitor.customer_id, before)
    return {"conversations": [each.model_dump(mode="json") for each in earlier]}
