"""Plays one scripted dialogue: each line becomes a turn as the desk would send it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, Optional

import httpx

from bot.evaluation.processes import TOKEN, Bench

RECENT = 6
TURN_SECONDS = 20
GUEST = {"id": "guest", "guest": True, "level": "normal", "name": None}


class Broken(Exception):
    """The dialogue cannot go on; the text says at which line and why."""


@dataclass
class Played:
    """What the bot answered, turn by turn, and what the shop did."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [answer["request"] for answer in self.answers if answer["request"]]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for answer in self.answers for message in answer["messages"]]


def _latest(played: Played, kind: str) -> dict[str, Any]:
    for message in reversed(played.messages):
        if message["type"] == kind:
            return message
    raise Broken(f"nothing to pick: no {kind} so far")


def _nth(items: list[Any], number: int) -> Any:
    if not 1 <= number <= len(items):
        raise Broken(f"nothing to pick: {number} of {len(items)}")
    return items[number - 1]


def _said(line: Any, played: Played) -> tuple[str, Optional[dict[str, Any]]]:
    """Text and payload of a line."""
    if isinstance(line, str):
        return line, None
    if "repeat" in line:
        return str(line["repeat"]) * int(line["times"]), None
    tap = line["tap"]
    if "pick" in tap:
        order = _nth(_latest(played, "order_picker")["orders"], tap["pick"])
        return "", {"type": "order", "order_no": order["order_no"]}
    if "say" in tap:
        return str(_nth(_latest(played, "choices")["choices"], tap["say"])["say"]), None
    return "", tap


class Customer:
    """One conversation at the desk, as far as the bot can tell."""

    def __init__(self, bench: Bench, client: httpx.Client, customer: str) -> None:
        self._bench = bench
        self._client = client
        self._customer = GUEST if customer == "guest" else self._of_the_shop(customer)
        self._conversation = uuid.uuid4().hex
        self._slots: dict[str, Any] = {}
        self._recent: list[str] = []
        self._session = 1
        self._last: dict[str, Any] = {}

    def _of_the_shop(self, customer: str) -> dict[str, Any]:
        profile = self._client.get(
            f"{self._bench.shop_url}/customers/{customer}", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        if profile.status_code != 200:
            raise Broken(f"the shop has no customer {customer}")
        return {"id": customer, "guest": False, "level": profile.json()["level"], "name": None}

    def play(self, lines: list[Any]) -> Played:
        played = Played()
        for line in lines:
            if isinstance(line, dict) and line.get("wipe"):
                self._session += 1
                continue
            if isinstance(line, dict) and line.get("again"):
                if self._send(self._last) != played.answers[-1]:
                    raise Broken("the repeated turn got another answer")
                continue
            text, payload = _said(line, played)
            answer = self._turn(text, payload)
            played.answers.append(answer)
            if answer["request"]:
                break
        played.changes = list(self._client.get(f"{self._bench.shop_url}/done").json())
        return played

    def _turn(self, text: str, payload: Optional[dict[str, Any]]) -> dict[str, Any]:
        self._last = {
            "turn_id": uuid.uuid4().hex,
            "conversation_id": self._conversation,
            "text": text,
            "payload": payload,
            "customer": self._customer,
            "locale": "zh-CN",
            "slots": self._slots,
            "recent": self._recent[-RECENT:],
            "session": self._session,
            "note": None,
        }
        answer = self._send(self._last)
        self._slots = answer["slots"]
        if payload is None:
            self._recent.append(text)
        return answer

    def _send(self, turn: dict[str, Any]) -> dict[str, Any]:
        response = self._client.post(f"{self._bench.bot_url}/turn", json=turn)
        if response.status_code != 200:
            raise Broken(f"「{turn['text'][:30]}」: status {response.status_code} {response.text[:100]}")
        answer: dict[str, Any] = response.json()
        if not answer.get("complete") or not (answer["messages"] or answer["request"]):
            raise Broken(f"「{turn['text'][:30]}」: nothing was answered")
        return answer


def play(bench: Bench, dialogue: dict[str, Any]) -> Played:
    """Raises Broken when the dialogue cannot be played to its end."""
    with httpx.Client(timeout=TURN_SECONDS, trust_env=False) as client:
        client.post(f"{bench.shop_url}/fresh").raise_for_status()
        return Customer(bench, client, dialogue["customer"]).play(dialogue["lines"])
