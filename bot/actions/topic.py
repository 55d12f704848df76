"""The frame around every action: an open errand first, then the topic, and plain words when a part is away."""

from __future__ import annotations

import logging
from abc import abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import errand
from bot.actions.general_question import answered_as_rule
from bot.actions.knowledge import KnowledgeAway
from bot.actions.reply import Reply
from bot.actions.shop import ShopAway
from bot.actions.turn_context import TurnContext
from bot.actions.waiting import answer_instead
from bot.actions.wording import AFTER_PERSON, KNOWLEDGE_AWAY, SHOP_AWAY

log = logging.getLogger("bot.actions")


class Topic(Action):
    """An action of `rules.yml`. Subclasses say what they answer; the frame is the same for all."""

    keeps_errand = True
    """Whether an errand that was open before is brought up again after this answer."""

    @abstractmethod
    def name(self) -> str: ...

    @abstractmethod
    async def answer(self, turn: TurnContext, reply: Reply) -> None: ...

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = TurnContext.of(tracker)
        reply = Reply()
        try:
            if not await errand.goes_on(turn, reply):
                if not await answered_as_rule(turn, reply):
                    await self.answer(turn, reply)
                    await answer_instead(turn, reply)
                if self.keeps_errand:
                    errand.remind(turn, reply)
        except ShopAway as error:
            log.warning("shop.away turn=%s kind=%s", turn.turn_id, error)
            reply = Reply()
            reply.say(SHOP_AWAY)
            reply.request("bot_error", 1.0, "订单系统没有响应")
        except KnowledgeAway as error:
            log.warning("knowledge.away turn=%s kind=%s", turn.turn_id, error)
            reply = Reply()
            reply.say(KNOWLEDGE_AWAY)
            reply.request("bot_error", 1.0, "知识库没有响应")
        if turn.note and turn.first_of_session and reply.messages and not reply.requested:
            reply.messages.insert(0, {"type": "text", "text": AFTER_PERSON})
        return reply.write(dispatcher)
