"""Every route and socket verb has a cell, and every cell is what a caller meets."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from agent_console.app import create_app
from agent_console.permissions import CONSOLE_SOCKET, ROUTES, SOCKETS, VERBS, WIDGET_SOCKET, Caller, Cell, Door
from agent_console.protocol import Verb
from tests.agent_console.conftest import RunningDesk, settings_for
from tests.agent_console.people import Colleague, Customer, Person, Socket, shop_token

BODIES: dict[str, Any] = {
    "/api/v1/widget/sessions": {"app": "demo"},
    "/api/v1/widget/conversations/{conversation_id}/messages": {"body": {"type": "text", "text": "在吗"}},
    "/api/v1/widget/conversations/{conversation_id}/handoff": {},
    "/api/v1/widget/conversations/{conversation_id}/call-back": {},
    "/api/v1/widget/conversations/{conversation_id}/feedback": {"seq": 1, "helpful": True},
    "/api/v1/widget/conversations/{conversation_id}/rating": {"solved": True},
    "/api/v1/widget/conversations/{conversation_id}/read": {"seq": 1},
    "/api/v1/console/setup": {"code": "x", "login": "x", "name": "x", "password": "12345678"},
    "/api/v1/console/sign-in": {"login": "nobody", "password": "x"},
    "/api/v1/console/me/presence": {"presence": "online"},
    "/api/v1/console/agents": {"name": "新人", "password": "12345678", "roles": ["agent"]},
    "/api/v1/console/conversations/{conversation_id}/messages": {"body": {"type": "text", "text": "您好"}},
    "/api/v1/console/conversations/{conversation_id}/notes": {"text": "备注"},
    "/api/v1/console/conversations/{conversation_id}/transfer": {"group": "order"},
    "/api/v1/console/conversations/{conversation_id}/snooze": {"until": "2199-01-01T00:00:00Z"},
    "/api/v1/console/conversations/{conversation_id}/invite": {"agent_id": "nobody"},
    "/api/v1/console/conversations/{conversation_id}/asked-again": {"text": "订单号？"},
    "/api/v1/console/conversations/{conversation_id}/phone": {"reason": "联系不上客户"},
    "/api/v1/console/groups/{group_id}": {"queue_limit": 100},
    "/api/v1/console/agents/{agent_id}": {"capacity": 8},
    "/api/v1/console/conversations/{conversation_id}/promises": {"text": "回电", "due_at": "2026-12-01T00:00:00Z"},
    "/api/v1/console/conversations/{conversation_id}/promises/{promise_id}/keep": {},
    "/api/v1/console/conversations/{conversation_id}/promises/{promise_id}/withdraw": {"reason": "已解决"},
    "/api/v1/console/conversations/{conversation_id}/promises/{promise_id}/pass-on": {"owner": "group:order"},
    "/api/v1/console/conversations/{conversation_id}/unmask": {"seq": 1, "reason": "核对退款账户"},
    "/api/v1/console/conversations/{conversation_id}/customer": {"notes": "喜欢顺丰"},
    "/api/v1/console/conversations/{conversation_id}/orders/{order_no}/{action}": {"client_msg_id": "a1"},
    "/api/v1/console/conversations/{conversation_id}/unanswered": {"text": "能刻字吗", "seq": 1},
    "/api/v1/console/conversations/{conversation_id}/check": {"text": "您好"},
    "/api/v1/console/send-phrases": {"words": "亲爱的", "kind": "forbidden"},
    "/api/v1/console/canned-replies": {"text": "您好", "shortcut": "hi"},
    "/api/v1/console/canned-replies/{reply_id}": {"text": "您好"},
    "/api/v1/console/conversations/{conversation_id}/close": {"outcome": "solved"},
    "/api/v1/console/conversations/{conversation_id}/recall": {"seq": 1},
    "/api/v1/console/conversations/{conversation_id}/verdict": {"handoff_id": "none", "person_was_needed": True},
    "/api/v1/console/conversations/{conversation_id}/draft": {"text": ""},
    "/api/v1/console/conversations/{conversation_id}/read": {"seq": 1},
}

# Routes about something that this test's scene does not hold.
NAMES_NOTHING = ("{upload_id}", "{reply_id}", "{agent_id}", "/verdict", "/unmask", "/feedback", "/recall")
NEEDS_CLIENT_ID = ("/messages", "/handoff", "/notes")
STRANGE = (Caller.ANONYMOUS, Caller.CUSTOMER, Caller.OTHER_CUSTOMER)


@dataclass
class Cast:
    """One person for each caller, and a conversation that the first customer has with the holding agent."""

    desk: RunningDesk
    people: dict[Caller, Person]
    customer: Customer

    async def set_scene(self) -> None:
        """The conversation is with the holding agent, whatever the last call did to it."""
        holder, place = self.people[Caller.AGENT_HOLDING], self.customer.conversation_id
        assert isinstance(holder, Colleague)
        conversation = await self.desk.parts.desk.conversation(place)
        if conversation.holder == f"agent:{holder.id}":
            return
        if conversation.holder == "nobody":
            await self.customer.say("还有问题")
        await self.desk.parts.desk.take_over(place, holder.id, True)

    async def call(self, caller: Caller, method: str, path: str) -> httpx.Response:
        address = (
            path.replace("{conversation_id}", self.customer.conversation_id)
            .replace("{customer_id}", self.customer.id)
            .replace("{order_no}", "JL20260103001")
            .replace("{upload_id}", "0" * 32)
            .replace("{group_id}", "order")
            .replace("{action}", "urge")
            .replace("{reply_id}", "nothing")
            .replace("{promise_id}", "nothing")
            .replace("{agent_id}", "nobody")
            .replace("{path:path}", "entries")
        )
        options: dict[str, Any] = {}
        if path.endswith("/uploads") and method == "POST":
            options["files"] = {"file": ("a.png", b"no picture", "image/png")}
        elif method in ("POST", "PUT", "PATCH"):
            options["json"] = dict(BODIES.get(path, {}))
            if path.endswith(NEEDS_CLIENT_ID):
                options["json"]["client_msg_id"] = uuid.uuid4().hex
            if path == "/api/v1/console/agents":
                options["json"]["login"] = uuid.uuid4().hex
        http = self.people[caller].http
        cookies = list(http.cookies.jar)
        answer = await http.request(method, address, **options)
        # Opening a chat makes anybody a customer; here everybody stays who he is.
        http.cookies.clear()
        for cookie in cookies:
            http.cookies.jar.set_cookie(cookie)
        return answer


@pytest.fixture
async def cast(desk: RunningDesk) -> AsyncIterator[Cast]:
    holding = await desk.colleague("agent", name="接待的客服")
    customer = await desk.customer(token=shop_token())
    await customer.ask_for_person()
    await holding.act(customer.conversation_id, "claim")
    anonymous = await desk.stranger()
    for stranger in (customer, other := await desk.customer()):
        stranger.http.headers["X-Jieli-Console"] = "1"
    people: dict[Caller, Person] = {
        Caller.ANONYMOUS: anonymous,
        Caller.CUSTOMER: customer,
        Caller.OTHER_CUSTOMER: other,
        Caller.AGENT_HOLDING: holding,
        Caller.AGENT: await desk.colleague("agent", name="别的客服"),
        Caller.KNOWLEDGE_MANAGER: await desk.colleague("knowledge_manager"),
        Caller.SUPERVISOR: await desk.colleague("supervisor"),
        Caller.ADMIN: await desk.colleague("admin"),
    }
    yield Cast(desk, people, customer)


def refusals(cell: Cell, caller: Caller) -> set[int]:
    """The answers that keep this caller out."""
    is_known = caller not in STRANGE if cell.door is Door.STAFF else caller in (Caller.CUSTOMER, Caller.OTHER_CUSTOMER)
    if cell.door is Door.EITHER:
        is_known = caller is not Caller.ANONYMOUS
    if not is_known:
        return {401}
    # Which of the holder's rights somebody lacks is said by the desk; a role that has none of them stays at the door.
    return {cell.refusal, 403} if cell.door is Door.STAFF else {cell.refusal}


def test_every_route_of_the_app_has_a_cell(tmp_path: Path) -> None:
    found: set[tuple[str, str]] = set()
    sockets: set[str] = set()
    for context in iter_route_contexts(create_app(settings_for(tmp_path)).routes):
        if context.methods is None:
            sockets.add(str(context.path))
        for method in (context.methods or set()) - {"HEAD"}:
            found.add((method, str(context.path)))

    assert found - set(ROUTES) == set(), "routes without a cell"
    assert set(ROUTES) - found == set(), "cells without a route"
    assert sockets == set(SOCKETS)


def test_every_socket_verb_has_a_cell() -> None:
    assert set(VERBS) == {(address, verb) for address in (WIDGET_SOCKET, CONSOLE_SOCKET) for verb in get_args(Verb)}


async def test_each_caller_meets_what_the_matrix_says(cast: Cast) -> None:
    wrong: list[str] = []
    for (method, path), cell in ROUTES.items():
        if path.endswith("/sign-out"):
            continue  # ends the caller's own sign-in; tested with the sign-ins
        for caller in Caller:
            await cast.set_scene()
            answer = await cast.call(caller, method, path)
            met = f"{caller}: {answer.status_code} from {method} {path}"
            if caller not in cell.may and answer.status_code not in refusals(cell, caller):
                wrong.append(met)
            if caller in cell.may and is_refusal(answer, cell, path):
                wrong.append(met)
            if answer.status_code >= 500 and answer.status_code != 503:
                wrong.append(met)

    assert wrong == []


def is_refusal(answer: httpx.Response, cell: Cell, path: str) -> bool:
    """Whether somebody who may was kept out; where the thing asked for does not exist, 404 is the right answer."""
    if cell.door is Door.OPEN:
        return False
    code = answer.json().get("code") if answer.status_code >= 400 else None
    has_nothing = "{promise_id}" in path or path.endswith(NAMES_NOTHING)
    return code in ("not_signed_in", "forbidden", "not_holder") or (code == "not_found" and not has_nothing)


async def test_each_caller_meets_it_on_the_socket_too(cast: Cast) -> None:
    wrong: list[str] = []
    for (address, verb), cell in VERBS.items():
        for caller, person in cast.people.items():
            at = CONSOLE_SOCKET if isinstance(person, Colleague) else WIDGET_SOCKET
            if at != address or caller is Caller.ANONYMOUS:
                continue
            await cast.set_scene()
            told = await _try_verb(cast, person, verb)
            if (caller in cell.may) == (told is not None):
                wrong.append(f"{caller} {verb}: {told}")

    assert wrong == []


async def _try_verb(cast: Cast, person: Person, verb: str) -> str | None:
    """The code of the refusal, or None."""
    socket = await _fresh_socket(person)
    sent_as = uuid.uuid4().hex
    place = cast.customer.conversation_id
    if verb == "typing":
        # Whoever may not watch cannot type; the refusal of either is what counts.
        await socket.send("watch", c=place, id="before")
    frames: dict[str, dict[str, Any]] = {
        "say": {"d": {"body": {"type": "text", "text": "在"}}},
        "read": {"d": {"seq": 1}},
    }
    members: dict[str, Any] = {} if verb in ("lists", "ping") else {"c": place}
    await socket.send(verb, **frames.get(verb, {"d": {}}), **members, id=sent_as)
    await socket.send("ping", id="after")
    ended = await socket.until(
        lambda it: it.close_code or any(frame["t"] == "pong" and frame.get("id") == "after" for frame in it.frames)
    )
    refused = [frame["d"]["code"] for frame in socket.frames if frame["t"] == "refused" and frame.get("id") == sent_as]
    await socket.hang_up()
    return refused[0] if refused else ("closed" if ended is not True else None)


async def _fresh_socket(person: Person) -> Socket:
    if isinstance(person, Colleague):
        return await person.socket()
    ticket = (await person.http.post("/api/v1/widget/tickets")).json()["ticket"]
    return await person.open(f"{WIDGET_SOCKET}?ticket={ticket}")


async def test_anothers_conversation_and_a_missing_one_look_alike(desk: RunningDesk) -> None:
    mine, other = await desk.customer(), await desk.customer()

    anothers = await mine.http.get(f"{other.address}/events")
    missing = await mine.http.get("/api/v1/widget/conversations/nothing/events")

    assert anothers.status_code == missing.status_code == 404
    assert anothers.json() == missing.json()


async def test_a_change_without_our_header_is_refused(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    del agent.http.headers["X-Jieli-Console"]

    answer = await agent.http.put("/api/v1/console/me/presence", json={"presence": "busy"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
