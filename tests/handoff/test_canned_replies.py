"""Ready-made answers: whose they are, how they are found, and what fills their blanks."""

from __future__ import annotations

import pytest

from handoff.canned import fill
from handoff.desk import Desk
from handoff.errors import Forbidden, Invalid, NotFound
from tests.factories import agent_on_duty, claimed_chat, guest, member
from tests.stand_ins import ScriptedBot, answer


async def test_an_agent_has_his_own_and_everybodys_but_not_a_colleagues(any_desk: Desk) -> None:
    desk = any_desk
    lin, jie = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰")
    await desk.add_canned_reply(lin.id, "稍等，我看一下", "sd")
    await desk.add_canned_reply(jie.id, "马上帮您看", "sd")
    await desk.add_canned_reply(jie.id, "感谢您的耐心等待", "gx", shared=True, is_supervisor=True)

    seen = {reply.text: reply.shared for reply in await desk.canned_replies(lin.id)}

    assert seen == {"稍等，我看一下": False, "感谢您的耐心等待": True}


async def test_only_a_supervisor_keeps_what_everybody_has(desk: Desk) -> None:
    lin = await agent_on_duty(desk)
    shared = await desk.add_canned_reply(lin.id, "您好", "hi", shared=True, is_supervisor=True)

    with pytest.raises(Forbidden):
        await desk.add_canned_reply(lin.id, "您好", "nh", shared=True)
    with pytest.raises(Forbidden):
        await desk.change_canned_reply(shared.id, lin.id, {"text": "嗨"})
    with pytest.raises(Forbidden):
        await desk.remove_canned_reply(shared.id, lin.id)
    changed = await desk.change_canned_reply(shared.id, lin.id, {"text": "您好呀"}, is_supervisor=True)
    assert (changed.text, changed.shortcut) == ("您好呀", "hi")


async def test_a_colleagues_own_reply_looks_like_a_missing_one(desk: Desk) -> None:
    lin, jie = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰")
    own = await desk.add_canned_reply(lin.id, "稍等", "sd")

    with pytest.raises(NotFound):
        await desk.change_canned_reply(own.id, jie.id, {"text": "别等"}, is_supervisor=True)
    with pytest.raises(NotFound):
        await desk.remove_canned_reply(own.id, jie.id, is_supervisor=True)


async def test_a_shortcut_is_taken_once_per_owner(any_desk: Desk) -> None:
    lin = await agent_on_duty(any_desk)
    await any_desk.add_canned_reply(lin.id, "稍等", "/sd")

    with pytest.raises(Invalid, match="快捷码"):
        await any_desk.add_canned_reply(lin.id, "等等", "sd")
    other = await any_desk.add_canned_reply(lin.id, "等等", "dd")
    with pytest.raises(Invalid, match="快捷码"):
        await any_desk.change_canned_reply(other.id, lin.id, {"shortcut": "sd"})
    await any_desk.remove_canned_reply(other.id, lin.id)
    assert [reply.shortcut for reply in await any_desk.canned_replies(lin.id)] == ["sd"]


async def test_a_variable_that_nobody_can_fill_is_refused(desk: Desk) -> None:
    lin = await agent_on_duty(desk)

    with pytest.raises(Invalid, match="没有变量"):
        await desk.add_canned_reply(lin.id, "您好{昵称}", "hi")
    with pytest.raises(Invalid, match="没有这个技能组"):
        await desk.add_canned_reply(lin.id, "您好", "hi", group="nobody")


async def test_blanks_are_filled_from_the_order_at_hand(desk: Desk, bot: ScriptedBot) -> None:
    lin = await agent_on_duty(desk)
    bot.reply = answer("请稍等", intent="ask_logistics", slots={"order_no": "JL20260103001"})
    chat = await claimed_chat(desk, lin, member())
    await desk.work_until_idle()
    text = "{客户}您好，我是{店铺}的{客服}，{商品}（{订单号}，{金额}元）由{快递公司}承运，单号{快递单号}，{物流状态}。"
    await desk.add_canned_reply(lin.id, text, "wl")

    found = (await desk.canned_for(chat.id, lin.id, "/wl", {"demo": "云杉生活"}))[0]

    assert found.missing == []
    assert found.filled == "陈晨您好，我是云杉生活的晓琳，羊毛大衣（JL20260103001，599元）由顺丰承运，单号SF1，运输中。"


async def test_a_blank_that_cannot_be_filled_stays_visible_and_is_named(desk: Desk) -> None:
    lin = await agent_on_duty(desk)
    chat = await claimed_chat(desk, lin, guest())
    await desk.add_canned_reply(lin.id, "{客户}您好，订单{订单号}已发货", "fh")

    found = (await desk.canned_for(chat.id, lin.id, "fh"))[0]

    assert found.filled == "{客户}您好，订单{订单号}已发货"
    assert found.missing == ["客户", "订单号"]


@pytest.mark.parametrize("typed", ["kd", "/KD", "快递延迟", "kuaidi", "kdyc", "物流", "wuliu"])
async def test_a_reply_is_found_by_shortcut_words_and_pinyin(desk: Desk, typed: str) -> None:
    lin = await agent_on_duty(desk)
    chat = await claimed_chat(desk, lin)
    await desk.add_canned_reply(lin.id, "抱歉，快递延迟了", "kd", category="物流")
    await desk.add_canned_reply(lin.id, "发票已开", "fp", category="发票")

    assert [each.shortcut for each in await desk.canned_for(chat.id, lin.id, typed)] == ["kd"]


async def test_half_a_syllable_finds_nothing(desk: Desk) -> None:
    lin = await agent_on_duty(desk)
    chat = await claimed_chat(desk, lin)
    await desk.add_canned_reply(lin.id, "快递延迟了", "kd")

    assert await desk.canned_for(chat.id, lin.id, "uaidi") == []


async def test_those_of_the_customers_group_come_first(desk: Desk) -> None:
    lin = await agent_on_duty(desk)
    chat = await claimed_chat(desk, lin)
    await desk.add_canned_reply(lin.id, "退货地址", "a", group="aftersale")
    await desk.add_canned_reply(lin.id, "已催促仓库", "b", group="order")

    assert [each.shortcut for each in await desk.canned_for(chat.id, lin.id)] == ["b", "a"]


def test_the_same_blank_twice_is_missing_once() -> None:
    filled = fill("{订单号}和{订单号}，{客服}", {"客服": "晓琳"})

    assert (filled.text, filled.missing) == ("{订单号}和{订单号}，晓琳", ("订单号",))
