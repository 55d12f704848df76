"""What the confidence is fitted on was never learnt from, and is labelled as it is asked."""

from __future__ import annotations

from pathlib import Path

from knowledge_base.calibration import Asked, regimes
from knowledge_base.faq import Content, Served
from knowledge_base.finetuning.groups import (
    SHIPPED_ADAPTER,
    Group,
    bare,
    elsewhere,
    is_held_out,
    learnt_topics,
    paraphrases,
    same_questions,
)
from knowledge_base.labelled import read_queries
from knowledge_base.unseen_shops import shops

DATA = Path(__file__).resolve().parents[2] / "training_data"


def test_only_questions_the_model_never_learnt_are_asked_for_an_answer_and_never_in_their_own_words() -> None:
    everything = paraphrases(DATA / "paraphrases")
    topics = {group.name: group.topic for group in everything}
    learnt = learnt_topics(SHIPPED_ADAPTER)

    for shop in shops(everything, [], []):
        held = {entry.id: entry.content.phrasings for entry in shop.entries}
        for one in shop.asked:
            assert all(topics[name] not in learnt and one.text not in held[name] for name in one.ids)
            assert bool(one.ids) == (one.kind == "in")


def test_nothing_that_is_asked_or_answered_in_a_made_up_shop_is_known_of_elsewhere_word_for_word() -> None:
    everything, others = paraphrases(DATA / "paraphrases"), elsewhere(DATA / "elsewhere")

    for shop in shops(everything, others, []):
        known = {text for group in shop.elsewhere for text in group.texts}
        assert len(known) > 5000
        assert known.isdisjoint(one.text for one in shop.asked)
        assert known.isdisjoint(text for entry in shop.entries for text in entry.content.phrasings)
        if "1 phrasings" in shop.name:  # with more there is not always enough left to know a question by
            asked = {name for one in shop.asked for name in one.ids}
            assert 0.3 < len(asked & {group.name for group in shop.elsewhere}) / len(asked) < 0.7


def test_no_question_that_is_measured_on_is_known_of_elsewhere() -> None:
    measured = {bare(one.text) for one in read_queries(DATA / "evaluation" / "faq_questions.tsv")}

    known = {bare(text) for group in elsewhere(DATA / "elsewhere") for text in group.texts}

    assert len(known) > 5000
    assert known.isdisjoint(measured)


def test_the_shipped_model_learnt_no_held_out_topic() -> None:
    learnt = learnt_topics(SHIPPED_ADAPTER)

    assert len(learnt) >= 60
    assert not any(map(is_held_out, learnt))


def test_no_question_must_be_refused_that_a_shop_answers_under_another_topic() -> None:
    everything = paraphrases(DATA / "paraphrases")
    topic_of_text = {text: group.name for group in everything for text in group.texts}
    same = same_questions() | {(other, one) for one, other in same_questions()}
    left_out = 0

    for shop in shops(everything, [], []):
        answered = {entry.id for entry in shop.entries}
        near = {topic_of_text[one.text] for one in shop.asked if one.kind == "near"}
        assert not any(one in near and other in answered for one, other in same)
        left_out += sum(one not in near and one not in answered and other in answered for one, other in same)

    assert left_out > 0


def test_a_shop_of_learnt_topics_alone_is_asked_nothing_it_could_answer() -> None:
    learnt = Group("shipping/courier/which", "paraphrases", "shipping/courier", ("发什么快递", "用哪家物流"))

    asked = [one for shop in shops([learnt], [], [], frozenset({learnt.topic})) for one in shop.asked]

    assert all(one.kind == "near" for one in asked)


def test_a_question_whose_every_answer_is_gone_must_not_be_answered() -> None:
    entries = [Served(f"e{n}", Content(f"问题{n}", "答", f"类{n}"), 1) for n in range(12)]
    asked = [Asked("in", frozenset({entry.id}), "怎么问") for entry in entries]

    for regime in regimes(entries, asked, []):
        ids = {entry.id for entry in regime.entries}
        assert all(one.ids <= ids and (one.kind == "near") == (not one.ids) for one in regime.asked)


def test_the_test_half_of_the_questions_is_never_fitted_to() -> None:
    file = DATA / "evaluation" / "faq_questions.tsv"

    everything, half = read_queries(file), read_queries(file, development_only=True)

    assert 0.4 < len(half) / len(everything) < 0.6
    assert {i for one in half for i in one.ids if len(one.ids) == 1}.isdisjoint(
        i for one in everything if one not in half for i in one.ids if len(one.ids) == 1
    )
