"""The simpler methods are what they are called, and a figure is computed once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge_base import baselines, comparison
from knowledge_base.calibration import Asked
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.page import with_table
from knowledge_base.settings import REPOSITORY, Settings
from tests.knowledge_base.conftest import MODEL
from tests.knowledge_base.stand_ins import KnowsAFewWords


def entry(entry_id: str, *phrasings: str) -> Served:
    return Served(entry_id, Content(phrasings[0], "", "", similar=phrasings[1:]), 1)


ENTRIES = [
    entry("freight", "退货运费谁出", "退货邮费谁付"),
    entry("invoice", "怎么开发票"),
    entry("coupon", "优惠券怎么用"),
]


def test_each_method_finds_the_entry_by_its_own_means(tmp_path: Path) -> None:
    embedder = CachedEmbedder(KnowsAFewWords(), tmp_path / "cache.sqlite3")

    by_words = baselines.bm25(ENTRIES)(["怎么开发票呀", "zzz"])
    by_meaning = baselines.plain(ENTRIES, embedder)(["可以开票吗"])
    by_both = baselines.two_way(ENTRIES, embedder)(["退掉要邮费么"])

    assert by_words.shape == (2, 3)
    assert (by_words[0].argmax(), by_words[1].max()) == (1, 0)
    assert by_meaning[0].argmax() == 1
    assert by_both[0].argmax() == 0


def test_figures_of_scores_are_those_of_the_table() -> None:
    asked = [
        Asked("in", frozenset({"freight"}), "a"),
        Asked("in", frozenset({"coupon"}), "b"),
        Asked("far", frozenset(), "c"),
    ]
    scores = np.array([[0.9, 0.1, 0.0], [0.5, 0.1, 0.4], [0.2, 0.1, 0.0]])

    figures = comparison.figures_of(scores, ENTRIES, asked)

    assert (figures["r1"], figures["r3"], figures["auroc_far"], figures["auroc_near"]) == (0.5, 1.0, 1.0, None)
    assert figures["coverage_p95"] == pytest.approx(0.4 / 0.9, abs=1e-4)


def test_every_set_of_the_repository_is_there_without_any_data_folder() -> None:
    names = [one.name for one in comparison.sets(REPOSITORY / "training_data", None)]

    assert names[:2] == ["seed FAQ, dev half", "seed FAQ, test half"]
    assert len(names) == 2 + comparison.UNSEEN_SHOPS


def test_a_second_run_computes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "plain_model", lambda *_: MODEL)
    said: list[str] = []
    chosen = comparison.LabelledSet("tiny", ENTRIES, [Asked("in", frozenset({"coupon"}), "券怎么使用")])
    settings = Settings(home=MODEL.parents[1])

    def run() -> dict[str, Any]:
        return comparison.Comparison(settings, tmp_path, said.append, lambda items, _: items).run(chosen)

    first = run()
    said.clear()
    second = run()

    assert first == second
    assert set(first) == {"BM25-jieba", "plain e5", "plain e5 + letters", "shipped"}
    assert all(line.endswith("unchanged") for line in said)
    assert "| tiny | **shipped** | 1.000 |" in comparison.as_markdown({"tiny": first})


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    begin, end = "<!-- index: begin -->", "<!-- index: end -->"

    assert (
        with_table(f"before\n{begin}\nold\n{end}\nafter\n", "index", "new") == f"before\n{begin}\nnew\n{end}\nafter\n"
    )
    assert with_table("before\n", "index", "new") == f"before\n\n{begin}\nnew\n{end}\n"
