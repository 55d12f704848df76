"""`make bench`: what the running product does on this machine; the method is in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvloop

from agent_console.operations import people
from agent_console.operations.installation import ROOT, Installation
from agent_console.operations.people import Person
from agent_console.operations.processes import Supervisor, memory_mb, running
from agent_console.operations.seed import FAQ, seed_demo
from tests.end_to_end.conftest import free_ports, new_installation
from tests.load.bench_relay import measure_relay
from tests.load.clients import Agent, Customer

TURNS = 400
ROUNDS = 3
"""The desk and stock Rasa take turns, for the machine's speed drifts by more than what is to be seen."""
AT_ONCE = 16
"""Enough that the bot always has work: while some turns are in it, others are being stored and shown."""

TALKS = 200
AGENTS = 10
TALK_SECONDS = 40
EACH_SAYS_EVERY_SECONDS = 8

Figures = dict[str, Any]


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def milliseconds(values: Sequence[float]) -> Figures:
    named = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
    return {name: round(quantile(values, share) * 1000, 1) for name, share in named.items()} | {"n": len(values)}


def questions(number: int = 0) -> list[str]:
    """Two of each entry's phrasings, which nobody asked in an earlier round: nearly every one has an answer."""
    rows = [row for file in sorted(FAQ.glob("*.csv")) for row in csv.DictReader(file.open(encoding="utf-8"))]
    phrasings = [[row["question"], *row["similar"].split("|")] for row in rows]
    return [each[place % len(each)] for place in (2 * number, 2 * number + 1) for each in phrasings]


async def ask_all(here: Installation, customer: Customer, asked: Sequence[str]) -> list[float]:
    """Seconds of each turn; a conversation that goes to a person is left and the next question opens another."""
    seconds = []
    for question in asked:
        started = time.perf_counter()
        await customer.ask(question, 60)
        seconds.append(time.perf_counter() - started)
        if customer.was_handed_over:
            await customer.stop()
            customer = await Customer(here.desk_url).start()
    await customer.stop()
    return seconds


async def desk_alone(here: Installation) -> Figures:
    """From a customer's `say` to the outcome on his socket, through desk, database, Rasa and knowledge base."""
    asked = questions()
    await ask_all(here, await Customer(here.desk_url).start(), asked[:20])
    return milliseconds(await ask_all(here, await Customer(here.desk_url).start(), asked[20:120]))


async def desk_crowd(here: Installation, number: int) -> float:
    """Turns a second by many clients at once, in this round."""
    crowd = [await Customer(here.desk_url).start() for _ in range(AT_ONCE)]
    started = time.perf_counter()
    done = await asyncio.gather(*(ask_all(here, *each) for each in zip(crowd, shares(number), strict=True)))
    return sum(len(each) for each in done) / (time.perf_counter() - started)


def shares(number: int) -> list[list[str]]:
    asked = questions(number)
    return [asked[client::AT_ONCE][: TURNS // AT_ONCE] for client in range(AT_ONCE)]


@contextmanager
def stock_rasa(here: Installation) -> Iterator[str]:
    """The same model and actions behind Rasa's own REST channel, with nothing of ours in the server's way."""
    port = free_ports(1)[0]
    with tempfile.TemporaryDirectory() as folder:
        credentials = Path(folder) / "credentials.yml"
        credentials.write_text("rest:\n")
        endpoints = Path(folder) / "endpoints.yml"
        endpoints.write_text(f"action_endpoint:\n  url: {here.actions_url}/webhook\n")
        model = httpx.get(f"{here.bot_url}/webhooks/jieli/health").json()["model"]
        model = here.home / "bot-models" / Path(model).name
        command = [here.bot_python, "-m", "rasa", "run", "-m", model, "-p", str(port), "-i", "127.0.0.1"]
        command += ["--credentials", credentials, "--endpoints", endpoints]
        environment = {**os.environ, **here.environment(), "PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false"}
        log = (here.logs / "stock_rasa.log").open("wb")
        server = subprocess.Popen(list(map(str, command)), cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                try:
                    httpx.get(url, timeout=1)
                    break
                except httpx.HTTPError:
                    time.sleep(0.3)
            yield url
        finally:
            server.terminate()
            server.wait(20)
            log.close()


async def ask_rest(client: httpx.AsyncClient, sender: str, asked: Sequence[str]) -> list[float]:
    seconds = []
    for question in asked:
        started = time.perf_counter()
        answer = await client.post("/webhooks/rest/webhook", json={"sender": sender, "message": question})
        answer.raise_for_status()
        seconds.append(time.perf_counter() - started)
    return seconds


async def rest_alone(client: httpx.AsyncClient) -> Figures:
    asked = questions()
    await ask_rest(client, "warm", asked[:20])
    return milliseconds(await ask_rest(client, "one", asked[20:120]))


async def rest_crowd(client: httpx.AsyncClient, number: int) -> float:
    started = time.perf_counter()
    asking = (ask_rest(client, f"{number}-{place}", asked) for place, asked in enumerate(shares(number)))
    done = await asyncio.gather(*asking)
    return sum(len(each) for each in done) / (time.perf_counter() - started)


async def turns(here: Installation) -> Figures:
    """The desk beside stock Rasa, in alternating rounds; medians of turns a second and of the rounds' ratios."""
    with stock_rasa(here) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            alone = {"desk": await desk_alone(here), "stock_rest": await rest_alone(client)}
            rounds = [(await desk_crowd(here, n), await rest_crowd(client, n)) for n in range(ROUNDS)]
    desk, stock = zip(*rounds, strict=True)
    return {
        "one_client": alone,
        "clients": AT_ONCE,
        "turns_per_second": {"desk": [round(one, 1) for one in desk], "stock_rest": [round(one, 1) for one in stock]},
        "median": {"desk": round(statistics.median(desk), 1), "stock_rest": round(statistics.median(stock), 1)},
        "ratio": round(statistics.median(ours / theirs for ours, theirs in rounds), 2),
    }


async def delivery(here: Installation, talks: int = TALKS) -> Figures:
    """Person to person with many live conversations: from `say` on one socket to the event on the other."""
    staff = [Person(f"bench{number}", f"客服{number}", ("agent",), ("订单物流",), 50) for number in range(AGENTS)]
    passwords = {person.login: f"bench-password-{person.login}" for person in staff}
    await people.add_missing(here, staff, passwords)
    agents = [await Agent(here.desk_url, person.login, passwords[person.login]).start() for person in staff]
    for agent in agents:
        await agent.go_online()
    customers: list[Customer] = []
    for number in range(talks):
        customer = await Customer(here.desk_url).start()
        await customer.ask_for_person()
        await agents[number % AGENTS].claim(customer.conversation_id)
        customers.append(customer)
    delays: list[float] = []
    until = time.monotonic() + TALK_SECONDS

    async def talk(number: int) -> None:
        customer, agent = customers[number], agents[number % AGENTS]
        await asyncio.sleep(EACH_SAYS_EVERY_SECONDS * number / talks)
        turn = 0
        while time.monotonic() < until:
            turn += 1
            speaker, listener = (customer, agent) if turn % 2 else (agent, customer)
            started = time.perf_counter()
            ack = await speaker.acked(await speaker.say(customer.conversation_id, f"第{turn}句，请看一下"), 30)
            heard = listener.threads[customer.conversation_id]
            await listener.until(lambda heard=heard, ack=ack: ack["seq"] in heard.arrived_at, 30)
            delays.append(heard.arrived_at[ack["seq"]] - started)
            await asyncio.sleep(EACH_SAYS_EVERY_SECONDS)

    await asyncio.gather(*(talk(number) for number in range(talks)))
    for client in (*customers, *agents):
        await client.stop()
    return {"live_conversations": talks, **milliseconds(delays)}


def memory(supervisor: Supervisor) -> Figures:
    return {part.name: round(memory_mb(supervisor.pid_of(part.name))) for part in supervisor.parts}


def cold_start() -> Figures:
    """`make run` in a bare clone with empty caches until it prints the addresses; package downloads included."""
    with tempfile.TemporaryDirectory() as folder:
        clone, caches = Path(folder) / "jieli", Path(folder) / "caches"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        desk, knowledge, shop, rasa, actions = map(str, free_ports(5))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JIELI_")} | {
            "XDG_CACHE_HOME": str(caches),
            "UV_CACHE_DIR": str(caches / "uv"),
            "PIP_CACHE_DIR": str(caches / "pip"),
            "JIELI_DESK_PORT": desk,
            "JIELI_KNOWLEDGE_PORT": knowledge,
            "JIELI_SHOP_PORT": shop,
            "JIELI_RASA_PORT": rasa,
            "JIELI_ACTIONS_PORT": actions,
        }
        started = time.monotonic()
        running_now = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environment, stdout=subprocess.PIPE, text=True, process_group=0
        )
        assert running_now.stdout is not None
        prepared = 0.0
        for line in running_now.stdout:
            print(line, end="", file=sys.stderr)
            if line.startswith("✓"):
                prepared = time.monotonic() - started
            if f":{desk}/console/" in line:
                break
        else:
            raise RuntimeError("`make run` ended before it printed the addresses")
        seconds = time.monotonic() - started
        os.killpg(running_now.pid, signal.SIGINT)
        running_now.communicate()
        return {"to_addresses_s": round(seconds), "of_it_after_set_up_s": round(seconds - prepared)}


async def measure(only: set[str]) -> Figures:
    figures: Figures = {"machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"}
    if "cold" in only:
        figures["cold_start"] = cold_start()
    if "relay" in only:
        figures["relay"] = await measure_relay()
    with tempfile.TemporaryDirectory() as folder:
        here = new_installation(Path(folder) / "home")
        with running(here) as supervisor:
            for _ in supervisor.until_ready():
                pass
            await asyncio.to_thread(seed_demo, here, lambda *_: None)
        started = time.monotonic()
        with running(here) as supervisor:
            ready = {part.name: round(seconds, 1) for part, seconds in supervisor.until_ready()}
            figures["warm_start"] = {"seconds": round(time.monotonic() - started, 1), **ready}
            if "turns" in only:
                figures["turns"] = await turns(here)
            if "delivery" in only:
                figures["delivery"] = await delivery(here)
            figures["memory_mb"] = memory(supervisor)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    usual = ["turns", "delivery", "relay"]
    parser.add_argument("--only", nargs="*", default=usual, choices=[*usual, "cold"])
    arguments = parser.parse_args()
    # The load is meant: a limit for one customer's typing would measure itself.
    os.environ["JIELI_MESSAGES_PER_MINUTE"] = "1000000"
    # The load generator shares the two cores with what it measures, so it should be quick itself.
    figures = uvloop.run(measure(set(arguments.only)))
    print(json.dumps(figures, ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
