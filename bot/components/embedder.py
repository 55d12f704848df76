"""Turns a sentence into the knowledge base's vector, with the same model file, without its process."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

CACHED_SENTENCES = 2_000
"""Greetings and hot questions come again and again; a vector is 1.5 KB."""


class NoModel(Exception):
    """The embedding model is missing or not the one that is needed."""


def fingerprint_in(folder: Path) -> str:
    """Which model lies in `folder`; raises NoModel with what to do."""
    try:
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        return str(about["fingerprint"])
    except (OSError, ValueError, KeyError):
        raise NoModel(f"no embedding model in {folder}: run `python -m knowledge_base prepare-model`") from None


class Embedder:
    """One text at a time: int8 activations would otherwise depend on the batch mates."""

    def __init__(self, folder: Path) -> None:
        self.fingerprint = fingerprint_in(folder)
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self.dimensions = int(about["dimensions"])
        self._prefix = str(about["prefix"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(int(about["max_tokens"]))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._cached = lru_cache(maxsize=CACHED_SENTENCES)(self._compute)

    def embed(self, text: str) -> np.ndarray:
        """Shape (dimensions,), length 1. Callers must not write into it."""
        return self._cached(text)

    def embed_all(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (texts, dimensions), on all cores: the model leaves Python's lock while it computes."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            return np.stack(list(threads.map(self._cached, texts)))

    def _compute(self, text: str) -> np.ndarray:
        encoded = self._tokenizer.encode(self._prefix + text)
        ids = np.array([encoded.ids], dtype=np.int64)
        mask = np.array([encoded.attention_mask], dtype=np.int64)
        (vector,) = self._session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": mask})
        return vector[0].astype(np.float32)


@lru_cache(maxsize=2)
def embedder_in(folder: Path) -> Embedder:
    """The process's one copy for this folder: a model takes about 150 MB."""
    return Embedder(folder)
