"""What the readiness page knows about the neighbours, remembered for a moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Health:
    """`known` is when somebody looked last, and what he saw."""

    is_bot_ready: Callable[[], Awaitable[bool]]
    known: tuple[float, dict[str, Any]] | None = None
