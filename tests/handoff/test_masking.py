"""Personal data in every writing people use, and what must not be taken for it."""

from __future__ import annotations

import pytest

from handoff.audit import first_broken
from handoff.desk import Desk
from handoff.errors import Forbidden
from handoff.masking import ADDRESS, BANK_CARD, ID_CARD, MAIL, mask
from handoff.store import audited
from tests.factories import agent_on_duty, claimed_chat, guest, open_chat
from tests.stand_ins import ScriptedBot, answer

ID = "11010519491231002X"
CARD = "6222021001116245702"


@pytest.mark.parametrize(
    ("said", "passed_on"),
    [
        ("我电话13812345678", "我电话138****5678"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678，谢谢", "138****5678，谢谢"),
        ("+86 13812345678", "+138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("一三八一二三四五六七八", "138****5678"),
        ("幺三八一二三四五六七八", "138****5678"),
        ("13812345678 13912345678", "138****5678 139****5678"),
        (f"身份证{ID}", f"身份证{ID_CARD}"),
        (f"身份证{ID.lower()}", f"身份证{ID_CARD}"),
        (f"卡号{CARD}", f"卡号{BANK_CARD}"),
        ("6222 0210 0111 6245 702", BANK_CARD),
        ("邮箱 chen.chen@example.com.cn", f"邮箱 {MAIL}"),
        ("ｃｈｅｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", MAIL),
        ("寄到浙江省杭州市西湖区文三路90号3栋201室", f"寄到{ADDRESS}"),
    ],
)
def test_personal_data_is_masked_in_any_writing(said: str, passed_on: str) -> None:
    masked = mask(said)

    if passed_on.endswith(ADDRESS):
        assert ADDRESS in masked and "文三路" not in masked
    else:
        assert masked == passed_on


@pytest.mark.parametrize(
    "said",
    [
        "订单号 20260103001",
        "JL20260103001",
        "SF1234567890123",
        "订单13812345678",
        "一共 1999 元，2026年1月5日下单",
        "尾号5678",
        "我要三件，一二三都要",
        "1234567890123456",
        "这条路不好走",
        "",
    ],
)
def test_what_is_not_personal_stays(said: str) -> None:
    assert mask(said) == said


def test_an_errand_that_needs_the_address_keeps_it_and_still_hides_the_rest() -> None:
    said = f"改到杭州市文三路90号3栋201室 13812345678 {CARD}"

    kept = mask(said, keep_address=True)

    assert kept == f"改到杭州市文三路90号3栋201室 13812345678 {BANK_CARD}"


async def test_the_bot_reads_masked_lines_now_and_in_what_went_before(desk: Desk, bot: ScriptedBot) -> None:
    bot.reply = answer("好的")
    chat = await open_chat(desk, guest())

    await chat.asks("我是13812345678")
    await chat.asks("收到了吗")

    assert bot.asked[0].text == "我是138****5678"
    assert bot.asked[1].recent == ("我是138****5678",)
    assert (await chat.said_by("customer"))[0]["text"] == "我是13812345678"


async def test_while_an_address_is_changed_the_bot_reads_it(desk: Desk, bot: ScriptedBot) -> None:
    bot.reply = answer("请提供新地址", slots={"errand": "change_address", "awaiting": "new_address"})
    chat = await open_chat(desk, guest())
    await chat.asks("我要改地址")

    await chat.asks("杭州市文三路90号3栋201室 13812345678")

    assert bot.asked[1].text == "杭州市文三路90号3栋201室 13812345678"


async def test_a_whole_phone_number_is_shown_to_the_holder_for_a_reason_and_leaves_a_trace(desk: Desk) -> None:
    agent, other = await agent_on_duty(desk), await agent_on_duty(desk, "建国")
    chat = await claimed_chat(desk, agent)

    assert await desk.unmask_phone(chat.id, agent.id, "快递联系不上客户") == "13812345678"

    async with desk.workplace.store.reading() as connection:
        rows = await audited.chain(connection, chat.id)
    assert rows[-1].act == "unmask_phone"
    assert (rows[-1].actor, rows[-1].details["reason"]) == (f"agent:{agent.id}", "快递联系不上客户")
    assert first_broken([row._mapping for row in rows]) is None
    for agent_id, reason in ((other.id, "快递联系不上客户"), (agent.id, "看")):
        with pytest.raises(Forbidden):
            await desk.unmask_phone(chat.id, agent_id, reason)
    assert await desk.unmask_phone(chat.id, other.id, "处理客户投诉", is_supervisor=True) == "13812345678"
