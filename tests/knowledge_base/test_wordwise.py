"""A question and a phrasing are compared word by word, and what only one of them has is noticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from knowledge_base import wordwise
from knowledge_base.embedder import OnnxEmbedder
from knowledge_base.finetuning import words as learning
from knowledge_base.finetuning.groups import Group
from knowledge_base.wordwise import COMPARED, Words
from tests.knowledge_base.conftest import MODEL

ASKED = "已经发货了还能改地址吗"


def words(*vectors: tuple[float, float], weights: tuple[float, ...] | None = None) -> Words:
    rows = np.array(vectors, dtype=np.float16).reshape(-1, 2)
    return Words(rows, np.array(weights or [1.0] * len(rows), dtype=np.float32))


def test_a_word_without_counterpart_is_lacking_by_its_weight_and_another_order_is_no_difference() -> None:
    one, other = (1.0, 0.0), (0.0, 1.0)
    known = {"问": words(one, other, weights=(1.0, 3.0)), "反": words(other, one), "缺": words(one)}

    same, lacking = wordwise.measured(known.get, "问", [["反"], ["缺"]])

    assert (same["words_met"], same["words_back_best"], same["words_lacking"]) == (1, 1, 0)
    assert (lacking["words_met"], lacking["words_back_best"], lacking["words_lacking"]) == (0.25, 1, 3)
    assert (same["words_margin"], lacking["words_margin"], lacking["words_worst"]) == (0.75, -0.75, 0)


def test_phrasings_of_an_entry_meet_together_what_none_meets_alone() -> None:
    known = {"问": words((1.0, 0.0), (0.0, 1.0)), "左": words((1.0, 0.0)), "右": words((0.0, 1.0))}

    (found,) = wordwise.measured(known.get, "问", [["左", "右"]])

    assert (found["words_met"], found["words_met_best"], found["words_met_mean"]) == (1, 0.5, 0.5)


def test_candidates_that_are_not_compared_count_as_the_worst_that_is() -> None:
    known = {"问": words((1.0, 0.0)), "近": words((1.0, 0.0)), "远": words((0.0, 1.0))}

    found = wordwise.measured(known.get, "问", [["近"], *[["远"]] * COMPARED, ["近"]])

    assert (found[0]["words_met"], found[0]["words_margin"]) == (1, 1)
    assert found[-1] == found[1]


def test_what_has_no_words_is_not_measured() -> None:
    none = wordwise.measured(lambda text: None, ASKED, [[ASKED], [ASKED]])

    assert none == [{}, {}]
    assert wordwise.measured({"?": words()}.get, "?", [["?"]]) == [{}]
    assert wordwise.measured(lambda text: words((1.0, 0.0)), ASKED, []) == []


def test_the_word_that_siblings_differ_by_is_noticed(real_model: OnnxEmbedder) -> None:
    same, sibling = wordwise.measured(real_model.words, ASKED, [["发货后可以修改地址吗"], ["发货后可以修改电话吗"]])

    assert same["words_margin"] > 0 > sibling["words_margin"]
    assert same["words_lacking"] < sibling["words_lacking"]


def test_words_come_out_of_the_run_that_made_the_vector(
    real_model: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_model.embed(["谁也没问过的一句话"])
    monkeypatch.setattr(real_model, "_run", lambda text: pytest.fail("the model ran twice"))

    found = real_model.words("谁也没问过的一句话")

    assert found is not None
    assert 5 <= len(found.weights) <= 9
    assert np.allclose(np.linalg.norm(found.vectors.astype(np.float32), axis=1), 1, atol=0.01)


def test_the_shipped_space_belongs_to_the_shipped_model_and_to_no_other(
    real_model: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = wordwise.WordSpace.load()
    (probe,) = real_model.embed([wordwise.PROBE])
    (other,) = real_model.embed([ASKED])
    pieces = real_model.tokenizer.get_vocab_size()

    assert shipped.belongs_to(pieces, probe)
    assert not shipped.belongs_to(pieces, other)
    assert not shipped.belongs_to(pieces + 1, probe)
    assert not shipped.belongs_to(pieces, probe[:3])
    monkeypatch.setattr(wordwise.WordSpace, "belongs_to", lambda *about: False)
    assert OnnxEmbedder(MODEL).words(ASKED) is None


def test_learning_tells_siblings_apart_by_their_words(real_model: OnnxEmbedder, tmp_path: Path) -> None:
    asked = ("{}怎么改", "{}可以改吗", "我想改{}", "帮我改下{}", "{}填错了要改")
    learnt = [
        Group(f"改{what}", "paraphrases", "改", tuple(form.format(what) for form in asked))
        for what in ("地址", "电话", "颜色")
    ]
    rarity = learning.rarities(real_model.tokenizer)
    tokens = learning.tokens_of(real_model, learnt, rarity)

    space = learning.learn(learnt, tokens, count=20)
    learning.save(space, rarity, real_model, {}, tmp_path / "space.safetensors")
    again = wordwise.WordSpace.load(tmp_path / "space.safetensors")

    turned = learning.tokens_of(real_model, [replace(one, texts=one.texts[::-1]) for one in learnt], rarity)
    mixed = [learnt[0], replace(learnt[1], texts=learnt[1].texts[:3] + learnt[0].texts[:2])]

    assert learning.right_first(space, tokens) == learning.right_first(space, turned) == 1
    assert learning.right_first(space, learning.tokens_of(real_model, mixed, rarity)) == 0.5
    ids, hidden = real_model.pieces("地址怎么改")
    with torch.no_grad():
        placed = space.placed(torch.from_numpy(hidden)).numpy()
    assert again.belongs_to(len(rarity), real_model.embed([wordwise.PROBE])[0])
    assert np.allclose(again.words_of(ids, hidden).vectors, placed[rarity[ids].numpy() > 0], atol=0.01)
