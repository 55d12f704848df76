"""Decides the intent from the sentence vector and from which characters stand together, with one linear model.

Measured on our examples (3 of 5 folds, 1,500 training lines, bot/README.md): stock logistic regression over character
counts and the vector .778; the same with TF-IDF, brought to 256 dimensions, and the vector centred .852, in 3 s of
training instead of 100 s.
"""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import softmax
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

_STORED = "intent_head.joblib"


def _words(message: Message) -> str:
    return " ".join(token.text for token in message.get(TOKENS_NAMES[TEXT]) or [])


def _vector(message: Message) -> np.ndarray:
    _, sentence = message.get_dense_features(TEXT)
    if sentence is None:
        raise ValueError("IntentHead needs SentenceVector before it in config.yml")
    return sentence.features[0]


class Head:
    """The model without Rasa: (words, vectors) in, one probability per intent out."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._spelling = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
        self._reduce = TruncatedSVD(config["dimensions"], random_state=0)
        self._classify = LogisticRegression(C=config["C"], max_iter=config["max_iter"], class_weight="balanced")
        self._weights = config["spelling_weight"], config["vector_weight"]
        self._centre: Any = 0.0

    def _features(self, spelling: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        # All e5 vectors point the same way; what tells sentences apart is how they differ from their mean.
        return np.hstack([self._weights[0] * spelling, self._weights[1] * (vectors - self._centre)])

    def fit(self, words: list[str], vectors: np.ndarray, intents: list[str]) -> None:
        self._centre = vectors.mean(axis=0)
        spelling = self._reduce.fit_transform(self._spelling.fit_transform(words))
        self._classify.fit(self._features(spelling, vectors), intents)
        self._fold()

    def _fold(self) -> None:
        """Two linear maps in a row are one: a turn need not go through the 256 dimensions between them."""
        dimensions = self._reduce.components_.shape[0]
        of_spelling, of_vector = np.split(self._classify.coef_, [dimensions], axis=1)
        self._per_piece = np.ascontiguousarray((self._weights[0] * of_spelling @ self._reduce.components_).T)
        self._per_number = self._weights[1] * of_vector
        self._offsets = self._classify.intercept_ - self._per_number @ self._centre

    def ranking(self, words: str, vector: np.ndarray, length: int) -> list[dict[str, Any]]:
        """Best first."""
        pieces = self._spelling.transform([words])
        logits = (pieces @ self._per_piece)[0] + self._per_number @ vector + self._offsets
        probabilities = softmax(logits)
        best = np.argsort(probabilities)[::-1][:length]
        return [{"name": str(self._classify.classes_[i]), "confidence": float(probabilities[i])} for i in best]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentHead(IntentClassifier, GraphComponent):
    """The head as a part of the pipeline."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "dimensions": 256,
            "spelling_weight": 2.0,
            "vector_weight": 5.0,
            "C": 10.0,
            "max_iter": 150,
            "ranking_length": 8,
        }

    def __init__(self, config: dict[str, Any], head: Head, storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._head = head
        self._storage = storage
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentHead:
        return cls(config, Head(config), model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if example.get(TEXT) and example.get(INTENT)]
        self._head.fit(
            [_words(example) for example in examples],
            np.stack([_vector(example) for example in examples]),
            [example.get(INTENT) for example in examples],
        )
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._head, folder / _STORED)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> IntentHead:
        """The file is code to Python: only models that were trained here are ever loaded (bot/serve.py)."""
        with model_storage.read_from(resource) as folder:
            head = joblib.load(folder / _STORED)
        return cls(config, head, model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get(TEXT) and not message.get(INTENT, {}).get("name"):
                ranking = self._head.ranking(_words(message), _vector(message), self._config["ranking_length"])
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set("intent_ranking", ranking, add_to_output=True)
        return messages
