"""Cuts Chinese into words with jieba and our dictionary, on folded text, so that spellings fall together."""

from __future__ import annotations

from typing import Any, Optional

import jieba
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.settings import ROOT
from bot.text import fold, without_long_numbers

DICTIONARY = ROOT / "training_data" / "dictionary.txt"
_STORED = "dictionary.txt"

jieba.setLogLevel("ERROR")  # it announces its cache file on every start


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class ShopTokenizer(Tokenizer):
    """The stock JiebaTokenizer keeps Traditional and full-width spellings apart and shares one global dictionary."""

    def __init__(self, config: dict[str, Any], words: str, storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config)
        self._storage = storage
        self._resource = resource
        self._dictionary = words
        self._jieba = jieba.Tokenizer()
        self._jieba.initialize()
        for line in words.splitlines():
            if line.strip():
                word, frequency, *_ = [*line.split(), "100000"]
                self._jieba.add_word(fold(word), int(frequency))

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @staticmethod
    def supported_languages() -> Optional[list[str]]:
        return ["zh"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ShopTokenizer:
        return cls(config, DICTIONARY.read_text(encoding="utf-8"), model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the dictionary with the model: other words would mean other features."""
        with self._storage.write_to(self._resource) as folder:
            (folder / _STORED).write_text(self._dictionary, encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> ShopTokenizer:
        with model_storage.read_from(resource) as folder:
            words = (folder / _STORED).read_text(encoding="utf-8")
        return cls(config, words, model_storage, resource)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        folded = fold(message.get(attribute))
        tokens = [
            Token(without_long_numbers(word), start, end=end)
            for word, start, end in self._jieba.tokenize(folded)
            if word.strip()
        ]
        # Rasa's featurizers fail on a message without tokens (spaces and the like).
        return self._apply_token_pattern(tokens or [Token("#", 0, end=len(folded))])
