"""A question nearer to what is asked elsewhere than to any entry is none of the FAQ's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.embedder import Embedder, OnnxEmbedder, Vectors
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.finetuning.groups import Group, elsewhere
from knowledge_base.finetuning.outsiders import DATA, known_elsewhere, outsiders_of
from knowledge_base.outsiders import NO_OTHER, Outsiders
from knowledge_base.ranking import Candidate, rank
from knowledge_base.snapshot import build
from tests.knowledge_base.stand_ins import KnowsAFewWords

FREIGHT = Served("freight", Content("退货运费谁出", "", "", similar=("寄回去要付邮费吗",)), 1)
ASKED = "国际漫游怎么开通"


def asked_of(model: Embedder, question: str, scratch: Path) -> tuple[Vectors, list[Candidate]]:
    embedder = CachedEmbedder(model, scratch / "cache.sqlite3")
    (vector,) = model.embed([question])
    return vector, rank(build("faq", 1, [FREIGHT], embedder), question, vector)


def known(*lines: str) -> list[Group]:
    return [Group(line, "elsewhere", "", (line,)) for line in lines]


def test_a_question_of_elsewhere_lies_behind_its_outsider_and_an_own_one_before_it(
    real_model: OnnxEmbedder, tmp_path: Path
) -> None:
    embedder = CachedEmbedder(real_model, tmp_path / "outside.sqlite3")
    outsiders = outsiders_of(known("出国怎么打开手机漫游", "今天会下雨吗"), embedder)

    (strange,) = outsiders.measured(*asked_of(real_model, ASKED, tmp_path))
    (own,) = outsiders.measured(*asked_of(real_model, "退货的邮费谁来付", tmp_path))

    assert strange["outside_lead"] < 0 < own["outside_lead"]
    assert strange["outside_other_lead"] < 0 < own["outside_other_lead"]
    assert strange["outside"] > own["outside"]


def test_an_outsider_that_asks_what_the_entry_answers_is_no_other_question(
    real_model: OnnxEmbedder, tmp_path: Path
) -> None:
    vector, ranked = asked_of(real_model, "退货运费谁出", tmp_path)
    same = Outsiders.of(ranked[0].middle[None])

    (found,) = same.measured(vector, ranked)

    assert found["outside_other_lead"] == NO_OTHER
    assert found["outside_likeness"] == pytest.approx(1, abs=1e-5)
    assert found["outside_lead"] == pytest.approx(0, abs=1e-5)


def test_eight_bits_keep_every_likeness_to_two_thousandths() -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 384)).astype(np.float32)
    exact = Outsiders.of(vectors)
    steps, scales = exact.rounded()
    read = Outsiders.of(steps.astype(np.float32) * scales.astype(np.float32)[:, None])

    assert np.abs(read.vectors @ exact.vectors.T - exact.vectors @ exact.vectors.T).max() < 2e-3


def test_those_shipped_belong_to_the_prepared_model_alone(real_model: OnnxEmbedder) -> None:
    shipped = Outsiders.shipped(real_model)

    assert shipped is not None and len(shipped.vectors) == len(known_elsewhere(DATA)) > 8000
    assert np.allclose(np.linalg.norm(shipped.vectors, axis=1), 1, atol=1e-5)
    assert Outsiders.shipped(KnowsAFewWords()) is None


def test_every_line_of_elsewhere_stands_alone_and_once(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("bank/card\t挂失\nbank/card\t挂失？\nchat/joke\t讲笑话\n", encoding="utf-8")

    assert [group.texts for group in elsewhere(tmp_path)] == [("挂失",), ("讲笑话",)]
