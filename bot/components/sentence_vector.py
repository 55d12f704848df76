"""Gives Rasa the sentence's embedding as a dense feature, so that a few examples of an intent go a long way."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.embedder import Embedder, NoModel, embedder_in
from bot.components.line_head import plain
from bot.settings import Settings

_STORED = "fingerprint.txt"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceVector(DenseFeaturizer, GraphComponent):
    """Remembers which model it was trained with; another model's vectors would mean nothing to the classifier."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return dict(DenseFeaturizer.get_default_config())

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        pass

    def __init__(
        self, config: dict[str, Any], name: str, embedder: Embedder, storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(name, config)
        self._embedder = embedder
        self._storage = storage
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceVector:
        embedder = embedder_in(Settings.from_environment().embedding_folder)
        return cls(config, execution_context.node_name, embedder, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        with self._storage.write_to(self._resource) as folder:
            (folder / _STORED).write_text(self._embedder.fingerprint)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> SentenceVector:
        """Raises NoModel when the model on this machine is not the one of the training."""
        with model_storage.read_from(resource) as folder:
            trained_with = (folder / _STORED).read_text()
        component = cls.create(config, model_storage, resource, execution_context)
        if component._embedder.fingerprint != trained_with:
            raise NoModel(
                f"the bot was trained with embedding {trained_with}, here is {component._embedder.fingerprint}: "
                "run `jieli bot train`"
            )
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text: Optional[str] = message.get(TEXT)
            if text:
                self._add(message, self._embedder.embed(plain(text)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        examples = [example for example in training_data.training_examples if example.get(TEXT)]
        vectors = self._embedder.embed_all([plain(example.get(TEXT)) for example in examples])
        for example, vector in zip(examples, vectors, strict=True):
            self._add(example, vector)
        return training_data

    def _add(self, message: Message, vector: np.ndarray) -> None:
        alias = self._config[FEATURIZER_CLASS_ALIAS]
        message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, alias))
