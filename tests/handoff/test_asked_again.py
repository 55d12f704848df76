"""The guard against asking a customer what he has said already, and its count when it is asked all the same."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from handoff.desk import Desk
from handoff.errors import NotFound
from tests.factories import Chat, agent_on_duty, open_chat, text
from tests.stand_ins import ScriptedBot, answer


async def told_chat(desk: Desk, bot: ScriptedBot) -> tuple[Chat, str]:
    """The customer has given his order number and a size to the bot, and his phone number beside it."""
    agent = await agent_on_duty(desk)
    slots = {"order_no": "JL20260103001", "size": "XL"}
    bot.reply = answer("请稍等", intent="exchange_goods", slots=slots)
    chat = await open_chat(desk)
    await chat.asks("我要换货 JL20260103001 换成XL")
    bot.reply = answer("收到", intent="give_order_no", slots=slots)
    await chat.asks("电话13812345678")
    await desk.take_over(chat.id, agent.id)
    return chat, agent.id


@pytest.mark.parametrize(
    ("question", "label", "value", "seq"),
    [
        ("请问您的订单号是多少？", "订单号", "JL20260103001", 1),
        ("麻烦提供一下订单编号", "订单号", "JL20260103001", 1),
        ("您要换什么尺码呢", "尺码", "XL", 1),
        ("您的手机号发我一下", "手机尾号", "13812345678", 4),
        ("请问有什么可以帮您", "来意", "换货", 1),
    ],
)
async def test_a_question_that_is_answered_already_is_named_with_its_answer(
    desk: Desk, bot: ScriptedBot, question: str, label: str, value: str, seq: int
) -> None:
    chat, _ = await told_chat(desk, bot)

    hits = await desk.asked_again(chat.id, question)

    assert [(hit.label, hit.value, hit.seq) for hit in hits] == [(label, value, seq)]


@pytest.mark.parametrize(
    "words",
    [
        "您好，马上为您处理",
        "您的订单号是 JL20260103001 对吗",
        "您想要什么颜色？",
        "换货的快递费由我们承担",
        "新的收货地址是哪里？",
    ],
)
async def test_what_is_new_or_only_repeats_the_customer_is_no_question_again(
    desk: Desk, bot: ScriptedBot, words: str
) -> None:
    chat, _ = await told_chat(desk, bot)

    assert await desk.asked_again(chat.id, words) == []


async def test_the_same_question_of_a_colleague_counts_with_the_customers_answer(desk: Desk, bot: ScriptedBot) -> None:
    chat, agent_id = await told_chat(desk, bot)
    await desk.say(chat.id, agent_id, "q", text("请问包装箱有没有破损的痕迹？"))
    answered = await chat.writes("没有破损", "a")

    hits = await desk.asked_again(chat.id, "包装箱有没有破损的痕迹呢？")

    assert [(hit.value, hit.seq) for hit in hits] == [("没有破损", answered.seq)]


async def test_sent_all_the_same_it_is_counted_for_the_staff_only(desk: Desk, bot: ScriptedBot) -> None:
    chat, agent_id = await told_chat(desk, bot)

    asked = await desk.say(chat.id, agent_id, "q", text("订单号多少？"))
    again = await desk.say(chat.id, agent_id, "q", text("订单号多少？"))

    assert (await chat.log())[asked.seq - 1].body["staff"] == {"asked_again": ["订单号"]}
    seen = (await chat.seen_by_customer())[asked.seq - 1].model_dump()
    assert seen["body"] == text("订单号多少？")
    assert (again.seq, again.conflict) == (asked.seq, False)


async def test_what_was_said_before_the_last_closing_may_be_asked_again(desk: Desk, bot: ScriptedBot) -> None:
    chat, agent_id = await told_chat(desk, bot)
    await desk.close(chat.id, agent_id, "solved")
    bot.reply = answer("您好", intent="greet")
    await chat.asks("又有个问题")

    assert await desk.asked_again(chat.id, "请问您的订单号是多少？") == []


async def test_a_missing_conversation_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.asked_again("nowhere", "订单号？")


async def test_what_was_asked_again_is_counted_once_also_when_sent_again(desk: Desk, bot: ScriptedBot) -> None:
    def counted(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    chat, agent_id = await told_chat(desk, bot)
    before = counted("jieli_desk_asked_again_total", label="订单号"), counted("jieli_desk_agent_messages_total")

    for _ in range(2):
        await desk.say(chat.id, agent_id, "a1", text("请问您的订单号是多少？"))
    await desk.say(chat.id, agent_id, "a2", text("好的，我看一下"))

    after = counted("jieli_desk_asked_again_total", label="订单号"), counted("jieli_desk_agent_messages_total")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 2)
