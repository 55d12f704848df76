"""How fast the bot is alone on one core, and whether a long conversation slows it: `python -m tests.load.bench_bot`.

Run with the bot's own Python (`.jieli/bot-venv/bin/python`). Starts the bot, a knowledge base with the seed FAQ and a
fresh shop as `jieli bot evaluate --dialogues` does; Rasa and the action server are held to one core, everything else
to the others. Each standard question is asked once before, so no turn waits for a sentence vector.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import statistics
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from bot.evaluation.processes import FAQ, Bench, bench
from bot.settings import Settings

TURNS, CLIENTS = 300, 4
LONG, EDGE = 300, 20
"""Turns of the long conversation, and how many at its beginning and its end are compared."""

CORE = 0
TICKS = os.sysconf("SC_CLK_TCK")


def questions() -> list[str]:
    found: list[str] = []
    for path in sorted(FAQ.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found += [row["question"].strip() for row in csv.DictReader(file)]
    return list(dict.fromkeys(found))


def bot_processes() -> dict[str, int]:
    """Our own children that serve the bot: `server` and `actions`, with their process ids."""
    found: dict[str, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_text().split("\0")
        except (OSError, ValueError):
            continue
        if parent == os.getpid() and any(part.endswith("serve.py") for part in command):
            found["actions" if "actions" in command else "server"] = int(folder.name)
    return found


def hold_apart(processes: Sequence[int]) -> None:
    """The bot on one core, this program on the others. What already runs threads has to be told for each of them."""
    others = os.sched_getaffinity(0) - {CORE}
    for process in processes:
        for thread in Path(f"/proc/{process}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {CORE})
    if others:
        os.sched_setaffinity(0, others)


def processor_seconds(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS


class Talk:
    """One conversation as the desk would carry it on."""

    def __init__(self, client: aiohttp.ClientSession, parts: Bench) -> None:
        self._client = client
        self._url = f"{parts.bot_url}/turn"
        self._conversation = uuid.uuid4().hex
        self._slots: dict[str, Any] = {}
        self._recent: list[str] = []

    async def say(self, text: str) -> float:
        """Seconds until the answer. Raises when there is none."""
        turn = {
            "turn_id": uuid.uuid4().hex,
            "conversation_id": self._conversation,
            "text": text,
            "payload": None,
            "customer": {"id": "guest", "guest": True, "level": "normal", "name": None},
            "locale": "zh-CN",
            "slots": self._slots,
            "recent": self._recent[-6:],
            "session": 1,
            "note": None,
        }
        started = time.perf_counter()
        async with self._client.post(self._url, json=turn, raise_for_status=True) as response:
            answer = await response.read()
        took = time.perf_counter() - started
        self._slots = json.loads(answer)["slots"]
        self._recent.append(text)
        return took


async def measure(parts: Bench) -> dict[str, Any]:
    asked = questions()
    processes = bot_processes()
    hold_apart(list(processes.values()))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as client:

        async def each(texts: Sequence[str]) -> list[float]:
            return [await Talk(client, parts).say(text) for text in texts]

        await each(asked)
        turns = [asked[place % len(asked)] for place in range(TURNS)]
        before = {name: processor_seconds(process) for name, process in processes.items()}
        alone = await each(turns)
        cost = {
            name: round(1000 * (processor_seconds(process) - before[name]) / TURNS, 1)
            for name, process in processes.items()
        }
        started = time.perf_counter()
        await asyncio.gather(*(each(turns[first::CLIENTS]) for first in range(CLIENTS)))
        per_second = TURNS / (time.perf_counter() - started)
        talk = Talk(client, parts)
        long = [await talk.say(asked[place % len(asked)]) for place in range(LONG)]
    first, last = statistics.median(long[:EDGE]), statistics.median(long[-EDGE:])
    return {
        "turn_ms": {
            "p50": round(1000 * statistics.median(alone), 1),
            "p95": round(1000 * sorted(alone)[-TURNS // 20], 1),
        },
        "turns_per_second": {"one_client": round(TURNS / sum(alone), 1), f"{CLIENTS}_clients": round(per_second, 1)},
        "processor_ms_per_turn": cost,
        "long_conversation": {
            "turns": LONG,
            "first_ms": round(1000 * first, 1),
            "last_ms": round(1000 * last, 1),
            "last_over_first": round(last / first, 2),
        },
        "load_average": [round(value, 2) for value in os.getloadavg()],
    }


def main() -> None:
    with bench(Settings.from_environment()) as parts:
        print(json.dumps(asyncio.run(measure(parts)), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
