"""Takes repeated costs out of every Rasa turn: 59 % re-checking one JSON schema, 11 % looking up event classes, 5 %
connecting anew to the action server.

`RemoteAction._validate_action_result` calls `jsonschema.validate`, which checks the *schema* against the
meta-schema and builds a validator on each call, and tries an event as each of 23 kinds. Here the validators are built
once, one per kind, and an event is checked as what it says it is; what is accepted is the same (0.2 ms, was 1.3).
`RemoteAction._action_call_format` sends all events of the conversation, which no action of ours reads; here it sends
those of this turn and the bot's last word before it.
`Event.resolve_by_type` walks all subclasses for every stored event; here the walk is remembered by name.
`EndpointConfig.session` connects for each request; here all sessions share the connections that are still open.
All are applied when the channel is imported. `tests/bot/test_remote_actions.py` fails if Rasa changes underneath.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from typing import Any, Callable, Optional

import aiohttp
import rasa
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import DEFAULT_REQUEST_TIMEOUT, EndpointConfig

REPLACED_SOURCES = {
    "RemoteAction._validate_action_result": "f8cdb4be6812396167ced74161b2ccd65c5ea676ad86d7d359d8c322d9d8dc42",
    "RemoteAction._action_call_format": "428795b944f22edba142d278ec47a30098975b01463ba337ec447dade52a0492",
    "Event.resolve_by_type": "b5cf570fa7f286c7059ec73d8880528d03a78b28cf4e80285a46079c0fa65968",
    "EndpointConfig.session": "e55aa13d9d4fb4bc440ac33b870a97ee162b76dda7ccb6bf68433567475fdffb",
}
"""SHA-256 of the code that is replaced, as of Rasa 3.6.21."""

_STOCK: dict[str, Callable[..., Any]] = {
    "RemoteAction._validate_action_result": RemoteAction._validate_action_result,
    "RemoteAction._action_call_format": RemoteAction._action_call_format,
    "Event.resolve_by_type": Event.resolve_by_type,
    "EndpointConfig.session": EndpointConfig.session,
}

KEEP_SECONDS = 3.0
"""Shorter than the action server keeps an idle connection (5 s), so that nothing is sent into one just being closed."""


class RasaChanged(Exception):
    """The code that we replace is no longer the code that we know."""


def source_hash(name: str) -> str:
    return hashlib.sha256(inspect.getsource(_STOCK[name]).encode()).hexdigest()


class ResultCheck:
    """What `action_response_format_spec` demands of an action server's answer, by jsonschema."""

    def __init__(self) -> None:
        schema = RemoteAction.action_response_format_spec()
        compiled = validator_for(schema)
        compiled.check_schema(schema)
        self._whole = compiled(schema)
        events = schema["properties"]["events"]
        common = {name: part for name, part in events["items"].items() if name != "oneOf"}
        kinds = {kind["properties"]["event"]["const"]: kind for kind in events["items"]["oneOf"]}
        self._kinds = {name: compiled({**common, "allOf": [kind]}) for name, kind in kinds.items()}
        around = {name: part for name, part in events.items() if name != "items"}
        self._around = compiled({**schema, "properties": {**schema["properties"], "events": around}})

    def validate(self, answer: Any) -> None:
        """Raises ValidationError. An event without a known name is refused in the words of the whole schema."""
        self._around.validate(answer)
        for event in answer.get("events", ()):
            name = event.get("event") if isinstance(event, dict) else None
            if isinstance(name, str) and name in self._kinds:
                self._kinds[name].validate(event)
            else:
                self._whole.validate(answer)


def _of_this_turn(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """The events from the customer's last line on, after the bot's last word before it."""
    found: list[dict[str, Any]] = []
    line_passed = False
    for event in reversed(tracker.events):
        if not line_passed or isinstance(event, BotUttered):
            found.append(event.as_dict())
        if line_passed and isinstance(event, BotUttered):
            break
        line_passed = line_passed or isinstance(event, UserUttered)
    return found[::-1]


def apply() -> None:
    """Put the replacements in place; safe to call twice. Raises RasaChanged rather than guess."""
    for name, known in REPLACED_SOURCES.items():
        if source_hash(name) != known:
            raise RasaChanged(f"{name} differs from Rasa 3.6.21: read it and check bot/remote_actions.py")
    check = ResultCheck()
    stock_resolve = _STOCK["Event.resolve_by_type"]
    classes: dict[str, Optional[type[Event]]] = {}

    def _validate_action_result(_: RemoteAction, result: dict[str, Any]) -> bool:
        check.validate(result)
        return True

    def _action_call_format(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
        call = {
            "next_action": action.name(),
            "sender_id": tracker.sender_id,
            "tracker": {**tracker.current_state(EventVerbosity.NONE), "events": _of_this_turn(tracker)},
            "version": rasa.__version__,
        }
        if not action._is_selective_domain_enabled() or domain.does_custom_action_explicitly_need_domain(action.name()):
            call["domain"] = domain.as_dict()
        return call

    def resolve_by_type(type_name: str, default: Optional[type[Event]] = None) -> Optional[type[Event]]:
        known = classes.get(type_name)
        if known is None:
            known = stock_resolve(type_name, default)
            if known is not default:
                classes[type_name] = known
        return known

    connectors: dict[asyncio.AbstractEventLoop, aiohttp.TCPConnector] = {}

    def session(endpoint: EndpointConfig) -> aiohttp.ClientSession:
        loop, known = asyncio.get_running_loop(), endpoint.basic_auth
        if loop not in connectors:
            connectors[loop] = aiohttp.TCPConnector(keepalive_timeout=KEEP_SECONDS)
        return aiohttp.ClientSession(
            connector=connectors[loop],
            connector_owner=False,
            headers=endpoint.headers,
            auth=aiohttp.BasicAuth(known["username"], known["password"]) if known else None,
            timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
        )

    EndpointConfig.session = session
    RemoteAction._action_call_format = _action_call_format
    RemoteAction._validate_action_result = _validate_action_result
    Event.resolve_by_type = staticmethod(resolve_by_type)
