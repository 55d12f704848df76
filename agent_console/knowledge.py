"""The doorway to the knowledge base: search, hot questions, feedback, and the editors' calls passed through."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import quote

import httpx
import structlog

log = structlog.get_logger(__name__)

SEARCH_SECONDS = 3.0
"""A search takes 20–50 ms; an agent who waits three seconds types the answer himself."""

HOT_SECONDS = 1.0
"""Opening the chat must not wait for the knowledge base; without hot questions it is still a chat."""

HOT_FRESH_SECONDS = 30.0
"""Hot questions change by the day; half a minute spares a call for every customer who opens the page."""

ADMIN_SECONDS = 60.0
"""Imports and regression runs answer late."""

FEEDBACK_PAUSES = (0.0, 2.0, 10.0)
"""When a feedback is sent and sent again; afterwards only the event in the conversation's log keeps it."""


class KnowledgeBaseAway(Exception):
    """The knowledge base refused, hung, or answered with something that is not an answer."""


@dataclass(frozen=True)
class Passed:
    """An answer of the knowledge base to be handed on as it is."""

    status: int
    content: bytes
    headers: dict[str, str]


@dataclass
class KnowledgeBase:
    """HTTP client of one knowledge base."""

    url: str
    token: str
    _client: httpx.AsyncClient = field(init=False, repr=False)
    _hot: dict[str, tuple[float, list[dict[str, Any]]]] = field(init=False, default_factory=dict, repr=False)
    _sending: set[asyncio.Task[None]] = field(init=False, default_factory=set, repr=False)

    def __post_init__(self) -> None:
        # trust_env=False: a proxy of the machine must never see the service token.
        self._client = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=SEARCH_SECONDS)

    async def close(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        await self._client.aclose()

    async def is_ready(self) -> bool:
        try:
            answer = await self._client.get("/readyz", timeout=HOT_SECONDS)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    async def search(self, text: str, *, limit: int, channel: str | None) -> dict[str, Any]:
        """The answers that fit, best first. Raises KnowledgeBaseAway."""
        asked: dict[str, Any] = {"text": text, "limit": limit}
        if channel is not None:
            asked["channel"] = channel
        return await self._asked("POST", "/api/v1/search", json=asked)

    async def complete(self, q: str, limit: int) -> list[dict[str, Any]]:
        """Questions that begin or sound like what is being typed. Raises KnowledgeBaseAway."""
        found = await self._asked("GET", "/api/v1/complete", params={"q": q, "limit": limit})
        return _questions(found.get("suggestions"), limit)

    async def hot_questions(self, category: str | None, limit: int) -> list[dict[str, Any]]:
        """What customers of such a page ask most; none while the knowledge base is away."""
        known = self._hot.get(category or "")
        if known is not None and monotonic() - known[0] < HOT_FRESH_SECONDS:
            return known[1]
        params: dict[str, Any] = {"limit": limit}
        if category is not None:
            params["category"] = category
        try:
            found = await self._asked("GET", "/api/v1/hot-questions", params=params, seconds=HOT_SECONDS)
        except KnowledgeBaseAway:
            return known[1] if known is not None else []
        questions = _questions(found.get("questions"), limit)
        self._hot[category or ""] = (monotonic(), questions)
        return questions

    async def report_unanswered(self, text: str, conversation_id: str, seq: int) -> None:
        """Put a question into the editors' inbox. Raises KnowledgeBaseAway."""
        said = {"text": text, "conversation_id": conversation_id, "seq": seq, "reason": "reported_by_agent"}
        await self._asked("POST", "/api/v1/unanswered", json=said)

    def tell_feedback(self, entry_id: str, kind: str, conversation_id: str, seq: int) -> None:
        """Send a customer's verdict on an answer beside the request that brought it."""
        said = {"entry_id": entry_id, "kind": kind, "conversation_id": conversation_id, "seq": seq}
        task = asyncio.create_task(self._tell(said))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _tell(self, said: dict[str, Any]) -> None:
        for pause in FEEDBACK_PAUSES:
            await asyncio.sleep(pause)
            try:
                await self._asked("POST", "/api/v1/feedback", json=said)
                return
            except KnowledgeBaseAway:
                continue
        log.warning("feedback_not_told", conversation_id=said["conversation_id"], seq=said["seq"])

    async def pass_on(
        self, method: str, path: str, *, query: str, headers: Mapping[str, str], content: bytes, actor: tuple[str, str]
    ) -> Passed:
        """Make an editor's call with our token and his name. Raises KnowledgeBaseAway."""
        sent = {name: headers[name] for name in ("content-type", "if-match", "if-none-match") if name in headers}
        sent |= {
            "authorization": f"Bearer {self.token}",
            "x-jieli-actor": actor[0],
            "x-jieli-actor-name": quote(actor[1], safe=""),
        }
        address = httpx.URL(self.url).join(f"/api/v1/admin/{quote(path, safe='/')}")
        try:
            answer = await self._client.request(
                method,
                address.copy_with(query=query.encode() or None),
                headers=sent,
                content=content or None,
                timeout=ADMIN_SECONDS,
            )
        except httpx.HTTPError as trouble:
            raise KnowledgeBaseAway from trouble
        kept = ("content-type", "etag", "content-disposition", "location", "retry-after")
        return Passed(answer.status_code, answer.content, {n: answer.headers[n] for n in kept if n in answer.headers})

    async def _asked(self, method: str, path: str, *, seconds: float = SEARCH_SECONDS, **more: Any) -> dict[str, Any]:
        try:
            answer = await self._client.request(method, path, timeout=seconds, **more)
            answer.raise_for_status()
            found = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as trouble:
            raise KnowledgeBaseAway from trouble
        if not isinstance(found, dict):
            raise KnowledgeBaseAway
        return found


def _questions(found: Any, limit: int) -> list[dict[str, Any]]:
    if not isinstance(found, list):
        return []
    return [
        {"entry_id": str(each["entry_id"]), "question": str(each["question"])}
        for each in found[:limit]
        if isinstance(each, dict) and "entry_id" in each and "question" in each
    ]
