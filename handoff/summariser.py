"""The doorway to a language model that words a summary: off unless configured, and never waited for by a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import httpx

INSTRUCTION = (
    "你是网店客服的交接助手。请用不超过120字的中文概括下面的会话，供接手的客服阅读："
    "客户要什么、已经提供了什么、机器人试过什么、还差什么。只写会话里有的事实，不要编造，不要称呼客户。"
)
LONGEST_SUMMARY = 400
MOST_LINES = 40
MOST_TOKENS = 300


class SummaryFailed(Exception):
    """No summary that can be shown; the one from the log stays."""


class Summariser(Protocol):
    @property
    def model(self) -> str: ...
    async def summarise(self, lines: Sequence[str]) -> str: ...


class OpenAiCompatible:
    """Any server with `POST /chat/completions`. It gets masked lines and nothing about who the customer is."""

    def __init__(self, url: str, key: str, model: str, timeout_seconds: float) -> None:
        self.model = model
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"), headers=headers, timeout=timeout_seconds, trust_env=False
        )

    async def summarise(self, lines: Sequence[str]) -> str:
        """Raises SummaryFailed for anything but words."""
        asked = {
            "model": self.model,
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
            "messages": [
                {"role": "system", "content": INSTRUCTION},
                {"role": "user", "content": "\n".join(lines[-MOST_LINES:])},
            ],
        }
        try:
            answer = await self._client.post("/chat/completions", json=asked)
            answer.raise_for_status()
            said = answer.json()["choices"][0]["message"]["content"]
        except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as trouble:
            raise SummaryFailed(type(trouble).__name__) from trouble
        if not isinstance(said, str) or not said.strip():
            raise SummaryFailed("empty")
        return said.strip()[:LONGEST_SUMMARY]

    async def close(self) -> None:
        await self._client.aclose()
