"""The trained judgements: intents from two models, and the wish for a person, stored as numbers."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.components.intent_models import Head
from bot.components.person_guard import guarded
from bot.components.person_head import PersonHead
from bot.components.spelling_weights import SpellingWeights

LINES = {
    "refund": ["我要退款", "退钱给我", "把钱退了", "申请退款", "退款吧"],
    "greet": ["你好", "在吗", "您好呀", "哈喽", "早上好"],
    "invoice": ["开发票", "要发票", "发票呢", "补张发票", "发票抬头写错了"],
}


def vectors_of(texts: list[str]) -> np.ndarray:
    """Stand-ins for sentence vectors: characters, counted into eight places."""
    found = np.zeros((len(texts), 8))
    for row, text in enumerate(texts):
        for char in text:
            found[row, ord(char) % 8] += 1.0
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_the_intents_shares_add_up_and_the_learnt_lines_are_known() -> None:
    texts = [text for lines in LINES.values() for text in lines]
    intents = [intent for intent, lines in LINES.items() for _ in lines]
    head = Head()

    head.fit(texts, vectors_of(texts), intents)

    shares = head.probabilities(texts, vectors_of(texts))
    assert np.allclose(shares.sum(axis=1), 1.0)
    assert [head.intents[place] for place in shares.argmax(axis=1)] == intents
    best, other, _ = head.ranking("退款给我", vectors_of(["退款给我"])[0])
    assert best["name"] == "refund" and best["confidence"] > other["confidence"]


def test_a_head_that_was_stored_judges_as_before(tmp_path: Path) -> None:
    texts = ["转人工", "找真人", "叫客服来", "我要人工", "不用转人工", "人工费多少", "你好", "退款到哪了"]
    signs = np.zeros((len(texts), 3))
    head = PersonHead()
    head.fit(texts, vectors_of(texts), signs, np.array([True] * 4 + [False] * 4))
    before = head.shares(texts, vectors_of(texts), signs)

    head.save(tmp_path / "person.npz")
    after = PersonHead.read(tmp_path / "person.npz").shares(texts, vectors_of(texts), signs)

    assert np.allclose(before, after)
    assert before[:4].min() > before[4:].max()


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
def test_a_lines_pieces_weigh_what_scikit_learn_says(analyzer: str) -> None:
    texts = [text for lines in LINES.values() for text in lines]
    fitted = TfidfVectorizer(analyzer=analyzer, ngram_range=(1, 3), sublinear_tf=True).fit(texts)
    directions = np.random.RandomState(0).normal(size=(len(fitted.vocabulary_), 5))
    spelled = pickle.loads(pickle.dumps(SpellingWeights(fitted)))

    for text in ["退款 退款 发票", "我要退钱", "", "xyz"]:
        assert np.allclose(spelled.onto(text, directions), (fitted.transform([text]) @ directions)[0])


@pytest.mark.parametrize(
    ("text", "intent", "sure", "share", "wanted"),
    [
        ("转人工", "ask_person", 0.9, 0.98, True),
        ("转人工", "ask_person", 0.9, 0.05, False),
        ("叫师傅来装要预约吗", "ask_person", 0.9, 0.2, False),
        ("给我一个会思考的", "nlu_fallback", 0.4, 0.6, True),
        ("我的售后申请到谁那了", "refund_progress", 0.95, 0.6, False),
        ("不用转人工", "refuse_person", 0.9, 0.1, False),
    ],
)
def test_rules_and_head_decide_together(text: str, intent: str, sure: float, share: float, wanted: bool) -> None:
    understood = {"name": intent, "confidence": sure}
    ranking = [understood, {"name": "faq", "confidence": 1.0 - sure}]

    best = guarded(text, understood, ranking, share)[0]

    assert (best["name"] == "ask_person") is wanted


@pytest.mark.parametrize("text", ["привет", "안녕하세요", "ありがとう"])
def test_a_line_in_letters_that_are_not_read_is_not_understood(text: str) -> None:
    ranking = [{"name": "small_talk", "confidence": 0.8}]

    assert guarded(text, ranking[0], ranking, 0.93)[0]["name"] == "nlu_fallback"
