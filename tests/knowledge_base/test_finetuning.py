"""Fine-tuning learns from the right questions, goes on where it stopped, and changes the model by what it learnt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from knowledge_base.finetuning import batches, groups, training
from knowledge_base.finetuning.groups import Group
from knowledge_base.finetuning.noise import LEARNT_AROUND, Around, Noise, surrounded
from knowledge_base.model import adapter

DATA = Path(__file__).resolve().parents[2] / "training_data"
pytestmark = pytest.mark.filterwarnings("ignore")  # torch and transformers warn of their own insides

FREIGHT = Group("freight", "faq", "退货", ("退货运费谁出", "寄回的邮费算谁的", "退货要自己掏运费吗"))
COURIER = Group("courier", "faq", "退货", ("发什么快递", "用哪家物流", "能发顺丰吗"))
INVOICE = Group("invoice", "faq", "发票", ("能开发票吗", "怎么开票", "发票什么时候给"))
SMALL = training.Recipe(epochs=4, rank=2, rate=5e-3)


@pytest.fixture
def _small_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A BERT of one narrow layer with the real tokenizer's interface: the loop is tested, not the language."""
    characters = sorted({one for group in (FREIGHT, COURIER, INVOICE) for text in group.texts for one in text})
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((one, -1.0) for one in characters)]

    def plain() -> tuple[BertModel, Tokenizer]:
        from tokenizers import models

        tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
        tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
        torch.manual_seed(3)
        config = BertConfig(
            vocab_size=len(pieces),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        return BertModel(config, add_pooling_layer=False), tokenizer

    monkeypatch.setattr(training, "plain_model", plain)
    monkeypatch.setattr(training, "STEPS_BETWEEN_CHECKPOINTS", 1)
    monkeypatch.setattr(batches, "TEXTS_A_STEP", 6)
    yield


def test_no_held_out_topic_is_learnt_from() -> None:
    everything = groups.paraphrases(DATA / "paraphrases")

    held_out = {group.topic for group in everything if groups.is_held_out(group.topic)}

    assert "price/payment" in held_out
    assert "shipping/courier" not in held_out
    assert 0.08 < sum(group.topic in held_out for group in everything) / len(everything) < 0.2


def test_a_group_goes_on_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("a/b/c\t发什么快递\n", encoding="utf-8")
    (tmp_path / "b.tsv").write_text("a/b/c\t用哪家物流\na/b/c\t您好，发什么快递\n", encoding="utf-8")

    (group,) = groups.paraphrases(tmp_path)

    assert group.topic == "a/b"
    assert group.texts == ("发什么快递", "用哪家物流")


def test_pairs_join_to_groups_without_the_sentences_that_are_reported_on(tmp_path: Path) -> None:
    pairs, reported = tmp_path / "pairs.tsv", tmp_path / "reported.tsv"
    lines = [
        "1\t花呗怎么还款\t如何还花呗\t1",
        "2\t如何还花呗\t花呗还钱\t1",
        "3\t借呗额度\t借呗能借几多\t1",
        "4\t甲\t乙\t0",
    ]
    pairs.write_text("\n".join(lines), encoding="utf-8")
    reported.write_text("in\t0\t借呗的额度呢？\n", encoding="utf-8")

    (group,) = groups.pairs(pairs, [reported])

    assert set(group.texts) == {"花呗怎么还款", "如何还花呗", "花呗还钱"}


def test_questions_that_stand_under_two_topics_are_never_told_apart() -> None:
    everything = groups.paraphrases(DATA / "paraphrases")

    apart = batches.never_apart(everything)

    place = {group.name: number for number, group in enumerate(everything)}
    assert apart[place["shipping/locker/no-code"], place["shipping/delivery/pickup-code"]]
    assert not apart[place["shipping/locker/no-code"], place["shipping/locker/fee"]]
    assert apart.sum() == 2 * len(groups.same_questions())


def test_sources_never_meet_in_a_step_and_every_text_is_dealt() -> None:
    learnt = [FREIGHT, COURIER, INVOICE, Group("a/b/c", "paraphrases", "a/b", ("包邮吗", "要运费吗"))]
    nearest = batches.nearest_groups(learnt, torch.eye(4).numpy())

    steps = batches.epoch(learnt, nearest, Random(1))

    assert all(len({learnt[number].source for number, _ in step}) == 1 for step in steps)


def test_noise_leaves_short_questions_alone_and_changes_long_ones_a_little() -> None:
    noise = Noise(["退货运费谁出", "推迟发货可以吗"])

    disturbed = {noise.disturbed("退货运费谁出", Random(seed)) for seed in range(30)}

    assert noise.disturbed("退货", Random(1)) == "退货"
    assert len(disturbed) > 5
    assert all(4 <= len(one) <= 8 for one in disturbed)


def test_what_is_said_around_a_question_stands_beside_it() -> None:
    around = {surrounded("退货运费谁出", Random(seed)) for seed in range(60)}

    assert all("退货运费谁出" in one and len(one) > 7 for one in around)
    assert any(one.startswith("退货") for one in around) and any(one.endswith("谁出") for one in around)
    assert len(around) > 40


def test_what_is_said_around_the_questions_that_measure_was_never_learnt() -> None:
    asked = Around.read(DATA / "evaluation" / "words_around.tsv")

    assert asked.before and asked.after
    assert not {*asked.before, *asked.after} & {*LEARNT_AROUND.before, *LEARNT_AROUND.after}


@pytest.mark.usefixtures("_small_model")
def test_training_tells_the_groups_apart_and_writes_what_it_learnt(tmp_path: Path) -> None:
    learnt = [FREIGHT, COURIER, INVOICE]
    recipe = training.Recipe(epochs=60, rank=4, rate=1e-2, disturbed=0.0, surrounded=0.0)

    made = training.Training(learnt, [], recipe, tmp_path, lambda _: None).run()

    model, tokenizer = training.plain_model()
    before = _apartness(model, tokenizer, learnt)
    adapter.merge(model, made)
    assert _apartness(model, tokenizer, learnt) > before + 0.1


@pytest.mark.usefixtures("_small_model")
def test_a_stopped_run_goes_on_and_ends_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    learnt, said = [FREIGHT, COURIER, INVOICE], []

    def stop(text: str) -> None:
        if text.startswith("step 2/"):
            raise KeyboardInterrupt

    whole = training.Training(learnt, [], SMALL, tmp_path / "whole", lambda _: None).run()
    with pytest.raises(KeyboardInterrupt):
        training.Training(learnt, [], SMALL, tmp_path / "halved", stop).run()
    halved = training.Training(learnt, [], SMALL, tmp_path / "halved", said.append).run()

    assert "going on after step 2" in said
    assert halved.read_bytes() == whole.read_bytes()


@pytest.mark.usefixtures("_small_model")
def test_a_checkpoint_of_other_questions_is_not_gone_on_with(tmp_path: Path) -> None:
    said: list[str] = []
    training.Training([FREIGHT, COURIER], [], SMALL, tmp_path, lambda _: None).run()

    training.Training([FREIGHT, INVOICE], [], SMALL, tmp_path, said.append).run()

    assert any("starting anew" in one for one in said)


@pytest.mark.usefixtures("_small_model")
def test_the_merged_model_says_what_the_adapted_one_said(tmp_path: Path) -> None:
    model, tokenizer = training.plain_model()
    adapted = adapter.adapt(model, rank=2, strength=2.0)
    for one in adapted.values():
        torch.nn.init.normal_(one.up, std=0.1)
    model.eval()
    with torch.no_grad():
        expected = training.embed(model, tokenizer, FREIGHT.texts)
    adapter.save(adapted, tmp_path / "adapter.safetensors", {})

    merged, _ = training.plain_model()
    adapter.merge(merged.eval(), tmp_path / "adapter.safetensors")

    with torch.no_grad():
        assert torch.allclose(training.embed(merged, tokenizer, FREIGHT.texts), expected, atol=2e-2)


def _apartness(model: BertModel, tokenizer: Tokenizer, learnt: list[Group]) -> float:
    """How much nearer questions of one group are than those of two."""
    model.eval()
    with torch.no_grad():
        vectors = training.embed(model, tokenizer, [text for group in learnt for text in group.texts])
    likeness = vectors @ vectors.T
    owner = torch.arange(len(learnt)).repeat_interleave(3)
    same = owner[:, None] == owner[None]
    return float(likeness[same].mean() - likeness[~same].mean())
