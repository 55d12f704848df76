"""The bot's doorway to the knowledge base (docs/api.md section 5)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Optional
from urllib.parse import quote

import httpx

from bot.actions.reply import Reply
from bot.settings import Settings

KNOWLEDGE_SECONDS = 2.5


class KnowledgeAway(Exception):
    """No answer rather than a wrong one: the knowledge base did not answer in time."""


class Knowledge:
    """Finds answers; holds no state."""

    def __init__(self, settings: Settings) -> None:
        self._client = httpx.AsyncClient(base_url=settings.knowledge_url, timeout=KNOWLEDGE_SECONDS, trust_env=False)

    async def search(self, text: str, context: list[str]) -> dict[str, Any]:
        try:
            answer = await self._client.post("/api/v1/search", json={"text": text, "limit": 5, "context": context})
            answer.raise_for_status()
            found = answer.json()
            if not isinstance(found, dict) or "decision" not in found:
                raise KnowledgeAway("NotASearchResult")
            return found
        except (httpx.HTTPError, ValueError) as error:
            raise KnowledgeAway(type(error).__name__) from error

    async def entry(self, entry_id: str) -> Optional[dict[str, Any]]:
        """None when it is not published (any more)."""
        try:
            answer = await self._client.get(f"/api/v1/entries/{quote(entry_id, safe='')}")
            if answer.status_code == 404:
                return None
            answer.raise_for_status()
            return dict(answer.json())
        except (httpx.HTTPError, ValueError) as error:
            raise KnowledgeAway(type(error).__name__) from error


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    return Knowledge(Settings.from_environment())


def answers(found: dict[str, Any]) -> bool:
    """Whether what was found may be said to the customer as it stands."""
    return found.get("decision") == "answer" and bool(found.get("results"))


def send_answer(found: dict[str, Any], best: dict[str, Any], reply: Reply) -> None:
    reply.send(
        "answer",
        text=best["answer"],
        html=best.get("html") or "",
        entry_id=best["entry_id"],
        question=best["question"],
        probability=best.get("probability", found.get("probability")),
        revision=found.get("revision"),
        related=best.get("related") or [],
    )
    reply.keep(misses=0, unclear=None)
