"""The doorway to the embedding model: text in, vectors of length 1 out, and a fingerprint that names the model."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from knowledge_base.errors import CannotStart

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """What search needs of a model. Equal texts give equal vectors; another `fingerprint` means other vectors."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, each of length 1. May be called from several threads."""
        ...


class OnnxEmbedder:
    """The prepared int8 graph: a few milliseconds a text on one core, without torch."""

    def __init__(self, folder: Path, prefix: str | None = None) -> None:
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
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
        self._tokenizer.enable_truncation(about["max_tokens"])
        self.dimensions = int(about["dimensions"])
        self.fingerprint = f"{about['name']}:{about['fingerprint']}:{_short_hash(self._prefix.encode())}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One text at a time: in a batch, int8 activations would make a vector depend on its neighbours."""
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            encoded = self._tokenizer.encode(self._prefix + text)
            feed = {
                "input_ids": np.array([encoded.ids], dtype=np.int64),
                "attention_mask": np.array([encoded.attention_mask], dtype=np.int64),
            }
            vectors[row] = self._session.run(["sentence_embedding"], feed)[0][0]
        return vectors


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


def _short_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8]


def open_embedder(model: str, default_folder: Path, prefix: str | None = None) -> Embedder:
    """The configured model: nothing named means the prepared one; a folder made the same way is read the same way."""
    folder = Path(model) if model else default_folder
    if not model or (folder / "model.json").exists():
        return OnnxEmbedder(folder, prefix)
    return SentenceTransformersEmbedder(model, prefix)
