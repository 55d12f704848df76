"""People for measuring, in a process of their own and as cheap as can be: `python -m tests.load.talkers '{"task": …}'`.

Prints one line of JSON. What it costs itself is measured by letting it talk through the bare server in the same way.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
import uuid
from collections.abc import Callable, Coroutine
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

Figures = dict[str, Any]

AT_ONCE = 16
"""People who come in at the same time."""

WATCHED = 50
"""Conversations that one console may watch; the desk's limit."""

CLAIMERS = 10


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def milliseconds(values: list[float]) -> Figures:
    named = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
    return {name: round(quantile(values, share) * 1000, 1) for name, share in named.items()} | {"n": len(values)}


class Ear:
    """A socket that is read all the time: whoever waits for a key is told when it came."""

    def __init__(self, connection: ClientConnection, keys_of: Callable[[Figures], str | None]) -> None:
        self.connection = connection
        self._keys_of = keys_of
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._reading = asyncio.create_task(self._read())

    def expect(self, key: str) -> asyncio.Future[float]:
        return self._waiting.setdefault(key, asyncio.get_running_loop().create_future())

    async def _read(self) -> None:
        async for text in self.connection:
            now = time.perf_counter()
            key = self._keys_of(json.loads(text))
            waiting = self._waiting.pop(key, None) if key is not None else None
            if waiting is not None and not waiting.done():
                waiting.set_result(now)

    async def close(self) -> None:
        self._reading.cancel()
        await self.connection.close()


def desk_key(frame: Figures) -> str | None:
    """Messages are waited for by their client_msg_id, rows of the queue by their conversation."""
    if frame["t"] == "event" and frame["d"]["kind"] == "message":
        found: str | None = frame["d"]["client_msg_id"]
        return found
    if frame["t"] == "row" and frame["d"]["holder"] == "queue":
        return f"row {frame['d']['id']}"
    return f"caught up {frame['c']}" if frame["t"] == "caught_up" else None


def http_client(desk: str) -> httpx.AsyncClient:
    """One for all customers; each proves himself by bearer, and no cookie is kept."""
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(base_url=desk, timeout=60, verify=False, trust_env=False, cookies=jar)


class Talk:
    """One conversation: a customer's end and an agent's end."""

    def __init__(self, id: str, customer: Ear, agent: Ear) -> None:
        self.id = id
        self.ends = (customer, agent)

    def frame(self, client_msg_id: str, turn: int) -> str:
        body = {"type": "text", "text": f"第{turn}句，请看一下"}
        return json.dumps({"v": 1, "t": "say", "c": self.id, "id": client_msg_id, "d": {"body": body}})

    async def say(self, turn: int) -> float:
        """Seconds from `say` on one socket to the message on the other."""
        speaker, listener = self.ends if turn % 2 else self.ends[::-1]
        client_msg_id = uuid.uuid4().hex
        heard = listener.expect(client_msg_id)
        began = time.perf_counter()
        await speaker.connection.send(self.frame(client_msg_id, turn))
        return await asyncio.wait_for(heard, 60) - began


async def open_customer(http: httpx.AsyncClient, desk: str) -> tuple[Figures, Ear]:
    session = (await http.post("/api/v1/widget/sessions", json={"app": "demo"})).raise_for_status().json()
    address = desk.replace("http", "ws", 1) + f"/api/v1/widget/socket?ticket={session['ticket']}"
    ear = Ear(await connect(address, open_timeout=60, compression=None, max_size=None), desk_key)
    place = session["conversation"]["id"]
    ready = ear.expect(f"caught up {place}")
    await ear.connection.send(json.dumps({"v": 1, "t": "watch", "c": place, "d": {"after": 0}}))
    await asyncio.wait_for(ready, 60)
    return session, ear


async def hand_over(http: httpx.AsyncClient, session: Figures) -> None:
    place, proof = session["conversation"]["id"], {"Authorization": f"Bearer {session['visitor']}"}
    path = f"/api/v1/widget/conversations/{place}/handoff"
    (await http.post(path, json={"client_msg_id": uuid.uuid4().hex}, headers=proof)).raise_for_status()


async def open_agent(desk: str, login: str, password: str) -> tuple[httpx.AsyncClient, Ear]:
    headers = {"X-Jieli-Console": "1", "Origin": desk}
    http = httpx.AsyncClient(base_url=desk, timeout=60, headers=headers, verify=False, trust_env=False)
    (await http.post("/api/v1/console/sign-in", json={"login": login, "password": password})).raise_for_status()
    (await http.put("/api/v1/console/me/presence", json={"presence": "online"})).raise_for_status()
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in http.cookies.jar)
    address = desk.replace("http", "ws", 1) + "/api/v1/console/socket"
    options: Figures = {"additional_headers": {"Cookie": cookies}, "open_timeout": 60, "max_size": None}
    return http, Ear(await connect(address, origin=desk, compression=None, **options), desk_key)  # type: ignore[arg-type]


async def a_few_at_once(makes: list[Callable[[], Coroutine[Any, Any, Any]]]) -> list[Any]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        async with gate:
            return await make()

    return list(await asyncio.gather(*(one(make) for make in makes)))


async def open_talks(desk: str, count: int, passwords: dict[str, str]) -> tuple[list[Talk], list[Any]]:
    """So many customers, each with an agent; the agents beyond those that are needed stay at home."""
    needed = -(-count // WATCHED)
    agents = [await open_agent(desk, *login) for login in list(passwords.items())[:needed]]
    customers = http_client(desk)

    async def one(number: int) -> Talk:
        session, ear = await open_customer(customers, desk)
        place = session["conversation"]["id"]
        await hand_over(customers, session)
        http, agent = agents[number % needed]
        (await http.post(f"/api/v1/console/conversations/{place}/claim", json={})).raise_for_status()
        ready = agent.expect(f"caught up {place}")
        await agent.connection.send(json.dumps({"v": 1, "t": "watch", "c": place, "d": {"after": 0}}))
        await asyncio.wait_for(ready, 60)
        return Talk(place, ear, agent)

    talks = await a_few_at_once([lambda number=number: one(number) for number in range(count)])  # type: ignore[misc]
    return talks, [customers, *(http for http, _ in agents)]


async def open_pairs(server: str, count: int) -> list[Talk]:
    """The same ends on the bare server, which sends on what it got: the frame itself carries the id."""

    async def end(number: int, name: str) -> Ear:
        address = server.replace("http", "ws", 1) + f"/{number}/{name}"
        connection = await connect(address, open_timeout=60, compression=None, max_size=None)
        return Ear(connection, lambda frame: str(frame["id"]))

    async def one(number: int) -> Talk:
        return Talk(str(number), await end(number, "a"), await end(number, "b"))

    return await a_few_at_once([lambda number=number: one(number) for number in range(count)])  # type: ignore[misc]


async def keep_talking(talks: list[Talk], seconds: float, pace: float) -> list[float]:
    delays: list[float] = []
    until = time.perf_counter() + seconds

    async def one(number: int, talk: Talk) -> None:
        await asyncio.sleep(pace * number / len(talks))
        turn = 0
        while time.perf_counter() < until:
            turn += 1
            due = time.perf_counter() + pace
            delays.append(await talk.say(turn))
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    await asyncio.gather(*(one(number, talk) for number, talk in enumerate(talks)))
    return delays


async def deliver(asked: Figures) -> Figures:
    began = time.perf_counter()
    clients: list[Any] = []
    if asked["bare"]:
        talks = await open_pairs(asked["url"], asked["talks"])
    else:
        talks, clients = await open_talks(asked["url"], asked["talks"], asked["passwords"])
    opened = time.perf_counter()
    gc.freeze()
    processor = _processor()
    delays = await keep_talking(talks, asked["seconds"], asked["pace"])
    wall = time.perf_counter() - opened
    for client in clients:
        await client.aclose()
    return milliseconds(delays) | {
        "messages_per_second": round(len(delays) / wall, 1),
        "generator_processor": round((_processor() - processor) / wall, 2),
        "opening_seconds": round(opened - began, 1),
    }


async def escalate(asked: Figures) -> Figures:
    """From the customer's tap to the row on the agent's list, and to the whole card in the agent's hands."""
    desk = asked["url"]
    talks, clients = await open_talks(desk, asked["talks"], asked["passwords"])
    login = list(asked["passwords"].items())[-1]
    http, console = await open_agent(desk, *login)
    await console.connection.send(json.dumps({"v": 1, "t": "lists", "d": {}}))
    customers = http_client(desk)
    background = asyncio.create_task(keep_talking(talks, asked["seconds"], asked["pace"]))
    rows: list[float] = []
    cards: list[float] = []
    until = time.perf_counter() + asked["seconds"] - 2
    while time.perf_counter() < until:
        session, ear = await open_customer(customers, desk)
        place = session["conversation"]["id"]
        shown = console.expect(f"row {place}")
        began = time.perf_counter()
        await hand_over(customers, session)
        rows.append(await asyncio.wait_for(shown, 30) - began)
        (await http.get(f"/api/v1/console/conversations/{place}")).raise_for_status()
        cards.append(time.perf_counter() - began)
        await ear.close()
        await asyncio.sleep(0.2)
    await background
    for client in (customers, http, *clients):
        await client.aclose()
    return {"row": milliseconds(rows), "card": milliseconds(cards), "live_conversations": asked["talks"]}


async def contest(asked: Figures) -> Figures:
    """Everybody reaches for the same customer at once, one customer after the other."""
    desk = asked["url"]
    agents = [(await open_agent(desk, *login))[0] for login in list(asked["passwords"].items())[:CLAIMERS]]
    customers = http_client(desk)
    places = []
    for _ in range(asked["customers"]):
        made = await customers.post("/api/v1/widget/sessions", json={"app": "demo"})
        session = made.raise_for_status().json()
        await hand_over(customers, session)
        places.append(session["conversation"]["id"])
    began = time.perf_counter()
    won = lost = 0
    most = 0
    for place in places:
        path = f"/api/v1/console/conversations/{place}/claim"
        codes = [each.status_code for each in await asyncio.gather(*(agent.post(path, json={}) for agent in agents))]
        won, lost, most = won + codes.count(200), lost + codes.count(409), max(most, codes.count(200))
    seconds = time.perf_counter() - began
    alive = time.perf_counter()
    requests = 0
    while time.perf_counter() < alive + 5:
        await asyncio.gather(*(agent.get("/healthz") for agent in agents))
        requests += len(agents)
    bare = requests / (time.perf_counter() - alive)
    for client in (customers, *agents):
        await client.aclose()
    return {
        "claims_per_second": round((won + lost) / seconds),
        "won_per_second": round(won / seconds),
        "won": won,
        "lost": lost,
        "most_winners_of_one": most,
        "bare_requests_per_second": round(bare),
    }


async def hold(asked: Figures) -> Figures:
    """Opens sockets that watch and say nothing, and keeps them until standard input ends."""
    if asked["bare"]:
        pairs = await open_pairs(asked["url"], asked["sockets"] // 2)
        opened: list[Any] = [end for pair in pairs for end in pair.ends]
    else:
        customers = http_client(asked["url"])
        opened = await a_few_at_once([lambda: open_customer(customers, asked["url"])] * asked["sockets"])
        await customers.aclose()
    print(json.dumps({"opened": len(opened)}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    return {}


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    tasks = {"deliver": deliver, "escalate": escalate, "contest": contest, "hold": hold}
    print(json.dumps(asyncio.run(tasks[task["task"]](task))), flush=True)
