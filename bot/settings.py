"""What the bot's processes read from their environment, once, at start."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).resolve().parent.parent


class BadSettings(Exception):
    """A setting that cannot be used; the text says which and why."""


def _positive(name: str, default: float) -> float:
    raw = os.environ.get(name)
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        raise BadSettings(f"{name} must be a number, not {raw!r}") from None
    if value <= 0:
        raise BadSettings(f"{name} must be above 0, not {raw}")
    return value


@dataclass(frozen=True)
class Settings:
    """Addresses, credentials and limits of the bot."""

    home: Path = ROOT / ".jieli"
    token: Optional[str] = field(default=None, repr=False)
    """If set, a turn needs `Authorization: Bearer` with it."""
    actions_url: str = "http://127.0.0.1:5055/webhook"
    knowledge_url: str = "http://127.0.0.1:8100"
    shop_url: str = "http://127.0.0.1:8200"
    shop_token: str = field(default="", repr=False)
    turn_seconds: float = 7.0
    """The desk gives up after 8 s; answering a second earlier lets it hear why."""
    turns_in_flight: int = 16
    """One event loop runs turns one after the other, so more would only wait inside the deadline."""

    @property
    def embedding_folder(self) -> Path:
        return self.home / "models" / "default"

    @property
    def models(self) -> Path:
        return self.home / "bot-models"

    @classmethod
    def from_environment(cls) -> Settings:
        """Raises BadSettings with a sentence that names the variable."""
        read = os.environ.get
        return cls(
            home=Path(read("JIELI_HOME") or cls.home).resolve(),
            token=read("JIELI_BOT_TOKEN") or None,
            actions_url=read("JIELI_ACTIONS_URL") or cls.actions_url,
            knowledge_url=(read("JIELI_KNOWLEDGE_URL") or cls.knowledge_url).rstrip("/"),
            shop_url=(read("JIELI_SHOP_URL") or cls.shop_url).rstrip("/"),
            shop_token=read("JIELI_SHOP_TOKEN") or "",
            turn_seconds=_positive("JIELI_BOT_TURN_SECONDS", cls.turn_seconds),
            turns_in_flight=int(_positive("JIELI_BOT_TURNS_IN_FLIGHT", cls.turns_in_flight)),
        )
