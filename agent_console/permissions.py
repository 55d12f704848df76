"""Who may call what: one cell for every route and socket verb. What has no cell cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto


class Caller(StrEnum):
    """Everybody who can stand at the door. One person of the console may be several of the last five."""

    ANONYMOUS = auto()
    CUSTOMER = auto()
    OTHER_CUSTOMER = auto()
    AGENT_HOLDING = auto()
    AGENT = auto()
    KNOWLEDGE_MANAGER = auto()
    SUPERVISOR = auto()
    ADMIN = auto()


EVERYBODY = frozenset(Caller)
CUSTOMERS = frozenset({Caller.CUSTOMER, Caller.OTHER_CUSTOMER})
OWN_CUSTOMER = frozenset({Caller.CUSTOMER})
AGENTS = frozenset({Caller.AGENT_HOLDING, Caller.AGENT})
STAFF = AGENTS | {Caller.KNOWLEDGE_MANAGER, Caller.SUPERVISOR, Caller.ADMIN}
DESK_STAFF = AGENTS | {Caller.SUPERVISOR}
"""Those who look into conversations. Editing answers or accounts is no reason to read what customers write."""
HOLDING = frozenset({Caller.AGENT_HOLDING})
EDITORS = frozenset({Caller.KNOWLEDGE_MANAGER})
ADMINS = frozenset({Caller.ADMIN})

ROLES = {
    "agent": Caller.AGENT,
    "knowledge_manager": Caller.KNOWLEDGE_MANAGER,
    "supervisor": Caller.SUPERVISOR,
    "admin": Caller.ADMIN,
}


class Door(StrEnum):
    """How a caller proves himself."""

    OPEN = auto()
    CUSTOMER = auto()
    STAFF = auto()
    EITHER = auto()


@dataclass(frozen=True)
class Cell:
    """`may` is everybody who is let through; who is known but not listed is refused as `refusal` says.

    `AGENT_HOLDING` against `AGENT`, and `CUSTOMER` against `OTHER_CUSTOMER`, depend on the conversation and are decided
    by the desk in the transaction itself; the rest is decided at the door.
    """

    door: Door
    may: frozenset[Caller]
    refusal: int = 403


def _open() -> Cell:
    return Cell(Door.OPEN, EVERYBODY)


def _any_customer() -> Cell:
    return Cell(Door.CUSTOMER, CUSTOMERS)


def _own() -> Cell:
    return Cell(Door.CUSTOMER, OWN_CUSTOMER, refusal=404)


def _staff(may: frozenset[Caller], refusal: int = 403) -> Cell:
    return Cell(Door.STAFF, may, refusal)


W = "/api/v1/widget"
WC = f"{W}/conversations/{{conversation_id}}"
C = "/api/v1/console"
CC = f"{C}/conversations/{{conversation_id}}"

ROUTES: dict[tuple[str, str], Cell] = {
    # pages and the operator
    ("GET", "/"): _open(),
    ("GET", "/console"): _open(),
    ("GET", "/console/{path:path}"): _open(),
    ("GET", "/chat"): _open(),
    ("GET", "/widget/{path:path}"): _open(),
    ("GET", "/healthz"): _open(),
    ("GET", "/readyz"): _open(),
    ("GET", "/metrics"): _open(),
    ("GET", "/openapi.json"): _open(),
    # widget
    ("POST", f"{W}/sessions"): _open(),
    ("POST", f"{W}/tickets"): _any_customer(),
    ("GET", f"{WC}/events"): _own(),
    ("POST", f"{WC}/messages"): _own(),
    ("POST", f"{WC}/handoff"): _own(),
    ("DELETE", f"{WC}/handoff"): _own(),
    ("POST", f"{WC}/call-back"): _own(),
    ("GET", f"{WC}/waiting"): _own(),
    ("POST", f"{WC}/feedback"): _own(),
    ("POST", f"{WC}/rating"): _own(),
    ("POST", f"{WC}/read"): _own(),
    ("POST", f"{W}/uploads"): _any_customer(),
    ("GET", f"{W}/suggestions"): _any_customer(),
    ("GET", f"{W}/history"): _any_customer(),
    ("GET", "/api/v1/uploads/{upload_id}"): Cell(Door.EITHER, DESK_STAFF | OWN_CUSTOMER, refusal=404),
    # console
    ("GET", f"{C}/setup"): _open(),
    ("POST", f"{C}/setup"): _open(),
    ("POST", f"{C}/sign-in"): _open(),
    ("POST", f"{C}/sign-out"): _staff(STAFF),
    ("GET", f"{C}/me"): _staff(STAFF),
    ("PUT", f"{C}/me/presence"): _staff(STAFF),
    ("GET", f"{C}/agents"): _staff(STAFF),
    ("POST", f"{C}/agents"): _staff(ADMINS),
    ("PUT", f"{C}/agents/{{agent_id}}"): _staff(ADMINS),
    ("GET", f"{C}/groups"): _staff(STAFF),
    ("PUT", f"{C}/groups/{{group_id}}"): _staff(frozenset({Caller.SUPERVISOR, Caller.ADMIN})),
    ("GET", f"{C}/conversations"): _staff(DESK_STAFF),
    ("GET", CC): _staff(DESK_STAFF),
    ("GET", f"{CC}/events"): _staff(DESK_STAFF),
    ("POST", f"{C}/conversations/next"): _staff(DESK_STAFF),
    ("GET", f"{CC}/decisions"): _staff(DESK_STAFF),
    ("POST", f"{CC}/claim"): _staff(DESK_STAFF),
    ("POST", f"{CC}/take-over"): _staff(DESK_STAFF),
    ("POST", f"{CC}/messages"): _staff(HOLDING, refusal=409),
    ("POST", f"{CC}/notes"): _staff(DESK_STAFF),
    ("POST", f"{CC}/transfer"): _staff(HOLDING | {Caller.SUPERVISOR}, refusal=409),
    ("POST", f"{CC}/decline"): _staff(HOLDING, refusal=409),
    ("POST", f"{CC}/promises"): _staff(HOLDING | {Caller.SUPERVISOR}),
    ("POST", f"{CC}/promises/{{promise_id}}/keep"): _staff(DESK_STAFF),
    ("POST", f"{CC}/promises/{{promise_id}}/withdraw"): _staff(DESK_STAFF),
    ("POST", f"{CC}/promises/{{promise_id}}/pass-on"): _staff(DESK_STAFF),
    ("POST", f"{CC}/follow-up"): _staff(DESK_STAFF),
    ("GET", f"{C}/promises"): _staff(DESK_STAFF),
    ("POST", f"{CC}/snooze"): _staff(HOLDING, refusal=409),
    ("POST", f"{CC}/invite"): _staff(HOLDING, refusal=409),
    ("POST", f"{CC}/asked-again"): _staff(DESK_STAFF),
    ("POST", f"{CC}/phone"): _staff(HOLDING | {Caller.SUPERVISOR}),
    ("PUT", f"{CC}/customer"): _staff(DESK_STAFF),
    ("POST", f"{CC}/orders/{{order_no}}/{{action}}"): _staff(HOLDING | {Caller.SUPERVISOR}, refusal=409),
    ("POST", f"{CC}/unanswered"): _staff(DESK_STAFF),
    ("GET", f"{C}/customers/{{customer_id}}/after-sales"): _staff(DESK_STAFF),
    ("POST", f"{CC}/unmask"): _staff(HOLDING | {Caller.SUPERVISOR}),
    ("POST", f"{CC}/return-to-bot"): _staff(HOLDING, refusal=409),
    ("POST", f"{CC}/close"): _staff(HOLDING, refusal=409),
    ("POST", f"{CC}/recall"): _staff(DESK_STAFF),
    ("POST", f"{CC}/verdict"): _staff(DESK_STAFF),
    ("PUT", f"{CC}/draft"): _staff(DESK_STAFF),
    ("POST", f"{CC}/read"): _staff(DESK_STAFF),
    ("GET", f"{CC}/suggestions"): _staff(DESK_STAFF),
    ("POST", f"{CC}/check"): _staff(DESK_STAFF),
    ("GET", f"{C}/send-phrases"): _staff(DESK_STAFF | {Caller.ADMIN}),
    ("PUT", f"{C}/send-phrases"): _staff(frozenset({Caller.SUPERVISOR, Caller.ADMIN})),
    ("GET", f"{CC}/canned-replies"): _staff(DESK_STAFF),
    ("GET", f"{C}/canned-replies"): _staff(DESK_STAFF),
    ("POST", f"{C}/canned-replies"): _staff(DESK_STAFF),
    ("PUT", f"{C}/canned-replies/{{reply_id}}"): _staff(DESK_STAFF),
    ("DELETE", f"{C}/canned-replies/{{reply_id}}"): _staff(DESK_STAFF),
    ("POST", f"{C}/uploads"): _staff(DESK_STAFF),
    ("GET", f"{C}/customers/{{customer_id}}"): _staff(DESK_STAFF),
    ("GET", f"{C}/customers/{{customer_id}}/orders"): _staff(DESK_STAFF),
    ("GET", f"{C}/customers/{{customer_id}}/orders/{{order_no}}/logistics"): _staff(DESK_STAFF),
    ("GET", f"{C}/kb/{{path:path}}"): _staff(STAFF),
    ("POST", f"{C}/kb/{{path:path}}"): _staff(EDITORS),
    ("PUT", f"{C}/kb/{{path:path}}"): _staff(EDITORS),
    ("PATCH", f"{C}/kb/{{path:path}}"): _staff(EDITORS),
    ("DELETE", f"{C}/kb/{{path:path}}"): _staff(EDITORS),
}

WIDGET_SOCKET = f"{W}/socket"
CONSOLE_SOCKET = f"{C}/socket"

SOCKETS: dict[str, Cell] = {
    WIDGET_SOCKET: Cell(Door.CUSTOMER, CUSTOMERS),
    CONSOLE_SOCKET: Cell(Door.STAFF, STAFF),
}

VERBS: dict[tuple[str, str], Cell] = {
    (WIDGET_SOCKET, "watch"): _own(),
    (WIDGET_SOCKET, "unwatch"): _any_customer(),
    (WIDGET_SOCKET, "say"): _own(),
    (WIDGET_SOCKET, "typing"): _own(),
    (WIDGET_SOCKET, "read"): _own(),
    (WIDGET_SOCKET, "lists"): Cell(Door.CUSTOMER, frozenset()),
    (WIDGET_SOCKET, "ping"): _any_customer(),
    (CONSOLE_SOCKET, "watch"): _staff(DESK_STAFF),
    (CONSOLE_SOCKET, "unwatch"): _staff(STAFF),
    (CONSOLE_SOCKET, "say"): _staff(HOLDING, refusal=409),
    (CONSOLE_SOCKET, "typing"): _staff(DESK_STAFF),
    (CONSOLE_SOCKET, "read"): _staff(DESK_STAFF),
    (CONSOLE_SOCKET, "lists"): _staff(DESK_STAFF),
    (CONSOLE_SOCKET, "ping"): _staff(STAFF),
}


def callers(roles: list[str]) -> frozenset[Caller]:
    """What a console person may count as; an agent may turn out to hold the conversation."""
    stands_as = {ROLES[role] for role in roles if role in ROLES}
    if stands_as & {Caller.AGENT, Caller.SUPERVISOR}:
        stands_as.add(Caller.AGENT_HOLDING)
    return frozenset(stands_as)


def is_let_in(cell: Cell, stands_as: frozenset[Caller]) -> bool:
    """Whether at least one of the caller's roles may pass the door."""
    return bool(cell.may & stands_as)
