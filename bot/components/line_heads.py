"""Two judgements beside the intent: how upset the customer is, and whether he asks for a person.

Trained on `training_data/dialogue/emotion.tsv` and `person.tsv`, and on the intents' examples, whose answer is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.embedder import embedder_in
from bot.components.line_head import LineHead, plain, read_labelled
from bot.components.person_head import LIKELY, PersonHead
from bot.noticing.emotion import lexicon_strength
from bot.noticing.person_request import mentions_look_alike, person_request, words_around
from bot.noticing.spelling import respelt
from bot.settings import ROOT, Settings

DIALOGUE = ROOT / "training_data" / "dialogue"
UPSET, PERSON = "upset", "person_share"
"""What stands in a message, and for UPSET in the parse data, afterwards."""

CALM_EXAMPLES, OTHER_EXAMPLES = 900, 2_000
MAYBE_UPSET = frozenset({"complain", "unhelpful", "ask_person", "refund", "refund_progress", "price_protection"})
TROUBLE = frozenset({"goods_damaged", "goods_missing", "goods_wrong"})
"""Neither calm nor upset by themselves; their lines stand in emotion.tsv one by one."""

VECTOR_WEIGHT = 2.0

DROWNED = 0.2
"""A line that looks less like a request than this is none, whatever stands in it."""


def emotion_signs(text: str) -> list[float]:
    return [lexicon_strength(text)]


def person_signs(text: str) -> list[float]:
    found = person_request(text)
    wanted = found is not None and found.wanted
    return [float(wanted), float(found is not None and not wanted), float(mentions_look_alike(text))]


def _spread(texts: Sequence[str], limit: int) -> list[str]:
    """At most `limit` of them, evenly over all."""
    step = max(1.0, len(texts) / limit)
    return [texts[int(place * step)] for place in range(min(limit, len(texts)))]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LineHeads(IntentClassifier, GraphComponent):
    """Leaves the intent alone; PersonGuard, which follows, uses what it says about a person."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    def __init__(self, upset: LineHead, person: PersonHead, storage: ModelStorage, resource: Resource) -> None:
        self._upset = upset
        self._person = person
        self._storage = storage
        self._resource = resource
        self._embedder = embedder_in(Settings.from_environment().embedding_folder)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LineHeads:
        return cls(LineHead(VECTOR_WEIGHT), PersonHead(), model_storage, resource)

    def _vectors(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self._embedder.embed(plain(text)) for text in texts])

    def train(self, training_data: TrainingData) -> Resource:
        examples = [(e.get(TEXT), e.get(INTENT)) for e in training_data.intent_examples if e.get(TEXT)]
        calm = [text for text, intent in examples if intent not in MAYBE_UPSET | TROUBLE]
        others = [text for text, intent in examples if intent not in ("ask_person", "refuse_person")]
        refusals = [text for text, intent in examples if intent == "refuse_person"]
        requests = [text for text, intent in examples if intent == "ask_person"]

        texts, shares = read_labelled(DIALOGUE / "emotion.tsv")
        calm = _spread(calm, CALM_EXAMPLES)
        self._upset.fit(*self._seen(texts + calm, emotion_signs), np.append(shares, np.zeros(len(calm))))
        texts, shares = read_labelled(DIALOGUE / "person.tsv")
        not_wanted = _spread(others, OTHER_EXAMPLES) + refusals
        known = np.concatenate([shares, np.zeros(len(not_wanted)), np.ones(len(requests))])
        meant = [respelt(text) for text in texts + not_wanted + requests]
        self._person.fit(*self._seen(meant, person_signs), known > 0.5)
        with self._storage.write_to(self._resource) as folder:
            self._upset.save(folder / "upset.npz")
            self._person.save(folder / "person.npz")
        return self._resource

    def _seen(self, texts: list[str], signs: Any) -> tuple[list[str], np.ndarray, np.ndarray]:
        vectors = self._embedder.embed_all([plain(text) for text in texts])
        return texts, vectors, np.array([signs(text) for text in texts])

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> LineHeads:
        with model_storage.read_from(resource) as folder:
            upset, person = LineHead.read(folder / "upset.npz"), PersonHead.read(folder / "person.npz")
        return cls(upset, person, model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                vectors = self._vectors([text])
                upset = self._upset.shares([text], vectors, np.array([emotion_signs(text)]))[0]
                message.set(UPSET, float(upset), add_to_output=True)
                message.set(PERSON, self._person_share(text))
        return messages

    def _person_share(self, text: str) -> float:
        """A long line is about much, its vector too: a request that rules found in it is judged by its own words."""
        share = self._share_of(text)
        found = person_request(text)
        if found is not None and found.wanted and DROWNED < share <= LIKELY:
            words = words_around(text, found.evidence)
            return max(share, self._share_of(words)) if words else share
        return share

    def _share_of(self, text: str) -> float:
        meant = respelt(text)
        return float(self._person.shares([meant], self._vectors([meant]), np.array([person_signs(text)]))[0])
