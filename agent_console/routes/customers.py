"""Who the customer is: his profile, his orders, and his whole phone number for a stated reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from agent_console.customer_orders import after_sales_of, logistics_of, orders_of
from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import CC, C
from agent_console.routes.conversations import profile_role
from agent_console.routes.wire import Body, ClientMessageId, ConversationId, CustomerId, OrderNo, Seq
from handoff import views
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["console"])


class Unmask(Body):
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class UnmaskMessage(Unmask):
    seq: Seq


class Described(Body):
    tags: Annotated[list[Annotated[str, Field(min_length=1, max_length=20)]], Field(max_length=20)] | None = None
    notes: Annotated[str, Field(max_length=2000)] | None = None


class Errand(Body):
    client_msg_id: ClientMessageId
    details: Json = Field(default_factory=dict)


@router.put(f"{CC}/customer", operation_id="describe_customer")
async def describe(conversation_id: ConversationId, asked: Described, who: Who, desk: DeskParts) -> views.Profile:
    return await desk.desk.describe_customer(conversation_id, who.id, asked.tags, asked.notes)


@router.post(f"{CC}/orders/{{order_no}}/{{action}}", operation_id="act_for_customer", status_code=201)
async def act(
    conversation_id: ConversationId,
    order_no: OrderNo,
    action: Annotated[str, Path(min_length=1, max_length=32)],
    asked: Errand,
    who: Who,
    desk: DeskParts,
) -> views.Event:
    return await desk.desk.act_for_customer(
        conversation_id, who.id, asked.client_msg_id, order_no, action, asked.details, who.is_supervisor
    )


@router.post(f"{CC}/phone", operation_id="unmask_phone")
async def unmask_phone(conversation_id: ConversationId, asked: Unmask, who: Who, desk: DeskParts) -> Json:
    return {"phone": await desk.desk.unmask_phone(conversation_id, who.id, asked.reason, who.is_supervisor)}


@router.post(f"{CC}/unmask", operation_id="unmask_message")
async def unmask_message(conversation_id: ConversationId, asked: UnmaskMessage, who: Who, desk: DeskParts) -> Json:
    text = await desk.desk.unmask_message(conversation_id, asked.seq, who.id, asked.reason, who.is_supervisor)
    return {"seq": asked.seq, "text": text}


@router.get(f"{C}/customers/{{customer_id}}", operation_id="customer")
async def customer(customer_id: CustomerId, who: Who, desk: DeskParts) -> views.Profile:
    return await desk.desk.profile(customer_id, profile_role(who.is_supervisor))


@router.get(f"{C}/customers/{{customer_id}}/orders", operation_id="customer_orders")
async def orders(customer_id: CustomerId, who: Who, desk: DeskParts) -> Json:
    return {"orders": await orders_of(customer_id, who, desk)}


@router.get(f"{C}/customers/{{customer_id}}/after-sales", operation_id="customer_after_sales")
async def after_sales(customer_id: CustomerId, who: Who, desk: DeskParts) -> Json:
    return {"after_sales": await after_sales_of(customer_id, desk)}


@router.get(f"{C}/customers/{{customer_id}}/orders/{{order_no}}/logistics", operation_id="order_logistics")
async def logistics(customer_id: CustomerId, order_no: OrderNo, who: Who, desk: DeskParts) -> Json:
    return await logistics_of(customer_id, order_no, desk)
