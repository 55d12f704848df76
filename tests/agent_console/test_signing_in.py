"""The first admin's one-time code, sign-in and its end, and accounts."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

from agent_console.auth import NewPerson
from agent_console.protocol import Closing
from tests.agent_console.conftest import RunningDesk, running_desk
from tests.agent_console.people import PASSWORD


def first_admin(code: str, login: str = "boss") -> dict[str, str]:
    return {"code": code, "login": login, "name": "店长", "password": PASSWORD}


async def test_the_setup_code_makes_one_admin_once(desk: RunningDesk) -> None:
    file = desk.parts.settings.setup_code_file
    code, mode = file.read_text().strip(), stat.S_IMODE(file.stat().st_mode)
    people = [await desk.stranger() for _ in range(3)]

    wrong = await people[0].http.post("/api/v1/console/setup", json=first_admin("AAAA-AAAA-AAAA-AAAA"))
    answers = await asyncio.gather(
        *(
            person.http.post("/api/v1/console/setup", json=first_admin(code.lower(), f"boss{number}"))
            for number, person in enumerate(people)
        )
    )
    needed = await people[0].http.get("/api/v1/console/setup")

    assert mode == 0o600
    assert wrong.status_code == 403
    assert sorted(answer.status_code for answer in answers) == [201, 403, 403]
    winner = next(person for person, answer in zip(people, answers, strict=True) if answer.status_code == 201)
    assert (await winner.http.get("/api/v1/console/me")).json()["roles"][0] == "admin"
    assert needed.json() == {"needed": False}
    assert not file.exists()


async def test_a_refused_password_leaves_the_setup_code_usable(desk: RunningDesk) -> None:
    code = desk.parts.settings.setup_code_file.read_text().strip()
    person = await desk.stranger()

    short = await person.http.post("/api/v1/console/setup", json={**first_admin(code), "password": "1234567"})
    done = await person.http.post("/api/v1/console/setup", json=first_admin(code))

    assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "password")
    assert done.status_code == 201


async def test_a_restart_keeps_the_code_that_the_operator_has_read(home: Path) -> None:
    async with running_desk(home) as desk:
        first = desk.parts.settings.setup_code_file.read_text()
    async with running_desk(home) as desk:
        second = desk.parts.settings.setup_code_file.read_text()

    assert first == second


async def test_a_wrong_password_and_an_unknown_login_look_alike(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    stranger = await desk.stranger()

    wrong = await stranger.http.post("/api/v1/console/sign-in", json={"login": agent.me["login"], "password": "x"})
    unknown = await stranger.http.post("/api/v1/console/sign-in", json={"login": "nobody", "password": "x"})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad_credentials"


async def test_guessing_is_stopped_and_told_how_long_to_wait(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    stranger = await desk.stranger()

    tries = [
        await stranger.http.post("/api/v1/console/sign-in", json={"login": agent.me["login"], "password": str(number)})
        for number in range(11)
    ]

    assert [answer.status_code for answer in tries] == [401] * 10 + [429]
    assert tries[-1].json()["code"] == "too_many_attempts"
    assert int(tries[-1].headers["retry-after"]) == tries[-1].json()["retry_after"] > 0


async def test_logins_are_one_person_however_they_are_spelt(desk: RunningDesk) -> None:
    await desk.parts.auth.add_person(NewPerson("XiaoLin", "晓琳", PASSWORD, ["agent"], []))
    stranger = await desk.stranger()

    await stranger.sign_in(" ｘｉａｏｌｉｎ ")

    assert stranger.me["login"] == "xiaolin"


async def test_the_cookie_is_for_our_server_alone(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")

    answer = await agent.http.post("/api/v1/console/sign-in", json={"login": agent.me["login"], "password": PASSWORD})

    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("jieli_console=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_behind_tls_the_cookies_are_secure_and_bound_to_the_host(home: Path) -> None:
    async with running_desk(home, desk_public_url="https://desk.example") as desk:
        person = await desk.stranger()
        customer = await person.http.post("/api/v1/widget/sessions", json={"app": "demo"})
        code = desk.parts.settings.setup_code_file.read_text().strip()
        admin = await person.http.post("/api/v1/console/setup", json=first_admin(code))

    console, visitor = admin.headers["set-cookie"].lower(), customer.headers["set-cookie"].lower()
    assert console.startswith("__host-jieli=")
    assert "secure" in console
    assert "samesite=none" in visitor
    assert "secure" in visitor
    assert customer.json()["socket_url"] == "wss://desk.example/api/v1/widget/socket"
    assert "max-age" in customer.headers["strict-transport-security"]


async def test_signing_out_ends_the_cookie_and_the_socket_at_once(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    cookie, socket = agent.cookie, await agent.socket()

    answer = await agent.http.post("/api/v1/console/sign-out")
    code = await socket.closed()
    agent.http.cookies.clear()
    later = await agent.http.get("/api/v1/console/me", headers={"Cookie": cookie})

    assert answer.status_code == 204
    assert code == Closing.NOT_SIGNED_IN
    assert (later.status_code, later.json()["code"]) == (401, "not_signed_in")


async def test_a_sign_in_revoked_elsewhere_closes_the_socket_within_a_poll(desk: RunningDesk) -> None:
    agent = await desk.colleague("agent")
    socket = await agent.socket()

    await desk.parts.store.remove_credential(agent.id)

    assert await socket.closed() == Closing.NOT_SIGNED_IN


async def test_an_admin_adds_a_colleague_by_group_name_and_a_login_is_unique(desk: RunningDesk) -> None:
    admin = await desk.colleague("admin")
    person = {"login": "ajie", "name": "阿杰", "password": PASSWORD, "roles": ["agent"], "groups": ["售后服务"]}

    added = await admin.http.post("/api/v1/console/agents", json=person)
    again = await admin.http.post("/api/v1/console/agents", json=person)
    odd = await admin.http.post("/api/v1/console/agents", json={**person, "login": "x", "roles": ["king"]})
    colleague = await (await desk.stranger()).sign_in("ajie")

    assert added.status_code == 201
    assert "password" not in added.text
    assert colleague.me["groups"] == ["aftersale"]
    assert (again.status_code, again.json()["errors"][0]["field"]) == (422, "login")
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "roles")


async def test_presence_reaches_the_colleagues(desk: RunningDesk) -> None:
    agent, other = await desk.colleague("agent"), await desk.colleague("agent")
    socket = await other.socket()

    await agent.http.put("/api/v1/console/me/presence", json={"presence": "busy", "reason": "培训"})

    told = await socket.until(
        lambda it: [f for f in it.frames if f["t"] == "presence" and f["d"]["agent_id"] == agent.id]
    )
    assert told[-1]["d"]["presence"] == "busy"


async def test_a_socket_without_sign_in_or_from_another_page_stays_shut(desk: RunningDesk) -> None:
    agent, stranger = await desk.colleague("agent"), await desk.stranger()

    nobody = await stranger.open("/api/v1/console/socket")
    foreign = await agent.refused("/api/v1/console/socket", origin="https://evil.example")
    null = await agent.refused("/api/v1/console/socket", origin="null")
    own = await agent.socket(origin=desk.base)

    assert await nobody.closed() == Closing.NOT_SIGNED_IN
    assert (foreign, null) == (403, 403)
    assert own.close_code is None
