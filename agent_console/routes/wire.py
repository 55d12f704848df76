"""Small pieces of input that several routes take, with the limits under which nothing breaks behind them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

LARGEST_SEQ = 2**31 - 1
"""What every database of ours holds in a `seq` column; a larger number is a mistake, not a future."""

Seq = Annotated[int, Field(ge=1, le=LARGEST_SEQ, strict=True)]
ConversationId = Annotated[str, Path(min_length=1, max_length=64)]
CustomerId = Annotated[str, Path(min_length=1, max_length=64)]
OrderNo = Annotated[str, Path(min_length=1, max_length=64)]
After = Annotated[int | None, Query(ge=0, le=LARGEST_SEQ)]
Before = Annotated[int | None, Query(ge=0, le=LARGEST_SEQ)]
Limit = Annotated[int, Query(ge=1, le=200)]
ClientMessageId = Annotated[str, Field(min_length=1, max_length=64)]
AgentId = Annotated[str, Field(min_length=1, max_length=64)]
GroupId = Annotated[str, Field(min_length=1, max_length=64)]
Note = Annotated[str, Field(max_length=4000)]


class Body(BaseModel):
    """A JSON object; unknown members are refused, so that a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


class ReadUpTo(Body):
    seq: Seq
