"""An embedder that knows a few words, for tests that are about everything but the model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from knowledge_base.embedder import Vectors

CONCEPTS = (
    ("退货", "退掉", "无理由"),
    ("运费", "邮费"),
    ("快递", "物流", "包裹"),
    ("发票", "开票"),
    ("优惠券", "券"),
    ("尺码", "大小"),
    ("退款", "退钱"),
    ("地址",),
)
DIMENSIONS = len(CONCEPTS) + 8


class KnowsAFewWords:
    """One direction a concept, and a little of the text's own, so that texts differ; those of different concepts are a
    quarter alike, as far apart as the prepared model puts them. Keeps what it embedded."""

    def __init__(self, fingerprint: str = "a few words") -> None:
        self.fingerprint = fingerprint
        self.dimensions = DIMENSIONS
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return np.stack([self._one(text) for text in texts]) if texts else np.empty((0, DIMENSIONS), dtype=np.float32)

    word_space = None

    def words(self, text: str) -> None:
        """It sees sentences only."""

    @staticmethod
    def _one(text: str) -> Vectors:
        vector = np.zeros(DIMENSIONS, dtype=np.float32)
        for place, words in enumerate(CONCEPTS):
            vector[place] = any(word in text for word in words)
        own = np.frombuffer(hashlib.sha256(text.encode()).digest()[:8], dtype=np.uint8)
        vector[len(CONCEPTS) :] = 0.12 + own / 2550
        return vector / np.linalg.norm(vector)
