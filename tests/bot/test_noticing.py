"""What the bot notices: wishes for a person, serious words, upset customers, repetition."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import pytest

from bot.noticing.emotion import lexicon_strength, negative_emotion
from bot.noticing.person_request import person_request, words_around
from bot.noticing.repetition import customer_repeats, same_as_before
from bot.noticing.sensitive import sensitive_word

CASES = Path(__file__).parent / "cases" / "person_requests.tsv"


def cases() -> list[tuple[str, bool]]:
    pairs = [line.split("\t") for line in CASES.read_text(encoding="utf-8").splitlines() if line]
    return [(text, wanted == "yes") for text, wanted in pairs]


def test_every_labelled_request_for_a_person_is_judged_right() -> None:
    wrong = [text for text, wanted in cases() if ((r := person_request(text)) is not None and r.wanted) != wanted]

    assert len(cases()) >= 180
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("转人工", True),
        ("不用转人工", False),
        ("先别转人工", False),
        ("先别转…算了还是转人工吧", True),
        ("为什么不给我转人工", True),
        ("不转人工我就投诉", True),
        ("人工智能手表有货吗", None),
        ("人工费怎么算", None),
        ("轉人工", True),
        ("不想跟机器人聊", True),
        ("没有人签收怎么办", None),
        ("搞不定我后天找人工", False),
        ("上回找人工说过可以补发", None),
        ("你比真人还快", None),
        ("机器人还比人工慢，给我转人工", True),
    ],
)
def test_a_request_is_told_from_a_refusal_and_a_look_alike(text: str, wanted: Optional[bool]) -> None:
    request = person_request(text)

    assert (request.wanted if request else None) == wanted


def test_what_stands_around_a_request_ends_at_its_clause_or_a_few_characters_on() -> None:
    line = "快递说签收了我没收到打电话给驿站也说没有能不能让人工帮我查一下，谢谢"

    assert words_around(line, "让人工") == "站也说没有能不能让人工帮我查一下"
    assert words_around("转人工，退款没到", "转人工") == "转人工"
    assert words_around("你好", "转人工") == ""


@pytest.mark.parametrize(
    "text", ["我要打12315", "已经找律师了", "用了过敏了", "充电器爆炸了", "我不想活了", "我要找媒体曝光你们"]
)
def test_serious_words_are_noticed(text: str) -> None:
    assert sensitive_word(text)


@pytest.mark.parametrize(
    "text",
    [
        "会不会过敏",
        "过敏体质能用吗",
        "我的电话13912345678",
        "自媒体支架有吗",
        "是不是假货",
        "跳楼价吗",
        "订单88261231512345",
        "怎么辨别假货",
        "买到假货怎么赔偿",
        "个人信息会被泄露吗",
        "花生过敏能吃吗",
        "里面有虾吗，我对海鲜过敏",
        "过敏包退吗",
        "两个人身高差不多",
        "烟雾报警器有货吗",
        "就送到法院对面的小区",
        "3.15元一个吗",
    ],
)
def test_questions_that_only_hold_a_serious_word_are_not(text: str) -> None:
    assert sensitive_word(text) is None


@pytest.mark.parametrize(
    "text", ["快递单号是多少", "不满59元包邮吗", "垃圾桶有货吗", "退货运费谁出", "什么时候发货", "怎么开发票", "谢谢"]
)
def test_neutral_lines_are_calm(text: str) -> None:
    assert lexicon_strength(text) < 0.3
    assert negative_emotion(text, None) is None


@pytest.mark.parametrize(
    "text", ["你们什么垃圾店", "都三天了还不发货！！", "气死我了", "太敷衍了吧，一直没人理", "骗子"]
)
def test_upset_lines_are_noticed(text: str) -> None:
    assert negative_emotion(text, 0.7) and negative_emotion(text, 0.2) is None


def test_saying_it_again_with_other_punctuation_is_repetition() -> None:
    trigger = customer_repeats("我的快递到哪了？？", ["你好", "我的快递到哪了"])

    assert trigger is not None and trigger.score > 0.9


@pytest.mark.parametrize("recent", [[], ["你好"], ["我的发票呢"], ["好的"]])
def test_something_new_is_no_repetition(recent: list[str]) -> None:
    assert customer_repeats("我的快递到哪了", recent) is None


def test_the_bot_notices_the_answer_that_it_gave_before() -> None:
    answer: dict[str, Any] = {"type": "answer", "entry_id": "e1", "text": "可以退"}

    assert same_as_before([answer], [{"type": "text", "text": "您好，请问需要什么"}, dict(answer)])
    assert same_as_before([{**answer, "entry_id": "e2"}], [answer]) is None
