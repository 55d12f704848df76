"""What the owner of a socket may do to a conversation: a customer in his own, a console person as the desk allows."""

from __future__ import annotations

from typing import Any, Protocol

from agent_console import message_bodies
from agent_console.auth import SignedIn
from agent_console.parts import Parts
from agent_console.store import Visitor
from handoff import views


class Speaker(Protocol):
    """What a socket's owner may do to a conversation; each call decides for itself whether he may."""

    async def may_watch(self, conversation_id: str) -> None: ...
    async def say(self, conversation_id: str, client_msg_id: str, body: dict[str, Any]) -> views.Receipt: ...
    async def mark_read(self, conversation_id: str, seq: int) -> None: ...


class CustomerSpeaker:
    """A customer, in his own conversations only."""

    def __init__(self, desk_parts: Parts, visitor: Visitor) -> None:
        self._parts = desk_parts
        self._customer_id = visitor.customer_id

    async def may_watch(self, conversation_id: str) -> None:
        await self._parts.desk.customer_conversation(conversation_id, self._customer_id)

    async def say(self, conversation_id: str, client_msg_id: str, body: dict[str, Any]) -> views.Receipt:
        self._parts.limits.message(self._customer_id)
        whole = await message_bodies.completed(
            body, self._parts.store, by_role="customer", by_id=self._customer_id, conversation_id=conversation_id
        )
        return await self._parts.desk.hear(conversation_id, self._customer_id, client_msg_id, whole)

    async def mark_read(self, conversation_id: str, seq: int) -> None:
        await self.may_watch(conversation_id)
        await self._parts.desk.mark_read(conversation_id, "customer", self._customer_id, seq)


class AgentSpeaker:
    """A console person; the desk itself lets only the holder speak."""

    def __init__(self, desk_parts: Parts, who: SignedIn) -> None:
        self._parts = desk_parts
        self._agent_id = who.id

    async def may_watch(self, conversation_id: str) -> None:
        await self._parts.desk.conversation(conversation_id)

    async def say(self, conversation_id: str, client_msg_id: str, body: dict[str, Any]) -> views.Receipt:
        whole = await message_bodies.completed(
            body, self._parts.store, by_role="agent", by_id=self._agent_id, conversation_id=conversation_id
        )
        return await self._parts.desk.say(conversation_id, self._agent_id, client_msg_id, whole)

    async def mark_read(self, conversation_id: str, seq: int) -> None:
        await self._parts.desk.mark_read(conversation_id, "agent", self._agent_id, seq)
