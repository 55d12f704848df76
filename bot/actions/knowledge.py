"""The bot's doorway to the knowledge base (docs/api.md section 5)."""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from typing import Any, Optional
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.actions.reply import Reply
from bot.settings import Settings

KNOWLEDGE_SECONDS = 2.5
KEEP_SECONDS = 3.0
"""Shorter than the server keeps an idle connection, so that nothing is sent into one that is just being closed."""


class KnowledgeAway(Exception):
    """No answer rather than a wrong one: the knowledge base did not answer in time."""


class Knowledge:
    """Finds answers; holds no state."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.knowledge_url.rstrip("/")
        self._session: Optional[aiohttp.ClientSession] = None

    async def search(self, text: str, context: list[str]) -> dict[str, Any]:
        found = await self._asked("POST", "/api/v1/search", {"text": text, "limit": 5, "context": context})
        if not isinstance(found, dict) or "decision" not in found:
            raise KnowledgeAway("NotASearchResult")
        return found

    async def entry(self, entry_id: str) -> Optional[dict[str, Any]]:
        """None when it is not published (any more)."""
        found = await self._asked("GET", f"/api/v1/entries/{quote(entry_id, safe='')}")
        if found is not None and not isinstance(found, dict):
            raise KnowledgeAway("NotAnEntry")
        return found

    async def _asked(self, verb: str, path: str, body: Optional[dict[str, Any]] = None) -> Any:
        """None for 404. aiohttp comes with Rasa and takes half of httpx's processor time."""
        if self._session is None:
            connector = aiohttp.TCPConnector(keepalive_timeout=KEEP_SECONDS)
            timeout = aiohttp.ClientTimeout(total=KNOWLEDGE_SECONDS)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        try:
            async with self._session.request(verb, URL(self._url + path, encoded=True), json=body) as answer:
                if answer.status == 404:
                    return None
                answer.raise_for_status()
                return json.loads(await answer.read())
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError, ValueError) as error:
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
