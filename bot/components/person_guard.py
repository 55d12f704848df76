"""Decides whether a person is asked for, by rules and a head: a wrong guess either way costs the customer most."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.line_heads import PERSON
from bot.components.person_head import LIKELY
from bot.noticing.person_request import mentions_look_alike, person_request
from bot.text import fold

ASK, REFUSE = "ask_person", "refuse_person"
SURE = 0.8
"""Where no rule speaks, the classifier alone must be this sure; 人工费 and 机器人手办 look like requests to it."""

CERTAIN = 0.85
"""A line that is so clearly about something else needs more to be a request."""

UNSURE = 0.5
"""As in config.yml: what is left when the wish is taken out may be a greeting at 7 %, which is no understanding."""

FALLBACK = {"name": "nlu_fallback", "confidence": 1.0}

SURELY = 0.7
"""From where on the head speaks of a request against a refusal or a sure other intent; else from LIKELY on. The rules
are among what it looks at; asked on top of it they took more lines wrongly, either way, than they mended."""


def is_unreadable(text: str) -> bool:
    """Letters, but none of a script that the models know: to them all such lines are one and the same."""
    letters = [letter for letter in fold(text) if letter.isalpha()]
    return bool(letters) and not any(letter.isascii() or "\u4e00" <= letter <= "\u9fff" for letter in letters)


def guarded(
    text: str, intent: dict[str, Any], ranking: list[dict[str, Any]], share: float | None = None
) -> list[dict[str, Any]]:
    """The ranking after rules and head (`share`; None without one) had their say, best first."""
    others = [item for item in ranking if item["name"] not in (ASK, REFUSE)]
    request = person_request(text)
    if request is not None and request.wanted and (share is None or share > LIKELY):
        return [{"name": ASK, "confidence": 1.0}, *others]
    if request is not None and not request.wanted and (share is None or share <= SURELY):
        return [{"name": REFUSE, "confidence": 1.0}, *others]
    guessed = intent.get("name") in (ASK, REFUSE)
    if text.lstrip().startswith("／") or is_unreadable(text):
        # A command such as /restart, made harmless by the channel, is no sentence, so nothing was understood.
        return [{**FALLBACK}, *others]
    elsewhere = intent.get("name") not in (ASK, REFUSE) and float(intent.get("confidence") or 0.0) >= CERTAIN
    if share is not None and share > (LIKELY if request is None and not elsewhere else SURELY):
        return [{"name": ASK, "confidence": round(share, 4)}, *others]
    overruled = intent.get("name") == ASK and share is not None
    if guessed and (overruled or mentions_look_alike(text) or float(intent.get("confidence") or 0.0) < SURE):
        return others if others and float(others[0]["confidence"]) >= UNSURE else [{**FALLBACK}, *others]
    return ranking


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class PersonGuard(IntentClassifier, GraphComponent):
    """Stands after the classifiers and corrects their ranking."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "PersonGuard":
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            intent = message.get(INTENT) or {}
            if text and not text.lstrip().startswith("/"):
                ranking = guarded(text, intent, message.get(INTENT_RANKING_KEY) or [], message.get(PERSON))
                if ranking:
                    message.set(INTENT, ranking[0], add_to_output=True)
                    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
