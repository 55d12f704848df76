"""The words of what is served are made once: they outlive edits, restarts and the process that made them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from knowledge_base import snapshot, snapshot_files
from knowledge_base.embedder import OnnxEmbedder
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.snapshot import Snapshot, build
from knowledge_base.wordwise import Words
from tests.knowledge_base.stand_ins import KnowsAFewWords


def entry(name: str, *questions: str) -> Served:
    return Served(name, Content(questions[0], "", "", similar=questions[1:]), 1)


FAQ = [entry("freight", "退货运费谁出", "邮费谁掏"), entry("invoice", "能开票吗")]


@pytest.fixture
def cached(real_model: OnnxEmbedder, tmp_path: Path) -> CachedEmbedder:
    return CachedEmbedder(real_model, tmp_path / "cache.sqlite3")


def same(one: Words, other: Words) -> bool:
    return np.array_equal(one.vectors, other.vectors) and np.array_equal(one.weights, other.weights)


def of_each(found: Snapshot) -> dict[str, Words]:
    return dict(zip(found.phrasings, found.words, strict=True))


def test_an_edit_keeps_the_words_of_what_it_leaves(cached: CachedEmbedder) -> None:
    before = build("faq", 1, FAQ, cached)

    after = build("faq", 2, [FAQ[1], entry("freight", "退货运费谁出", "谁出邮费")], cached, before)

    old, new = of_each(before), of_each(after)
    assert new["退货运费谁出"] is old["退货运费谁出"] and new["能开票吗"] is old["能开票吗"]
    assert len(new["谁出邮费"].weights) > 1 and "邮费谁掏" not in new


def test_a_restart_finds_the_words_as_they_were(cached: CachedEmbedder, tmp_path: Path) -> None:
    before = build("faq", 1, [*FAQ, entry("nothing to compare", "！？")], cached)
    snapshot_files.save(before, tmp_path / "index")

    after = snapshot_files.load(tmp_path / "index", cached.fingerprint, cached.dimensions, cached.word_space)
    other = snapshot_files.load(tmp_path / "index", cached.fingerprint, cached.dimensions, "another space")

    assert after is not None and other is None
    assert [len(one.weights) for one in after.words] == [len(one.weights) for one in before.words]
    assert all(same(one, again) for one, again in zip(before.words, after.words, strict=True))


def test_words_come_from_the_file_where_they_were_made_before(
    cached: CachedEmbedder, real_model: OnnxEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cached.words(["退货运费谁出", "能开票吗"])
    monkeypatch.setattr(real_model, "words", lambda text: pytest.fail("made again"))

    again = CachedEmbedder(real_model, tmp_path / "cache.sqlite3").words(["能开票吗", "退货运费谁出"])

    assert same(made[0], again[1]) and same(made[1], again[0])


def test_words_that_cannot_be_read_are_made_again(cached: CachedEmbedder, tmp_path: Path) -> None:
    (before,) = cached.words(["退货运费谁出"])
    with closing(sqlite3.connect(tmp_path / "cache.sqlite3")) as connection, connection:
        damaged = connection.execute("UPDATE embedding SET vector = substr(vector, 1, 9)").rowcount

    (again,) = cached.words(["退货运费谁出"])

    assert damaged and same(before, again)


def test_only_what_stands_here_is_known_and_a_large_faq_is_not_compared(
    cached: CachedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    small = build("faq", 1, FAQ, cached)
    monkeypatch.setattr(snapshot, "MOST_COMPARED", 2)
    large = build("faq", 1, FAQ, cached)

    assert small.words_beside(lambda text: asked.append(text))("能开票吗") is not None
    assert small.words_beside(lambda text: asked.append(text))("问别的") is None
    assert large.words_beside(lambda text: asked.append(text))("能开票吗") is None
    assert asked == ["问别的"]


def test_a_model_without_words_leaves_none(tmp_path: Path) -> None:
    found = build("faq", 1, FAQ, CachedEmbedder(KnowsAFewWords(), tmp_path / "cache.sqlite3"))

    assert found.words == [] and found.word_space is None
