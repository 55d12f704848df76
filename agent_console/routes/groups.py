"""How a skill group is run: hours, holidays, who helps out, how long its line may be."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import C
from agent_console.routes.wire import Body
from handoff import views
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["console"])


class GroupPlan(Body):
    """How a group is run; what is left out stays as it is."""

    name: Annotated[str, Field(min_length=1, max_length=100)] = ""
    hours: dict[str, list[tuple[str, str]]] | None = None
    holidays: dict[str, list[tuple[str, str]]] | None = None
    overflow_to: Annotated[str, Field(max_length=64)] | None = None
    overflow_seconds: int | None = None
    queue_limit: int | None = None
    standards: dict[str, dict[str, int]] | None = None
    assignment: Literal["manual", "automatic"] | None = None
    languages: Annotated[list[Annotated[str, Field(min_length=2, max_length=8)]], Field(max_length=10)] | None = None


@router.get(f"{C}/groups", operation_id="groups")
async def groups(who: Who, desk: DeskParts) -> Json:
    """How each group is run, and whether it is open just now."""
    return {"groups": [group.model_dump(mode="json") for group in await desk.desk.planned_groups()]}


@router.put(f"{C}/groups/{{group_id}}", operation_id="set_group")
async def set_group(
    group_id: Annotated[str, Path(min_length=1, max_length=64)], asked: GroupPlan, who: Who, desk: DeskParts
) -> views.Group:
    return await desk.desk.set_group(group_id, **asked.model_dump(exclude_unset=True))
