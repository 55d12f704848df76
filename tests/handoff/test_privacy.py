"""Card numbers: unseen by the staff until somebody who serves the customer says why, split over two lines or not."""

from __future__ import annotations

import pytest

from handoff.audit import first_broken
from handoff.desk import Desk
from handoff.errors import Forbidden, NotFound
from handoff.masking import mask_lines
from handoff.store import audited
from handoff.views import Event
from tests.factories import Chat, agent_on_duty, claimed_chat
from tests.stand_ins import ScriptedBot

ID = "11010519491231002X"


async def texts(chat: Chat) -> list[str]:
    return [str(body.get("text")) for body in await chat.said_by("customer")]


async def test_staff_reads_a_sign_and_the_customer_what_he_wrote(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)

    await chat.writes(f"我的身份证是{ID}，麻烦登记")

    assert (await texts(chat))[-1] == "我的身份证是[身份证号]，麻烦登记"
    own = [event for event in await chat.seen_by_customer() if isinstance(event, Event) and event.kind == "message"]
    assert own[-1].body == {"type": "text", "text": f"我的身份证是{ID}，麻烦登记"}
    assert (await any_desk.row(chat.id)).last_text == "我的身份证是[身份证号]，麻烦登记"
    assert ID not in str((await any_desk.card(chat.id)).model_dump())


async def test_a_number_split_over_two_lines_is_masked_too(any_desk: Desk, bot: ScriptedBot) -> None:
    lin = await agent_on_duty(any_desk)
    chat = await claimed_chat(any_desk, lin)

    await chat.writes("身份证前面是1101051949")
    await chat.writes("1231002X，后面是这个")

    assert (await texts(chat))[-1] == "[身份证号]，后面是这个"


async def test_the_bot_does_not_read_the_second_half_either(desk: Desk, bot: ScriptedBot) -> None:
    lin = await agent_on_duty(desk)
    chat = await claimed_chat(desk, lin)
    await desk.return_to_bot(chat.id, lin.id)

    await chat.asks("我的号码是1381234")
    await chat.asks("5678，请联系我")

    assert bot.asked[-1].text == "***，请联系我"
    assert bot.asked[-1].recent == ("我的号码是138****5678",)


async def test_whoever_serves_the_customer_sees_it_for_a_reason_and_it_is_in_the_audit(any_desk: Desk) -> None:
    lin, jie = await agent_on_duty(any_desk), await agent_on_duty(any_desk, "阿杰")
    chat = await claimed_chat(any_desk, lin)
    receipt = await chat.writes(f"身份证{ID}")

    shown = await any_desk.unmask_message(chat.id, receipt.seq, lin.id, "核对实名信息")
    for_supervisor = await any_desk.unmask_message(chat.id, receipt.seq, jie.id, "处理投诉", is_supervisor=True)

    assert shown == for_supervisor == f"身份证{ID}"
    with pytest.raises(Forbidden):
        await any_desk.unmask_message(chat.id, receipt.seq, jie.id, "好奇看看")
    with pytest.raises(Forbidden):
        await any_desk.unmask_message(chat.id, receipt.seq, lin.id, "看")
    with pytest.raises(NotFound):
        await any_desk.unmask_message(chat.id, 1 + receipt.seq, lin.id, "核对实名信息")
    async with any_desk.workplace.store.reading() as connection:
        rows = await audited.chain(connection, chat.id)
    assert [row.details["reason"] for row in rows if row.act == "unmask_message"] == ["核对实名信息", "处理投诉"]
    assert ID not in str([row.details for row in rows])
    assert first_broken([row._mapping for row in rows]) is None


async def test_an_ordinary_line_with_digits_is_left_as_it_is(desk: Desk) -> None:
    lin = await agent_on_duty(desk)
    chat = await claimed_chat(desk, lin)

    await chat.writes("订单JL20260103001买了2件，电话13812345678")

    assert (await texts(chat))[-1] == "订单JL20260103001买了2件，电话13812345678"
    assert "staff" not in (await chat.said_by("customer"))[-1]


async def test_only_whoever_serves_a_customer_counts_as_serving_him(any_desk: Desk) -> None:
    lin, jie = await agent_on_duty(any_desk), await agent_on_duty(any_desk, "阿杰")
    chat = await claimed_chat(any_desk, lin)

    assert await any_desk.serves(lin.id, chat.customer_id)
    assert not await any_desk.serves(jie.id, chat.customer_id)


def test_lines_without_anything_personal_stay() -> None:
    assert mask_lines(["买2件", "1个红的", ""]) == ["买2件", "1个红的", ""]
    assert mask_lines(["13812345678", "谢谢"]) == ["138****5678", "谢谢"]
