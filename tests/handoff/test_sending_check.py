"""The check before sending: what it warns of however it is written, what it leaves alone, and what stays of it."""

from __future__ import annotations

import pytest

from handoff.audit import first_broken
from handoff.desk import Desk
from handoff.errors import Invalid
from handoff.phrases import USUAL, Phrase
from handoff.sending_check import Known, warnings_about
from handoff.store import audited
from tests.factories import agent_on_duty, claimed_chat, member, text
from tests.stand_ins import ScriptedBot, answer


def codes(words: str, known: Known | None = None) -> list[str]:
    return [each.code for each in warnings_about(words, USUAL, known or Known())]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("这个不归我管", "forbidden"),
        ("这个不 归-我，管", "forbidden"),
        ("这个bu gui wo guan", "forbidden"),
        ("爱买不买", "forbidden"),
        ("爱卖不卖", "forbidden"),  # by its sound
        ("您这边加Ｖ信聊", "off_platform"),
        ("加 v x 聊", "off_platform"),
        ("明天肯定能到的", "over_promise"),
        ("质量100％没问题", "over_promise"),
        ("款项马上到账", "over_promise"),
    ],
)
def test_a_phrase_is_found_however_it_is_written(words: str, code: str) -> None:
    assert codes(words) == [code]


@pytest.mark.parametrize(
    "words",
    [
        "我们不能保证能到，按物流显示预计明天",
        "无法百分之百确认",
        "支持usb接口",
        "您可以在微信里打开商品页",
        "好的，我马上帮您看",
        "预计明天送达，到账时间以银行为准",
    ],
)
def test_honest_words_are_left_alone(words: str) -> None:
    assert codes(words) == []


def test_a_warning_says_where_why_and_what_to_write_instead() -> None:
    found = warnings_about("您好，明天一定能到哦", USUAL, Known())[0]

    assert (found.words, found.start, found.end) == ("一定能到", 5, 9)
    assert found.why == "超出规则的承诺" and "预计" in found.suggestion


def test_numbers_of_another_customer_are_noticed_and_his_own_are_not() -> None:
    known = Known(numbers=frozenset({"JL20260103001"}), phones_masked=frozenset({"138****5678"}))

    assert codes("订单JL20260103001已发货，电话13812345678", known) == []
    assert codes("订单JL20260103099已发货", known) == ["other_customer"]
    assert codes("请联系13912345678", known) == ["other_customer"]


def test_cards_and_open_blanks_and_too_much_money_are_noticed() -> None:
    assert codes("身份证11010519491231002X收到") == ["personal_number"]
    assert codes("卡号6222021234567890128吗") == ["personal_number"]
    assert codes("订单{订单号}已发货") == ["unfilled"]
    assert codes("给您补偿 800 元", Known(largest_amount=599)) == ["over_amount"]
    assert codes("给您补偿20元", Known(largest_amount=599)) == []


async def test_the_customers_own_order_is_known_from_his_words_and_his_orders(desk: Desk, bot: ScriptedBot) -> None:
    lin = await agent_on_duty(desk)
    bot.reply = answer("好的", slots={"order_no": "JL20260103001"})
    chat = await claimed_chat(desk, lin, member())
    await desk.work_until_idle()
    await chat.writes("还有一个 JL20251230777 也没到")

    own = await desk.check_before_sending(chat.id, "JL20260103001和JL20251230777都查到了，电话13812345678")
    other = await desk.check_before_sending(chat.id, "JL20260109999查到了")

    assert own == []
    assert [each.code for each in other] == ["other_customer"]


async def test_what_is_sent_anyway_is_marked_for_the_staff_and_in_the_audit(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)

    await any_desk.say(chat.id, lin.id, "a1", text("明天肯定能到"))
    await any_desk.say(chat.id, lin.id, "a2", text("我再帮您看看"))

    said = await chat.said_by("agent")
    assert [body.get("staff") for body in said] == [{"warned": ["over_promise"]}, None]
    seen = [
        event for event in await chat.seen_by_customer() if getattr(event, "body", {}).get("text") == "明天肯定能到"
    ]
    assert "staff" not in seen[0].model_dump()["body"]
    async with any_desk.workplace.store.reading() as connection:
        rows = await audited.chain(connection, chat.id)
    assert [row.details["warned"] for row in rows if row.act == "sent_despite_warning"] == [["over_promise"]]
    assert first_broken([row._mapping for row in rows]) is None


async def test_a_shop_adds_its_own_phrases_and_switches_usual_ones_off(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)

    await any_desk.put_send_phrase("亲爱的", "forbidden", "请称呼“您”")
    await any_desk.put_send_phrase("马上到账", "over_promise", active=False)

    found = await any_desk.check_before_sending(chat.id, "亲爱的，款项马上到账")
    assert [(each.words, each.suggestion) for each in found] == [("亲爱的", "请称呼“您”")]
    listed = {each.words: each for each in await any_desk.send_phrases()}
    assert listed["马上到账"].active is False and listed["亲爱的"].own is True


async def test_a_phrase_of_an_unknown_kind_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid):
        await desk.put_send_phrase("您好", "nonsense")  # type: ignore[arg-type]


def test_every_usual_phrase_is_found_in_its_own_words_and_variants() -> None:
    for phrase in USUAL:
        for words in (phrase.words, *phrase.variants):
            assert warnings_about(words, [phrase], Known()), words


def test_every_usual_phrase_stands_once() -> None:
    words = [each for phrase in USUAL for each in (phrase.words, *phrase.variants)]
    assert len(words) == len(set(words))
    assert all(isinstance(phrase, Phrase) and phrase.suggestion for phrase in USUAL)
