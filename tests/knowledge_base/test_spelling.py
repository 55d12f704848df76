"""A character that sounds right and looks wrong is guessed, and the guess is taken only where it finds more."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base import spelling, text
from knowledge_base.embedder import OnnxEmbedder
from knowledge_base.finetuning import letters as writing
from knowledge_base.finetuning.groups import faq
from knowledge_base.lexical import LexicalIndex, bag_of, packed
from knowledge_base.settings import Settings
from tests.knowledge_base.conftest import FREIGHT, INVOICE, Opening

DATA = Path(__file__).resolve().parents[2] / "training_data"


@pytest.fixture(scope="module")
def seed_faq() -> LexicalIndex:
    text.use_dictionary(Settings().dictionary)
    return LexicalIndex.build(packed([bag_of(question) for group in faq(DATA / "faq") for question in group.texts]))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("退货云费谁出", "退货运费谁出"), ("能不能开发飘", "能不能开发票"), ("物留三天没动", "物流三天没动")],
)
def test_a_wrong_character_of_the_right_sound_is_guessed(seed_faq: LexicalIndex, typed: str, meant: str) -> None:
    guess = spelling.guessed(typed, seed_faq)

    assert guess is not None
    assert guess.question == meant


def test_few_well_spelt_questions_get_a_guess(seed_faq: LexicalIndex) -> None:
    lines = (DATA / "evaluation" / "faq_questions.tsv").read_text(encoding="utf-8").splitlines()
    questions = [text.normalised(line.rsplit("\t", 1)[-1]) for line in lines]

    guesses = [question for question in questions if spelling.guessed(question, seed_faq)]

    assert len(guesses) / len(questions) <= 0.25


def test_a_long_message_and_an_empty_faq_get_no_guess(seed_faq: LexicalIndex) -> None:
    assert spelling.guessed("退货云费谁出" * 20, seed_faq) is None
    assert spelling.guessed("", LexicalIndex.build(packed([]))) is None


async def test_a_misspelt_question_finds_its_entry_and_the_guess_is_named(
    settings: Settings, opening: Opening, real_model: OnnxEmbedder
) -> None:
    desk = await opening(settings, real_model)
    freight, _ = await desk.publish(**FREIGHT), await desk.publish(**INVOICE)

    found = await desk.ask("七天无理由退货云费谁来出", explain=True)

    assert found["results"][0]["entry_id"] == freight["id"]
    assert found["explanation"]["question"] == "七天无理由退货运费谁来出"


async def test_what_an_entry_says_word_for_word_is_never_read_otherwise(
    settings: Settings, opening: Opening, real_model: OnnxEmbedder
) -> None:
    desk = await opening(settings, real_model)
    odd = await desk.publish(question="云费套餐怎么退货", answer="在云服务页退。")
    await desk.publish(**FREIGHT)

    found = await desk.ask("云费套餐怎么退货")

    assert (found["decision"], found["results"][0]["entry_id"]) == ("answer", odd["id"])


def test_the_shipped_pairs_are_those_of_the_questions_learnt_from(tmp_path: Path) -> None:
    writing.write(DATA, tmp_path / "pairs.txt")

    assert (tmp_path / "pairs.txt").read_bytes() == spelling.PAIRS.read_bytes()
