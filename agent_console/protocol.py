"""The socket's frames, listed once: what a client may send and what the desk answers."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

VERSION: Literal[1] = 1

MOST_FRAME_BYTES = 64 * 1024
"""Above this a frame is refused; a text of 4,000 characters needs at most 24 KB even when escaped."""

MOST_SOCKET_BYTES = 256 * 1024
"""Between the two limits the frame is still read so that the refusal can name its id; above, the socket closes."""

MOST_WATCHED = 50
"""Conversations that one console connection may watch."""

Seq = Annotated[int, Field(ge=0, le=2**53)]
ConversationId = Annotated[str, Field(min_length=1, max_length=64)]
FrameId = Annotated[str, Field(min_length=1, max_length=64)]


class _Frame(BaseModel):
    model_config = ConfigDict(extra="ignore")

    v: Literal[1] = VERSION
    id: FrameId | None = None


class _Nothing(BaseModel):
    pass


class After(BaseModel):
    after: Seq = 0


class Said(BaseModel):
    body: dict[str, Any]


class Typed(BaseModel):
    text: Annotated[str, Field(max_length=4000)] | None = None


class UpTo(BaseModel):
    seq: Seq


class Watch(_Frame):
    t: Literal["watch"]
    c: ConversationId
    d: After = After()


class Unwatch(_Frame):
    t: Literal["unwatch"]
    c: ConversationId


class Say(_Frame):
    t: Literal["say"]
    c: ConversationId
    id: FrameId
    d: Said


class Typing(_Frame):
    t: Literal["typing"]
    c: ConversationId
    d: Typed = Typed()


class Read(_Frame):
    t: Literal["read"]
    c: ConversationId
    d: UpTo


class Lists(_Frame):
    t: Literal["lists"]


class Ping(_Frame):
    t: Literal["ping"]


Incoming = Annotated[Watch | Unwatch | Say | Typing | Read | Lists | Ping, Field(discriminator="t")]
incoming: TypeAdapter[Incoming] = TypeAdapter(Incoming)

Verb = Literal["watch", "unwatch", "say", "typing", "read", "lists", "ping"]

Outgoing = Literal[
    "welcome",
    "event",
    "caught_up",
    "ack",
    "refused",
    "heartbeat",
    "conversation",
    "waiting",
    "row",
    "counts",
    "typing",
    "read",
    "presence",
    "invited",
    "pong",
]


class Closing:
    """Why a socket was closed; a browser shows these as the close code."""

    NOT_THE_PROTOCOL = 4400
    NOT_SIGNED_IN = 4401
    ORIGIN = 4403
    NOT_FOUND = 4404
    TOO_SLOW = 4408
    REPLACED = 4409
    TOO_MANY_FRAMES = 4429
    RESTARTING = 1012


def frame(
    t: Outgoing, d: dict[str, Any] | None = None, *, c: str | None = None, seq: int | None = None, id: str | None = None
) -> str:
    """One frame as it goes over the wire."""
    whole: dict[str, Any] = {"v": VERSION, "t": t}
    if id is not None:
        whole["id"] = id
    if c is not None:
        whole["c"] = c
    if seq is not None:
        whole["seq"] = seq
    whole["d"] = d or {}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
