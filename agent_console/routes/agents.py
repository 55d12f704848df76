"""Who works at the desk: seen by everybody, kept by admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from agent_console.auth import NewPerson, SignedIn, plain_login
from agent_console.doors import DeskParts, GuardedRoute, Who
from agent_console.permissions import C
from agent_console.routes.sign_in import Login, Name, Password, me_of
from agent_console.routes.wire import Body, GroupId
from handoff import views
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["agents"])

Capacity = Annotated[int, Field(ge=1, le=50, strict=True)]
Roles = Annotated[list[str], Field(min_length=1, max_length=4)]
Level = Annotated[int, Field(ge=1, le=3, strict=True)]


class NewAgent(Body):
    login: Login
    name: Name
    password: Password
    roles: Roles
    groups: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=50)] = Field(default_factory=list)
    capacity: Capacity | None = None


class ChangedAgent(Body):
    """What is left out stays; `levels` lists all his groups with his level in each."""

    name: Name | None = None
    roles: Roles | None = None
    levels: Annotated[dict[GroupId, Level], Field(max_length=50)] | None = None
    capacity: Capacity | None = None


@router.get(f"{C}/agents", operation_id="agents")
async def agents(who: Who, desk: DeskParts) -> Json:
    shown = {"id", "name", "presence", "presence_reason", "groups", "active", "capacity"}
    levels = await desk.desk.levels()
    return {
        "agents": [
            agent.model_dump(mode="json", include=shown) | {"levels": levels.get(agent.id, {})}
            for agent in await desk.desk.agents()
        ],
        "groups": [group.model_dump(mode="json") for group in await desk.desk.groups()],
    }


@router.post(f"{C}/agents", operation_id="add_agent", status_code=201)
async def add_agent(asked: NewAgent, who: Who, desk: DeskParts) -> Json:
    person = NewPerson(asked.login, asked.name, asked.password, asked.roles, asked.groups, asked.capacity)
    agent = await desk.auth.add_person(person)
    return me_of(SignedIn(agent, plain_login(asked.login), ""))


@router.put(f"{C}/agents/{{agent_id}}", operation_id="change_agent")
async def change_agent(
    agent_id: Annotated[str, Path(min_length=1, max_length=64)], asked: ChangedAgent, who: Who, desk: DeskParts
) -> views.Agent:
    return await desk.desk.change_agent(agent_id, **asked.model_dump())
