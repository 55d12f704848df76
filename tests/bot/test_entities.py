"""The facts in a line, by rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.actions import address
from bot.entities import entities_in
from bot.text import bare, fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("订单88264100000000到哪了", [("order_no", "88264100000000")]),
        ("订单８８２６４１００００００００", [("order_no", "88264100000000")]),
        ("单号SF1620473916825帮我查", [("tracking_no", "SF1620473916825")]),
        ("yt6616251192131", [("tracking_no", "YT6616251192131")]),
        ("电话13800138001", [("phone", "13800138001")]),
        ("电话 138 0013 8001", [("phone", "13800138001")]),
        ("尾号8001的那单", [("phone_tail", "8001")]),
        ("发的顺丰吗", [("courier", "顺丰")]),
        ("是顺风快递吗", [("courier", "顺丰")]),
        ("退我30元", [("amount", "30")]),
        ("昨天拍的", [("date", "昨天")]),
        ("3月5号下的单", [("date", "3月5号")]),
        ("换成XL", [("size", "xl")]),
        ("换42码的", [("size", "42")]),
        ("要雾霾蓝色", [("colour", "雾霾蓝色")]),
        ("换38的", [("size", "38")]),
        ("身高170穿什么", []),
        ("礼拜三发", [("date", "礼拜三")]),
        ("把黑的换成白的", [("colour", "黑"), ("colour", "白")]),
        ("云南省大理市人民路12号", [("address", "云南省大理市人民路12号")]),
        ("我住在宁波市海曙区中山西路9号", [("address", "宁波市海曙区中山西路9号")]),
        ("水果那单改寄到福建省厦门市湖里区安岭路9号", [("address", "福建省厦门市湖里区安岭路9号")]),
        ("昨天买的鞋送到杭州市西湖区文三路88号", [("date", "昨天"), ("address", "杭州市西湖区文三路88号")]),
        ("那个包裹改到苏州市姑苏区人民路12号", [("address", "苏州市姑苏区人民路12号")]),
        ("税号91320214MA1WABCD7K", []),
        ("七天无理由退货运费谁出", []),
        ("我的快递到哪了", []),
        ("你好", []),
    ],
)
def test_facts_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(found.entity, found.value) for found in entities_in(text)] == expected


def labelled() -> list[tuple[str, set[tuple[str, int, int]]]]:
    found = []
    for line in (Path(__file__).parent / "cases" / "entities.txt").read_text(encoding="utf-8").splitlines()[1:]:
        pieces = re.split(r"\[([^\]]*)\]\((\w+)\)", line)
        text, facts = pieces[0], set()
        for words, entity, after in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            facts.add((entity, len(text), len(text) + len(words)))
            text += words + after
        found.append((text, facts))
    return found


def test_nearly_all_labelled_facts_are_found_and_hardly_others() -> None:
    lines = labelled()

    judged = [(facts, {(one.entity, one.start, one.end) for one in entities_in(text)}) for text, facts in lines]

    right = sum(len(facts & found) for facts, found in judged)
    assert len(lines) == 132
    assert right / sum(len(found) for _, found in judged) >= 0.95
    assert right / sum(len(facts) for facts, _ in judged) >= 0.95


@pytest.mark.parametrize("text", ["订单88264100000000和13800138001", "改到杭州市西湖区文三路99号，电话13800138001"])
def test_places_point_into_the_original_text(text: str) -> None:
    found = entities_in(text)

    assert found
    assert all(fold(text[one.start : one.end]).upper() == one.value.upper() for one in found)


@pytest.mark.parametrize("text", ["轉人工，謝謝", "ＡＢＣ１２３", "İstanbul", "訂單什麼時候發貨", "😀退貨"])
def test_folding_moves_no_character(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_two_spellings_of_one_line_are_the_same_line() -> None:
    assert bare("轉人工！！") == bare("转人工") == bare(" 转人工。")


@pytest.mark.parametrize(
    ("text", "name", "phone", "where"),
    [
        ("张三 13912345678 上海市徐汇区漕溪路123号5栋302", "张三", "13912345678", "上海市徐汇区漕溪路123号5栋302"),
        (
            "收件人：李雷，电话：13912345678，地址：江苏省苏州市工业园区星湖街328号",
            "李雷",
            "13912345678",
            "江苏省苏州市工业园区星湖街328号",
        ),
        ("帮我把地址改到杭州市西湖区文三路99号2栋301", None, None, "杭州市西湖区文三路99号2栋301"),
    ],
)
def test_an_address_is_read_from_one_line(text: str, name: str, phone: str, where: str) -> None:
    assert address.parse(text) == {"name": name, "phone": phone, "text": where}


@pytest.mark.parametrize(
    "text", ["好的", "改地址", "怎么改地址", "七天无理由退货运费谁出", "13912345678", "我的快递到哪了", ""]
)
def test_what_is_no_address_is_not_read_as_one(text: str) -> None:
    assert address.parse(text) is None
