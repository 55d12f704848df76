"""Signing in and out of the console, the first admin, and presence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from agent_console.auth import FIRST_ADMIN_ROLES, NewPerson, SignedIn, plain_login
from agent_console.doors import Address, DeskParts, GuardedRoute, Who, console_cookie
from agent_console.parts import Parts
from agent_console.passwords import LONGEST
from agent_console.permissions import C
from agent_console.routes.wire import Body
from handoff import views
from handoff.views import Json

router = APIRouter(route_class=GuardedRoute, tags=["sign-in"])

Login = Annotated[str, Field(min_length=1, max_length=64)]
Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Name = Annotated[str, Field(min_length=1, max_length=40)]


class SetUp(Body):
    code: Annotated[str, Field(min_length=1, max_length=64)]
    login: Login
    name: Name
    password: Password


class SignIn(Body):
    login: Login
    password: Password


class NewPresence(Body):
    presence: views.Presence
    reason: Annotated[str, Field(max_length=100)] = ""


@router.get(f"{C}/setup", operation_id="is_setup_needed")
async def is_setup_needed(desk: DeskParts) -> Json:
    return {"needed": await desk.auth.is_setup_needed()}


@router.post(f"{C}/setup", operation_id="set_up", status_code=201)
async def set_up(asked: SetUp, response: Response, desk: DeskParts, address: Address) -> Json:
    await desk.limits.setup(address)
    groups = [group.id for group in await desk.desk.groups()]
    person = NewPerson(asked.login, asked.name, asked.password, FIRST_ADMIN_ROLES, groups)
    who, token = await desk.setup_code.use(asked.code, person)
    return _let_in(response, who, token, desk)


@router.post(f"{C}/sign-in", operation_id="sign_in")
async def sign_in(asked: SignIn, response: Response, desk: DeskParts, address: Address) -> Json:
    login = plain_login(asked.login)
    await desk.limits.sign_in(login, address)
    who, token = await desk.auth.sign_in(login, asked.password)
    await desk.limits.signed_in(login, address)
    return _let_in(response, who, token, desk)


def _let_in(response: Response, who: SignedIn, token: str, desk: Parts) -> Json:
    settings = desk.settings
    response.set_cookie(
        console_cookie(settings),
        token,
        max_age=int(settings.sign_in_hours * 3600),
        path="/",
        httponly=True,
        secure=settings.is_behind_tls,
        samesite="strict",
    )
    response.headers["Cache-Control"] = "no-store"
    return me_of(who)


@router.post(f"{C}/sign-out", operation_id="sign_out", status_code=204)
async def sign_out(request: Request, response: Response, who: Who, desk: DeskParts) -> None:
    await desk.auth.sign_out(who)
    desk.hub.end_sign_in(who.token_hash)
    response.delete_cookie(
        console_cookie(desk.settings), path="/", httponly=True, secure=desk.settings.is_behind_tls, samesite="strict"
    )


@router.get(f"{C}/me", operation_id="me")
async def me(who: Who) -> Json:
    return me_of(who)


@router.put(f"{C}/me/presence", operation_id="set_presence")
async def set_presence(asked: NewPresence, who: Who, desk: DeskParts) -> Json:
    agent = await desk.desk.set_presence(who.id, asked.presence, asked.reason)
    return me_of(SignedIn(agent, who.login, who.token_hash))


def me_of(who: SignedIn) -> Json:
    shown = {"id", "name", "roles", "groups", "presence", "presence_reason", "capacity", "active"}
    return {"login": who.login, **who.agent.model_dump(mode="json", include=shown)}
