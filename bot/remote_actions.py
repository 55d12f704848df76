"""Takes repeated costs out of every Rasa turn: 59 % re-checking one JSON schema, 11 % looking up event classes, 5 %
connecting anew to the action server.

`RemoteAction._validate_action_result` calls `jsonschema.validate`, which checks the *schema* against the
meta-schema and builds a validator on each call. Here the validator is built once; what it accepts is the same.
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
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event
from rasa.utils.endpoints import DEFAULT_REQUEST_TIMEOUT, EndpointConfig

REPLACED_SOURCES = {
    "RemoteAction._validate_action_result": "f8cdb4be6812396167ced74161b2ccd65c5ea676ad86d7d359d8c322d9d8dc42",
    "Event.resolve_by_type": "b5cf570fa7f286c7059ec73d8880528d03a78b28cf4e80285a46079c0fa65968",
    "EndpointConfig.session": "e55aa13d9d4fb4bc440ac33b870a97ee162b76dda7ccb6bf68433567475fdffb",
}
"""SHA-256 of the code that is replaced, as of Rasa 3.6.21."""

_STOCK: dict[str, Callable[..., Any]] = {
    "RemoteAction._validate_action_result": RemoteAction._validate_action_result,
    "Event.resolve_by_type": Event.resolve_by_type,
    "EndpointConfig.session": EndpointConfig.session,
}

KEEP_SECONDS = 3.0
"""Shorter than the action server keeps an idle connection (5 s), so that nothing is sent into one just being closed."""


class RasaChanged(Exception):
    """The code that we replace is no longer the code that we know."""


def source_hash(name: str) -> str:
    return hashlib.sha256(inspect.getsource(_STOCK[name]).encode()).hexdigest()


def _compiled_validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    checker = validator_for(schema)
    checker.check_schema(schema)
    return checker(schema)


def apply() -> None:
    """Put the replacements in place; safe to call twice. Raises RasaChanged rather than guess."""
    for name, known in REPLACED_SOURCES.items():
        if source_hash(name) != known:
            raise RasaChanged(f"{name} differs from Rasa 3.6.21: read it and check bot/remote_actions.py")
    validator = _compiled_validator()
    stock_resolve = _STOCK["Event.resolve_by_type"]
    classes: dict[str, Optional[type[Event]]] = {}

    def _validate_action_result(_: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

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
    RemoteAction._validate_action_result = _validate_action_result
    Event.resolve_by_type = staticmethod(resolve_by_type)
