"""The words of what is served are made once, beside the searches, and of a very large FAQ never."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base import word_memory
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.faq import Content, Served
from knowledge_base.snapshot import Snapshot, build
from knowledge_base.word_memory import WordMemory
from knowledge_base.wordwise import Words
from tests.knowledge_base.stand_ins import KnowsAFewWords
from tests.knowledge_base.test_wordwise import words


@pytest.fixture
def faq(tmp_path: Path) -> Snapshot:
    entry = Served("one", Content("怎么退货", "", "", similar=("运费谁出", "能开票吗")), 1)
    return build("faq", 1, [entry], CachedEmbedder(KnowsAFewWords(), tmp_path / "cache.sqlite3"))


def test_every_phrasing_of_a_new_faq_is_learnt_once(faq: Snapshot) -> None:
    learnt: list[str] = []
    memory = WordMemory(lambda text: learnt.append(text) or words((1.0, 0.0)))  # type: ignore[func-returns-value]

    for _ in range(3):
        assert memory.words_in(faq)("怎么退货") is not None
    memory.words_in(replace(faq, revision=2))

    assert [one for one in learnt if one != "怎么退货"] == ["运费谁出", "能开票吗"] * 2


def test_nothing_is_compared_until_the_words_of_a_faq_are_known(faq: Snapshot) -> None:
    go_on = threading.Event()
    times = iter([0.0, 0.0, 1.0])  # the second phrasing is not begun with in time

    def slow(text: str) -> Words:
        if text != faq.phrasings[0]:
            go_on.wait(timeout=10)
        return words((1.0, 0.0))

    memory = WordMemory(slow, lambda: next(times))

    before = memory.words_in(faq)("怎么退货")
    go_on.set()
    for one in threading.enumerate():
        if one.name == "words":
            one.join(timeout=10)

    assert before is None
    assert memory.words_in(faq)("怎么退货") is not None


def test_a_faq_too_large_to_keep_is_not_compared_word_by_word(faq: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_memory, "MOST_PHRASINGS", 2)
    memory = WordMemory(lambda text: pytest.fail("it was looked up"))

    assert memory.words_in(faq)("怎么退货") is None


def test_a_model_without_words_is_asked_once_and_no_more(faq: Snapshot) -> None:
    learnt: list[str] = []
    memory = WordMemory(lambda text: learnt.append(text))

    memory.words_in(faq)
    memory.words_in(faq)

    assert len(learnt) == 1
