"""The channel's contract over HTTP, with a scripted agent in Rasa's place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from socket import socket
from typing import Any, Callable, Optional

import httpx
import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from bot.channel import JieliInput
from bot.settings import Settings
from bot.strict import ActionFailed

DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [faq, choose_order]
    entities: [order_no]
    slots:
      order_no: {type: any, mappings: [{type: custom}]}
    """
)

Script = Callable[[UserMessage, DialogueStateTracker], Awaitable[None]]


class ScriptedProcessor(MessageProcessor):
    def __init__(self) -> None:
        self.model_filename = "scripted.tar.gz"
        self.graph_runner = DaskGraphRunner(GraphSchema({}), None, None)


class ScriptedAgent:
    """Answers as its script says; keeps the messages it was given."""

    def __init__(self) -> None:
        self.processor = ScriptedProcessor()
        self.heard: list[UserMessage] = []
        self.script: Optional[Script] = None

    def is_ready(self) -> bool:
        return True

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        tracker = DialogueStateTracker(message.sender_id, DOMAIN.slots)
        message.output_channel.begin(tracker)
        parsed = message.parse_data or {
            "intent": {"name": "faq", "confidence": 0.9},
            "intent_ranking": [{"name": "faq", "confidence": 0.9}],
            "entities": [],
        }
        tracker.update(UserUttered(message.text, parsed["intent"], parsed["entities"], parsed), DOMAIN)
        if self.script is not None:
            await self.script(message, tracker)
        else:
            await message.output_channel.send_response(message.sender_id, {"text": "您好，请看说明。"})
        tracker.update(ActionExecuted("action_listen"))


class Door:
    """The channel behind a real socket."""

    def __init__(self, agent: ScriptedAgent, client: httpx.AsyncClient) -> None:
        self.agent = agent
        self.client = client

    async def turn(self, text: str = "七天无理由吗", **members: Any) -> httpx.Response:
        body = {"turn_id": "t1", "conversation_id": "c1", "text": text, **members}
        return await self.client.post("/webhooks/jieli/turn", json=body)


SETTINGS = Settings(turn_seconds=0.5, actions_url="http://127.0.0.1:9/webhook")


async def opened(settings: Settings) -> AsyncIterator[Door]:
    Sanic.test_mode = True
    Sanic._app_registry.clear()
    app = Sanic("channel_under_test", configure_logging=False)
    agent = ScriptedAgent()
    app.ctx.agent = agent

    async def never(_: UserMessage) -> None:
        raise AssertionError("the channel speaks to the agent itself")

    app.blueprint(JieliInput(settings).blueprint(never), url_prefix="/webhooks/jieli")
    listening = socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.start_serving()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
        yield Door(agent, client)
    server.close()
    await server.wait_closed()


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async for one in opened(SETTINGS):
        yield one


@pytest.fixture
async def locked_door() -> AsyncIterator[Door]:
    async for one in opened(replace(SETTINGS, token="secret")):
        yield one


async def test_a_turn_gets_a_complete_answer(door: Door) -> None:
    response = await door.turn()

    assert response.status_code == 200
    assert response.json() == {
        "turn_id": "t1",
        "messages": [{"type": "text", "text": "您好，请看说明。"}],
        "understanding": {
            "intent": "faq",
            "confidence": 0.9,
            "ranking": [{"name": "faq", "confidence": 0.9}],
            "entities": [],
        },
        "slots": {},
        "triggers": [],
        "request": None,
        "complete": True,
    }


async def test_rasa_hears_the_conversation_and_session_as_sender(door: Door) -> None:
    await door.turn(session=3)

    assert door.agent.heard[0].sender_id == "c1#3"


async def test_slots_of_the_desk_are_set_before_the_turn_and_come_back(door: Door) -> None:
    response = await door.turn(slots={"order_no": "8826", "unknown": "x"})

    assert response.json()["slots"] == {"order_no": "8826"}


async def test_a_slot_set_in_the_turn_comes_back(door: Door) -> None:
    async def script(message: UserMessage, tracker: DialogueStateTracker) -> None:
        tracker.update(SlotSet("order_no", "8827"))
        await message.output_channel.send_response("c1", {"text": "好"})

    door.agent.script = script

    assert (await door.turn(slots={"order_no": "8826"})).json()["slots"] == {"order_no": "8827"}


async def test_a_tap_is_an_intent_and_text_is_not(door: Door) -> None:
    await door.turn("", payload={"type": "order", "order_no": "8826"}, turn_id="tap")
    await door.turn('/choose_order{"order_no": "8826"}', turn_id="text")

    tapped, typed = door.agent.heard
    assert tapped.parse_data["intent"]["name"] == "choose_order"
    assert tapped.parse_data["entities"][0]["value"] == "8826"
    assert typed.parse_data is None
    assert not typed.text.startswith("/")


async def test_a_request_for_a_person_is_passed_on_without_a_word(door: Door) -> None:
    async def script(message: UserMessage, tracker: DialogueStateTracker) -> None:
        request = {"reason": "user_asked", "score": 1.0, "evidence": "转人工"}
        await message.output_channel.send_response("c1", {"custom": {"request": request}})

    door.agent.script = script

    answer = (await door.turn("转人工")).json()

    assert answer["messages"] == []
    assert answer["request"]["reason"] == "user_asked"
    assert answer["triggers"] == [answer["request"]]


async def test_silence_is_a_failure(door: Door) -> None:
    async def script(message: UserMessage, tracker: DialogueStateTracker) -> None:
        return None

    door.agent.script = script

    response = await door.turn()

    assert (response.status_code, response.json()["error"]["code"]) == (500, "action_failed")


@pytest.mark.parametrize("error", [ActionFailed("action_faq", "ConnectionError"), KeyError("我的手机号是13800138001")])
async def test_an_exception_is_a_failure_that_quotes_nobody(
    door: Door, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(message: UserMessage, tracker: DialogueStateTracker) -> None:
        raise error

    door.agent.script = script

    response = await door.turn("我的手机号是13800138001")

    assert (response.status_code, response.json()["error"]["code"]) == (500, "action_failed")
    assert "13800138001" not in response.text + caplog.text


async def test_a_slow_turn_is_given_up(door: Door) -> None:
    async def script(message: UserMessage, tracker: DialogueStateTracker) -> None:
        await asyncio.Event().wait()

    door.agent.script = script

    response = await door.turn()

    assert (response.status_code, response.json()["error"]["code"]) == (504, "timeout")


async def test_a_turn_that_failed_may_be_tried_again(door: Door) -> None:
    async def script(message: UserMessage, tracker: DialogueStateTracker) -> None:
        raise ActionFailed("action_faq", "ConnectionError")

    door.agent.script = script
    failed = await door.turn()
    door.agent.script = None

    assert (failed.status_code, (await door.turn()).status_code) == (500, 200)


async def test_the_same_turn_twice_is_answered_once(door: Door) -> None:
    first, second = await asyncio.gather(door.turn(), door.turn())

    assert first.json() == second.json()
    assert len(door.agent.heard) == 1


async def test_a_turn_too_many_at_once_is_refused_and_a_repeat_is_not(door: Door) -> None:
    go_on, all_are_heard = asyncio.Event(), asyncio.Event()

    async def script(message: UserMessage, tracker: DialogueStateTracker) -> None:
        if len(door.agent.heard) == SETTINGS.turns_in_flight:
            all_are_heard.set()
        await go_on.wait()
        await message.output_channel.send_response("c1", {"text": "好"})

    door.agent.script = script
    admitted = [
        asyncio.create_task(door.turn(turn_id=str(n), conversation_id=str(n))) for n in range(SETTINGS.turns_in_flight)
    ]
    await all_are_heard.wait()

    one_more = await door.turn(turn_id="one more", conversation_id="one more")
    repeat = asyncio.create_task(door.turn(turn_id="0", conversation_id="0"))
    go_on.set()

    assert (one_more.status_code, one_more.json()["error"]["code"]) == (429, "overloaded")
    assert [response.status_code for response in await asyncio.gather(*admitted, repeat)] == [200] * len(
        [*admitted, repeat]
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"turn_id": "t1"}', b"\x00\xff", b'{"text": "' + b"x" * 70_000],
    ids=["empty", "list", "half", "no text", "no JSON", "too large"],
)
async def test_a_bad_body_is_a_coded_refusal(door: Door, body: bytes) -> None:
    response = await door.client.post("/webhooks/jieli/turn", content=body)

    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")
    assert door.agent.heard == []


@pytest.mark.parametrize(
    ("header", "status"), [(None, 400), ("Bearer wrong", 400), ("secret", 400), ("Bearer secret", 200)]
)
async def test_with_a_token_only_its_holder_is_answered(locked_door: Door, header: Optional[str], status: int) -> None:
    headers = {"authorization": header} if header else {}
    body = {"turn_id": "t1", "conversation_id": "c1", "text": "你好"}

    response = await locked_door.client.post("/webhooks/jieli/turn", json=body, headers=headers)

    assert response.status_code == status


async def test_health_names_what_is_missing(door: Door) -> None:
    health = (await door.client.get("/webhooks/jieli/health")).json()

    assert health == {"ready": False, "model": "scripted.tar.gz", "actions": False}
