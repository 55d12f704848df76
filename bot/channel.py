"""The bot's door: one turn in, one complete answer or one coded failure out (docs/api.md section 6)."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Awaitable
from typing import Any, Callable, Optional

import httpx
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import remote_actions
from bot.answered import Answered
from bot.reply import reply_of
from bot.settings import Settings
from bot.strict import ActionFailed, make_strict
from bot.turn import BadTurn, Turn, harmless, read_turn
from bot.turn_output import TurnOutput

remote_actions.apply()

log = logging.getLogger("bot.channel")

TAPS = {"order": ("choose_order", "order_no"), "entry": ("choose_entry", "entry_id")}
"""Which intent a tap stands for, and the member that becomes its entity."""

HEALTH_SECONDS = 1.0


class Refused(Exception):
    """A turn without an answer: the status and code that the desk gets."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail

    def answer(self) -> HTTPResponse:
        return response.json({"error": {"code": self.code, "detail": self.detail}}, status=self.status)


def _tapped(turn: Turn) -> Optional[dict[str, Any]]:
    """What Rasa would have understood: a tap needs no guessing, and text can never become one."""
    if turn.payload is None:
        return None
    intent, name = TAPS[turn.payload["type"]]
    value = turn.payload[name]
    return {
        "text": harmless(turn.text) or value,
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}],
        "entities": [{"entity": name, "value": value, "start": 0, "end": 0}],
    }


async def understand_and_answer(agent: Agent, turn: Turn) -> dict[str, Any]:
    """Run one turn through Rasa. Raises what went wrong; the tracker is then as before."""
    make_strict(agent.processor)
    output = TurnOutput(turn.slots)
    tapped = _tapped(turn)
    await agent.handle_message(
        UserMessage(
            tapped["text"] if tapped else harmless(turn.text),
            output,
            turn.sender_id,
            parse_data=tapped,
            input_channel=TurnOutput.name(),
            message_id=turn.turn_id,
            metadata={
                "turn_id": turn.turn_id,
                "customer": turn.customer,
                "locale": turn.locale,
                "recent": list(turn.recent),
                "note": turn.note,
                "waiting": turn.waiting,
            },
        )
    )
    return reply_of(turn, output)


class JieliInput(InputChannel):
    """Rasa's input channel for the desk."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self._answered = Answered(clock)
        self._in_flight = 0

    @classmethod
    def name(cls) -> str:
        return "jieli"

    @classmethod
    def from_credentials(cls, credentials: Optional[dict[str, Any]]) -> JieliInput:
        return cls(Settings.from_environment())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("jieli_channel")

        @blueprint.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            try:
                return response.json(await self._turn(request))
            except Refused as refused:
                return refused.answer()

        @blueprint.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return await self._health(request.app)

        return blueprint

    async def _turn(self, request: Request) -> dict[str, Any]:
        self._check_token(request)
        try:
            turn = read_turn(request.body)
        except BadTurn as error:
            raise Refused(400, "bad_request", str(error)) from None
        key = (turn.conversation_id, turn.turn_id)
        if self._answered.knows(key):
            return await self._answered.once(key, lambda: self._work(request.app, turn))
        if self._in_flight >= self.settings.turns_in_flight:
            raise Refused(429, "overloaded", f"{self._in_flight} turns are being answered already")
        self._in_flight += 1
        try:
            return await self._answered.once(key, lambda: self._work(request.app, turn))
        finally:
            self._in_flight -= 1

    async def _work(self, app: Sanic, turn: Turn) -> dict[str, Any]:
        agent: Optional[Agent] = getattr(app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            raise Refused(500, "action_failed", "no trained bot is loaded")
        started = time.perf_counter()
        about = f"conversation={turn.conversation_id} turn={turn.turn_id}"
        try:
            answer = await asyncio.wait_for(understand_and_answer(agent, turn), self.settings.turn_seconds)
        except asyncio.TimeoutError:
            log.warning("turn.timeout %s", about)
            raise Refused(504, "timeout", f"no answer within {self.settings.turn_seconds:g} s") from None
        except ActionFailed as error:
            log.error("turn.action_failed %s what=%s", about, error)
            raise Refused(500, "action_failed", str(error)) from None
        except Exception as error:
            # Only the kind and place: the text of an exception may quote the customer.
            where = error.__traceback__
            while where and where.tb_next:
                where = where.tb_next
            place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else "?"
            log.error("turn.failed %s kind=%s at=%s", about, type(error).__name__, place)
            raise Refused(500, "action_failed", type(error).__name__) from None
        log.info("turn.answered %s ms=%.1f", about, (time.perf_counter() - started) * 1000)
        return answer

    def _check_token(self, request: Request) -> None:
        if self.settings.token is None:
            return
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.settings.token}".encode()):
            raise Refused(400, "bad_request", "the bearer token is missing or wrong")

    async def _health(self, app: Sanic) -> HTTPResponse:
        agent: Optional[Agent] = getattr(app.ctx, "agent", None)
        loaded = agent is not None and agent.is_ready()
        actions = False
        url = self.settings.actions_url.rsplit("/", 1)[0] + "/health"
        try:
            async with httpx.AsyncClient(timeout=HEALTH_SECONDS, trust_env=False) as client:
                actions = (await client.get(url)).status_code == 200
        except httpx.HTTPError:
            pass
        model = agent.processor.model_filename if loaded else None
        return response.json({"ready": loaded and actions, "model": model, "actions": actions})
