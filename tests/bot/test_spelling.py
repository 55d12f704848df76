"""What is read where a person is asked for in sounds, look-alike signs or slips."""

from __future__ import annotations

import pytest

from bot.noticing.spelling import respelt


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("zhuan ren gong", "转人工"),
        ("ｚｈｕａｎ人工", "转人工"),
        ("我要rg", "我要人工"),
        ("zrgkf", "转人工客服"),
        ("kefu在吗", "客服在吗"),
        ("换zhenren", "换真人"),
        ("转 人 工", "转人工"),
        ("转-人-工", "转人工"),
        ("转任工", "转人工"),
        ("转λ工", "转人工"),
        ("人功客服", "人工客服"),
        ("联系课服", "联系客服"),
        ("找克服", "找客服"),
        ("轉人工", "转人工"),
        ("ㄓㄨㄢˇㄖㄣˊㄍㄨㄥ", "转人工"),
    ],
)
def test_a_person_in_other_spellings_is_read(text: str, meant: str) -> None:
    assert respelt(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "克服困难",
        "私人公司",
        "确认功能",
        "别人共有的",
        "本科服装",
        "客户付款",
        "人工费",
        "rgb灯多少钱",
        "kfc联名",
        "人公里",
    ],
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert respelt(text) == text
