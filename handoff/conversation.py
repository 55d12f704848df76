"""Who speaks to the customer: the one table of legal moves, readable aloud, and nothing else decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from handoff.errors import IllegalMove

Who = Literal["customer", "agent", "supervisor", "desk"]
HolderKind = Literal["bot", "queue", "agent", "nobody"]
Act = Literal[
    "ask_for_person",
    "hand_over",
    "cancel_waiting",
    "claim",
    "take_over",
    "follow_up",
    "requeue",
    "transfer_to_agent",
    "transfer_to_group",
    "decline",
    "overflow",
    "return_to_bot",
    "close",
    "reopen",
]

BOT = "bot"
QUEUE = "queue"
NOBODY = "nobody"


class Move(NamedTuple):
    who: Who
    act: Act
    come_from: HolderKind
    to: HolderKind
    event: str
    own: bool = False
    """The agent who moves must be the one who holds."""


# fmt: off
MOVES: tuple[Move, ...] = (
    #    who           does                 while it is with   then it is with   and the log says
    Move("customer",   "ask_for_person",    "bot",             "queue",          "handed_over"),
    Move("desk",       "hand_over",         "bot",             "queue",          "handed_over"),
    Move("customer",   "cancel_waiting",    "queue",           "bot",            "waiting_cancelled"),
    Move("agent",      "claim",             "queue",           "agent",          "claimed"),
    Move("agent",      "take_over",         "queue",           "agent",          "claimed"),
    Move("agent",      "take_over",         "bot",             "agent",          "claimed"),
    Move("supervisor", "take_over",         "queue",           "agent",          "claimed"),
    Move("supervisor", "take_over",         "bot",             "agent",          "claimed"),
    Move("supervisor", "take_over",         "agent",           "agent",          "claimed"),
    Move("agent",      "follow_up",         "nobody",          "agent",          "claimed"),
    Move("desk",       "requeue",           "agent",           "queue",          "requeued"),
    Move("desk",       "overflow",          "queue",           "queue",          "requeued"),
    Move("agent",      "transfer_to_agent", "agent",           "agent",          "transferred", own=True),
    Move("agent",      "transfer_to_group", "agent",           "queue",          "transferred", own=True),
    Move("supervisor", "transfer_to_agent", "agent",           "agent",          "transferred"),
    Move("supervisor", "transfer_to_group", "agent",           "queue",          "transferred"),
    Move("agent",      "decline",           "agent",           "agent",          "transferred", own=True),
    Move("agent",      "return_to_bot",     "agent",           "bot",            "returned_to_bot", own=True),
    Move("agent",      "close",             "agent",           "nobody",         "closed", own=True),
    Move("desk",       "close",             "bot",             "nobody",         "closed"),
    Move("customer",   "reopen",            "nobody",          "bot",            "reopened"),
)

# What the bot may show, by holder. In the queue it goes on helping with facts, marked as the bot's, but its small talk
# and its questions back are kept from the customer, who has been told that a person is coming.
BOT_MAY_SHOW: dict[HolderKind, frozenset[str]] = {
    "bot":    frozenset({"text", "answer", "did_you_mean", "choices", "order_picker", "order", "logistics"}),
    "queue":  frozenset({"answer", "did_you_mean", "order_picker", "order", "logistics"}),
    "agent":  frozenset(),
    "nobody": frozenset(),
}
# fmt: on


def agent_holder(agent_id: str) -> str:
    return f"agent:{agent_id}"


def holder_kind(holder: str) -> HolderKind:
    if holder.startswith("agent:"):
        return "agent"
    if holder in (BOT, QUEUE, NOBODY):
        return holder  # type: ignore[return-value]  # the three words are kinds themselves
    raise ValueError(f"no such holder: {holder}")


def holding_agent(holder: str) -> str | None:
    return holder.removeprefix("agent:") if holder.startswith("agent:") else None


def legal_move(who: Who, act: Act, holder: str, agent_id: str | None = None) -> Move:
    """The row of the table, or IllegalMove; `agent_id` is the moving agent, where one moves."""
    for move in MOVES:
        if (move.who, move.act, move.come_from) == (who, act, holder_kind(holder)):
            if move.own and holding_agent(holder) != agent_id:
                break
            return move
    raise IllegalMove


def bot_is_asked(holder: str) -> bool:
    """Whether a customer's message goes to the bot as well: while it holds, and while it helps in the queue."""
    return bool(BOT_MAY_SHOW[holder_kind(holder)])


def showable(holder: str, types: Iterable[str]) -> bool:
    """Whether a bot's reply of these message types may be shown: in the queue one useful part carries the rest."""
    allowed = BOT_MAY_SHOW[holder_kind(holder)]
    return any(kind in allowed for kind in types)
