"""The doorway to the embedding model: text in, vectors of length 1 out, and a fingerprint that names the model."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from knowledge_base.errors import CannotStart
from knowledge_base.wordwise import PROBE, Words, WordSpace

Vectors = NDArray[np.float32]
KEPT_WORDS = 16_384
"""Texts whose word vectors are kept, asked and stored ones alike: 3 KB each, so 50 MB at most."""


class Embedder(Protocol):
    """What search needs of a model. Equal texts give equal vectors; another `fingerprint` means other vectors."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, each of length 1. May be called from several threads."""
        ...

    @property
    def word_space(self) -> str | None:
        """Names the space of the word vectors; None of a model that has none."""
        ...

    def words(self, text: str) -> Words | None:
        """The word vectors of a text; None of a model that has none."""
        ...


class OnnxEmbedder:
    """The prepared int8 graph: a few milliseconds a text on one core, without torch."""

    def __init__(self, folder: Path, prefix: str | None = None) -> None:
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1  # several queries run beside each other; each keeps to one core
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # three libraries, each with its own exceptions: all mean the same to the reader
            raise CannotStart(
                f"向量模型读不出来：{folder}（{error}）。"
                f"请运行 python -m knowledge_base prepare-model --into {folder.parent}"
            ) from error
        self._prefix = about["prefix"] if prefix is None else prefix
        self.tokenizer.enable_truncation(about["max_tokens"])
        self.dimensions = int(about["dimensions"])
        self._space: WordSpace | None = None
        self._words: OrderedDict[str, Words] = OrderedDict()
        self._lock = threading.Lock()
        self.fingerprint = f"{about['name']}:{about['fingerprint']}:{_short_hash(self._prefix.encode())}"
        space = WordSpace.load()
        if space.belongs_to(self.tokenizer.get_vocab_size(), self.embed([PROBE])[0]):
            self._space = space

    @property
    def word_space(self) -> str | None:
        return f"{self.fingerprint}:words:{self._space.digest}" if self._space else None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One text at a time: in a batch, int8 activations would make a vector depend on its neighbours."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._run(text)[2]
        return vectors

    def words(self, text: str) -> Words | None:
        """Known of a text that was embedded lately: they come out of the same run of the model."""
        if self._space is None:
            return None
        with self._lock:
            if text in self._words:
                self._words.move_to_end(text)
                return self._words[text]
        ids, hidden, _ = self._run(text)
        return self._space.words_of(ids, hidden)

    def pieces(self, text: str) -> tuple[NDArray[np.int64], Vectors]:
        """The vocabulary's numbers of a text's pieces and the model's vector of each, without the prefix."""
        ids, hidden, _ = self._run(text)
        return ids, hidden

    def _run(self, text: str) -> tuple[NDArray[np.int64], Vectors, Vectors]:
        encoded = self.tokenizer.encode(self._prefix + text)
        ids = np.array([encoded.ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.array([encoded.attention_mask], dtype=np.int64)}
        hidden, vector = self._session.run(["last_hidden_state", "sentence_embedding"], feed)
        own = np.array([end > len(self._prefix) for _, end in encoded.offsets])
        ids, hidden = ids[0][own], hidden[0][own]
        if self._space is not None:
            words = self._space.words_of(ids, hidden)
            with self._lock:
                self._words[text] = words
                if len(self._words) > KEPT_WORDS:
                    self._words.popitem(last=False)
        return ids, hidden, vector[0]


class SentenceTransformersEmbedder:
    """Any sentence-transformers model, by hub name or folder."""

    def __init__(self, name: str, prefix: str | None = None) -> None:
        from sentence_transformers import SentenceTransformer  # torch: seconds and 700 MB that the default saves

        try:
            self._model = SentenceTransformer(name, device="cpu")
        except Exception as error:  # the hub client, torch and transformers each raise their own
            raise CannotStart(
                f"JIELI_EMBEDDING_MODEL={name} 打不开：既不是 sentence-transformers 模型的目录，也无法下载（{error}）"
            ) from error
        self._prefix = str(self._model.prompts.get("query") or "") if prefix is None else prefix
        width = self._model.get_embedding_dimension()
        self.dimensions = int(width or len(self._model.encode("宽度")))
        digest = hashlib.sha256(self._prefix.encode())
        for key, tensor in sorted(self._model.state_dict().items()):
            digest.update(key.encode() + tensor.detach().cpu().numpy().tobytes())
        self.fingerprint = f"{Path(name).name}:{digest.hexdigest()[:16]}"
        self._one_at_a_time = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        with self._one_at_a_time:
            vectors = self._model.encode(
                list(texts), prompt=self._prefix, normalize_embeddings=True, show_progress_bar=False, batch_size=32
            )
        return np.asarray(vectors, dtype=np.float32)

    word_space = None

    def words(self, text: str) -> Words | None:
        return None


def _short_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]


def open_embedder(model: str, default_folder: Path, prefix: str | None = None) -> Embedder:
    """The configured model: nothing named means the prepared one; a folder made the same way is read the same way."""
    folder = Path(model) if model else default_folder
    if not model or (folder / "model.json").exists():
        return OnnxEmbedder(folder, prefix)
    return SentenceTransformersEmbedder(model, prefix)
