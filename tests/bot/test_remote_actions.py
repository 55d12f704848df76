"""The validator that is built once accepts and refuses what Rasa's own does, and Rasa is still the one we know."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from jsonschema import ValidationError, validate
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import remote_actions

DOMAIN = Domain.from_yaml('version: "3.1"\nintents: [faq]\n')

ANSWERS: list[Any] = [
    {"events": [], "responses": []},
    {
        "events": [{"event": "slot", "name": "order_no", "value": "8826", "timestamp": None}],
        "responses": [{"text": "好"}],
    },
    {},
    {"events": [{"event": "slot"}]},
    {"events": "none"},
    {"responses": ["text"]},
    {"events": [{"event": "no such event"}]},
    {"events": [{"event": 7}]},
    {"events": [{"name": "order_no"}]},
    {"events": ["slot"]},
    {"events": [{"event": "slot", "name": "order_no", "value": "8826", "timestamp": "noon"}]},
    {"events": [{"event": "slot", "name": 8826, "value": None}]},
    {"events": [{"event": "slot", "name": "a", "value": 1}, {"event": "followup", "name": "action_faq"}]},
    {"events": [{"event": "slot", "name": "a", "value": 1}, {"event": "followup", "name": 3}]},
    {"events": [{"event": "bot", "text": "好", "data": {}}], "responses": [{"text": 3}]},
    {"events": [{"event": "entities", "entities": [{"value": "8826"}]}]},
    [],
    None,
    "text",
]


def test_rasa_is_the_version_whose_code_is_replaced() -> None:
    assert importlib.metadata.version("rasa") == "3.6.21"
    for name, known in remote_actions.REPLACED_SOURCES.items():
        assert remote_actions.source_hash(name) == known, f"{name} changed: read it, then update bot/remote_actions.py"


def test_a_changed_rasa_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(remote_actions.REPLACED_SOURCES, "Event.resolve_by_type", "0" * 64)

    with pytest.raises(remote_actions.RasaChanged):
        remote_actions.apply()


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_compiled_validator_judges_as_the_stock_one(answer: Any) -> None:
    remote_actions.apply()
    action = RemoteAction("action_faq", None)

    def accepts(check: Any) -> bool:
        try:
            check()
        except ValidationError:
            return False
        return True

    stock = accepts(lambda: validate(answer, RemoteAction.action_response_format_spec()))
    assert accepts(lambda: action._validate_action_result(answer)) == stock


def test_the_schema_is_not_checked_again_on_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    remote_actions.apply()
    monkeypatch.setattr("jsonschema.validate", lambda *_: pytest.fail("the stock check ran"))

    assert RemoteAction("action_faq", None)._validate_action_result({"events": [], "responses": []})


async def test_requests_share_the_open_connection() -> None:
    remote_actions.apply()
    seen: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.transport.get_extra_info("peername"), request.headers["Authorization"]))
        return web.json_response({"events": [], "responses": []})

    server = TestServer(web.Application())
    server.app.router.add_post("/webhook", answer)
    async with server:
        endpoint = EndpointConfig(str(server.make_url("/webhook")), basic_auth={"username": "bot", "password": "x"})
        answers = [await endpoint.request(json={"next_action": "action_faq"}) for _ in range(3)]

    assert answers == [{"events": [], "responses": []}] * 3
    assert len(set(seen)) == 1
    assert seen[0][1].startswith("Basic ")


def test_events_are_still_found_by_name() -> None:
    remote_actions.apply()

    events = deserialise_events(
        [
            {"event": "slot", "name": "order_no", "value": "1"},
            {"event": "action", "name": "action_listen"},
            {"event": "user", "text": "你好", "parse_data": {"intent": {"name": "greet"}}},
        ]
        * 2
    )

    assert [type(event) for event in events] == [SlotSet, ActionExecuted, UserUttered] * 2


def test_an_unknown_event_is_still_an_error() -> None:
    remote_actions.apply()

    with pytest.raises(ValueError):
        deserialise_events([{"event": "no such event"}])


def test_an_action_is_sent_this_turn_and_the_last_word_before_it() -> None:
    remote_actions.apply()
    tracker = DialogueStateTracker("c1#1", [])
    for number in range(5):
        tracker.update(UserUttered(f"第 {number} 句", {"name": "faq"}), DOMAIN)
        tracker.update(ActionExecuted("action_faq"))
        tracker.update(BotUttered(f"答 {number}"))
        tracker.update(ActionExecuted("action_listen"))
    tracker.update(UserUttered("最后一句", {"name": "faq"}), DOMAIN)

    action = RemoteAction("action_faq", EndpointConfig("http://127.0.0.1:1/webhook", enable_selective_domain=True))
    call = action._action_call_format(tracker, DOMAIN)

    assert [event["event"] for event in call["tracker"]["events"]] == ["bot", "user"]
    assert call["tracker"]["events"][0]["text"] == "答 4"
    assert call["tracker"]["latest_message"]["text"] == "最后一句"
    assert set(call) == {"next_action", "sender_id", "tracker", "version"}
