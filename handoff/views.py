"""The objects that cross the wire, exactly as docs/api.md describes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

Json = dict[str, Any]


def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: `2026-01-05T08:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


Time = Annotated[datetime, PlainSerializer(wire_time, return_type=str, when_used="json")]
Role = Literal["customer", "bot", "agent", "system"]
Audience = Literal["all", "staff"]
Presence = Literal["online", "busy", "offline"]
ListName = Literal["mine", "waiting", "bot", "watch", "team", "closed"]
Outcome = Literal["solved", "unsolved", "follow_up"]


class View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Author(View):
    role: Role
    id: str
    name: str


class Event(View):
    conversation_id: str
    seq: int
    id: str
    kind: str
    at: Time
    author: Author
    client_msg_id: str | None = None
    audience: Audience = "all"
    body: Json


class HiddenEvent(View):
    """What a customer gets in place of a staff event: proof that the number was not lost."""

    conversation_id: str
    seq: int
    kind: Literal["hidden"] = "hidden"


class EventPage(View):
    events: list[Event | HiddenEvent]
    head_seq: int
    more: bool


class Receipt(View):
    client_msg_id: str | None
    message_id: str
    seq: int
    conflict: bool = False
    # Tells 201 from 200; not part of the wire object.
    is_repeat: bool = Field(default=False, exclude=True)


class AgentName(View):
    id: str
    name: str


class Conversation(View):
    id: str
    customer_id: str
    channel: str
    holder: str
    holder_version: int
    agent: AgentName | None
    head_seq: int
    opened_at: Time
    closed_at: Time | None
    rated: bool


class Customer(View):
    id: str
    name: str
    level: str
    guest: bool


class Welcome(View):
    customer: Customer
    conversation: Conversation
    is_new: bool


class WaitEstimate(View):
    low: int
    high: int


class Waiting(View):
    position: int
    estimate_seconds: WaitEstimate | None
    group: str


class RowAlert(View):
    """A service standard that is soon or already broken for a customer who still waits."""

    clock: Literal["first_response", "next_response", "resolution"]
    state: Literal["warning", "breach"]


class Row(View):
    """One line of the console's lists; built from the conversation alone, so the same for every agent."""

    id: str
    customer: Customer
    holder: str
    holder_version: int
    agent: AgentName | None
    group: str | None
    reason: str | None
    last_text: str
    last_at: Time | None
    last_author: str | None
    waiting_since: Time | None
    unread: int
    head_seq: int
    emotion: float | None
    intent: str | None
    draft: str
    snoozed_until: Time | None = None
    alert: RowAlert | None = None
    revision: int


class Counts(View):
    mine: int = 0
    waiting: int = 0
    bot: int = 0
    watch: int = 0


class RowPage(View):
    rows: list[Row]
    next_cursor: str | None
    counts: Counts


class ChangedRows(View):
    """Rows changed since a mark; hand `mark` back the next time. A row may come twice, never not at all."""

    rows: list[Row]
    mark: int


class Head(View):
    head_seq: int
    holder_version: int
    row_revision: int


class HistoryEntry(View):
    id: str
    opened_at: Time
    closed_at: Time | None
    last_text: str


class Promise(View):
    promise_id: str
    kind: Literal["answer", "follow_up", "call_back"]
    text: str
    due_at: Time
    owner: str
    kept: bool


class OpenPromise(Promise):
    """A promise in the list of those to keep."""

    conversation_id: str
    customer: Customer
    holder: str
    overdue: bool


class PastConversation(View):
    id: str
    opened_at: Time
    closed_at: Time | None
    reason: str | None
    outcome: str | None
    stars: int | None


class Profile(View):
    id: str
    name: str
    level: str
    guest: bool
    phone_masked: str | None
    tags: list[str]
    own_tags: list[str]
    since: str | None
    orders_count: int | None
    spent: float | None
    notes: str
    conversations: list[PastConversation]


class Agent(View):
    id: str
    name: str
    roles: list[str]
    groups: list[str]
    presence: Presence
    presence_reason: str = ""
    capacity: int
    active: int


class Group(View):
    id: str
    name: str
    waiting: int
    online: int


class PlannedGroup(Group):
    """A group with how it is run; null stands for the desk's usual."""

    hours: Json | None
    holidays: Json
    overflow_to: str | None
    overflow_seconds: int | None
    queue_limit: int | None
    standards: Json | None
    assignment: str | None
    languages: list[str]
    is_open: bool
    next_opening: Time | None


class CannedReply(View):
    id: str
    shared: bool
    category: str
    group: str | None
    shortcut: str
    text: str
    updated_at: Time


class FilledReply(CannedReply):
    """A ready-made answer for the customer at hand; `missing` names what could not be filled in."""

    filled: str
    missing: list[str]


class SendWarning(View):
    """Something in an agent's text to look at again before it is sent; `start` and `end` count characters."""

    code: str
    words: str
    start: int
    end: int
    why: str
    suggestion: str


class SendPhrase(View):
    words: str
    kind: Literal["forbidden", "over_promise", "off_platform"]
    suggestion: str
    variants: list[str]
    active: bool
    own: bool
