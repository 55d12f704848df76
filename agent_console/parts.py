"""The parts of one running desk, put together in `app.py` and reachable from every route and socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import HTTPConnection

from agent_console.auth import Auth
from agent_console.health import Health
from agent_console.hub import Hub
from agent_console.knowledge import KnowledgeBase
from agent_console.rate_limits import RateLimits
from agent_console.settings import Settings
from agent_console.setup_code import SetupCode
from agent_console.shoppers import Shoppers
from agent_console.store import Store
from agent_console.upload_files import UploadFiles
from handoff.bus import Bus
from handoff.desk import Desk
from handoff.shop import Shop
from handoff.store import Store as HandoffStore


@dataclass(frozen=True)
class Parts:
    """Everything a request may need."""

    settings: Settings
    node: str
    now: Callable[[], datetime]
    store: Store
    customers: HandoffStore
    desk: Desk
    bus: Bus
    hub: Hub
    auth: Auth
    setup_code: SetupCode
    shoppers: Shoppers
    limits: RateLimits
    knowledge: KnowledgeBase
    shop: Shop
    uploads: UploadFiles
    health: Health


def parts_of(connection: HTTPConnection) -> Parts:
    found = connection.app.state.parts
    assert isinstance(found, Parts)
    return found
