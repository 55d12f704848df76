"""Asking for a person, and refusing one."""

from __future__ import annotations

from bot.actions import errand
from bot.actions.reply import Reply
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext
from bot.noticing.person_request import person_request


class AskPerson(Topic):
    """Only asks: whether and when a person comes, the desk decides and says."""

    keeps_errand = False

    def name(self) -> str:
        return "action_ask_person"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        found = person_request(turn.text)
        reply.request("user_asked", turn.confidence, found.evidence if found and found.wanted else turn.text)


class RefusePerson(Topic):
    def name(self) -> str:
        return "action_refuse_person"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        if not turn.slot("awaiting"):
            reply.say("好的，我来继续为您服务。请问想咨询什么？")
        else:
            errand.remind(turn, reply)
            reply.messages.insert(0, {"type": "text", "text": "好的，我来继续帮您办。"})
