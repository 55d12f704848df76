"""The prepared model is the one it claims to be, and any other can take its place."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.embedder import OnnxEmbedder, SentenceTransformersEmbedder, open_embedder
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.errors import CannotStart
from knowledge_base.model.vocabulary import kept_ids
from tests.knowledge_base.conftest import MODEL
from tests.knowledge_base.stand_ins import KnowsAFewWords

SENTENCES = [
    "七天无理由退货运费谁出",
    "我的快递三天没动了，帮我催一下😡",
    "能开增值税专用发票吗",
    "忘了 password 登不上去",
    "iPhone 15 Pro Max 有没有货～",
    "老公说买贵了让我退 你们支持无理由退吗",
]


@pytest.mark.filterwarnings("ignore")  # torch and transformers warn of their own insides
def test_the_fast_graph_agrees_with_sentence_transformers(real_model: OnnxEmbedder) -> None:
    slow = SentenceTransformersEmbedder(str(MODEL / "sentence-transformers"))

    likeness = (real_model.embed(SENTENCES) * slow.embed(SENTENCES)).sum(axis=1)

    assert likeness.min() >= 0.99
    assert slow.dimensions == real_model.dimensions == 384


def test_a_vector_does_not_depend_on_its_company(real_model: OnnxEmbedder) -> None:
    together = real_model.embed(SENTENCES)

    alone = np.stack([real_model.embed([sentence])[0] for sentence in SENTENCES])

    assert np.array_equal(together, alone)
    assert np.allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-5)


def test_the_same_meaning_is_nearer_than_the_same_words(real_model: OnnxEmbedder) -> None:
    asked, same, other = real_model.embed(["退款什么时候到账", "钱几天能退回来", "退货地址是什么"])

    assert asked @ same > asked @ other


def test_a_very_long_text_is_embedded_by_its_beginning(real_model: OnnxEmbedder) -> None:
    assert real_model.embed(["退" * 10_000]).shape == (1, 384)


def test_another_prefix_is_another_fingerprint(real_model: OnnxEmbedder) -> None:
    assert OnnxEmbedder(MODEL, prefix="passage: ").fingerprint != real_model.fingerprint


def test_a_missing_or_damaged_model_says_how_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="prepare-model"):
        open_embedder("", tmp_path / "models" / "default")

    (tmp_path / "model.json").write_text(json.dumps({"name": "x"}))
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(CannotStart, match="prepare-model"):
        open_embedder(str(tmp_path), tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_an_unknown_model_name_is_refused_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    with pytest.raises(CannotStart, match="no-such-model"):
        open_embedder(str(tmp_path / "no-such-model"), tmp_path)


def test_nothing_is_embedded_twice(tmp_path: Path) -> None:
    embedder = KnowsAFewWords()
    CachedEmbedder(embedder, tmp_path / "cache.sqlite3").embed(["退货", "运费", "退货"])

    again = CachedEmbedder(embedder, tmp_path / "cache.sqlite3").embed(["运费", "发票"])

    assert embedder.embedded == ["退货", "运费", "发票"]
    assert np.array_equal(again, KnowsAFewWords().embed(["运费", "发票"]))


def test_what_customers_ask_is_not_written_to_disk(tmp_path: Path) -> None:
    cached = CachedEmbedder(KnowsAFewWords(), tmp_path / "cache.sqlite3")

    cached.embed_question("我住在幸福路一号")
    cached.embed_question("我住在幸福路一号")

    connection = sqlite3.connect(tmp_path / "cache.sqlite3")
    stored = connection.execute("SELECT count(*) FROM embedding").fetchone()
    connection.close()
    assert stored == (0,)


def test_the_vocabulary_keeps_what_a_chinese_shop_needs() -> None:
    pieces = ["<s>", "▁", "退货", "▁order", "▁мир", "の", "のです", "😀", "١٢", "Straße", "<unk>"]
    rare = 45_000
    padded = [*pieces, *["…x"] * (rare - len(pieces)), "▁refund", "▁Gesellschaft", "q"]

    kept = [padded[number] for number in kept_ids(padded, frozenset({0, 10}))]

    assert kept == ["<s>", "▁", "退货", "▁order", "の", "😀", "١٢", "<unk>", "▁refund", "q"]
