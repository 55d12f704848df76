"""A transfer that the colleague cannot take: the customer comes back to the sender, or to the head of the line."""

from __future__ import annotations

import pytest

from handoff.desk import Desk
from handoff.errors import IllegalMove, NotHolder
from handoff.views import Agent
from tests.factories import Chat, agent_on_duty, claimed_chat, member, text, waiting_chat
from tests.stand_ins import Clock


async def transferred(desk: Desk) -> tuple[Chat, Agent, Agent]:
    """晓琳 has passed her customer on to 阿杰."""
    lin, jie = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰")
    chat = await claimed_chat(desk, lin, member("u1"))
    await desk.transfer(chat.id, lin.id, to_agent=jie.id, note="他要补发")
    return chat, lin, jie


async def test_a_declined_customer_goes_back_to_the_sender_with_the_reason(any_desk: Desk) -> None:
    chat, lin, jie = await transferred(any_desk)

    conversation = await any_desk.decline(chat.id, jie.id, "正在开会")

    assert conversation.holder == f"agent:{lin.id}"
    back = (await chat.of_kind("transferred"))[-1]
    assert back.author.id == jie.id
    assert back.body["staff"] == {"from": jie.id, "to": {"agent_id": lin.id}, "note": "正在开会", "why": "declined"}
    assert "晓琳" in back.body["sentence"]


async def test_if_the_sender_has_left_he_goes_to_the_head_of_the_line(any_desk: Desk, clock: Clock) -> None:
    chat, lin, jie = await transferred(any_desk)
    clock.pass_time(seconds=5)
    await waiting_chat(any_desk, member("u2"))
    await any_desk.set_presence(lin.id, "offline")

    conversation = await any_desk.decline(chat.id, jie.id)

    assert conversation.holder == "queue"
    assert (await any_desk.rows("waiting", jie.id)).rows[0].id == chat.id
    requeued = (await chat.of_kind("requeued"))[0].body
    assert requeued["staff"]["why"] == "declined" and "离开" not in requeued["sentence"]


async def test_if_the_sender_has_no_room_left_he_goes_to_the_line_too(desk: Desk) -> None:
    lin, jie = await agent_on_duty(desk, capacity=1), await agent_on_duty(desk, "阿杰")
    chat = await claimed_chat(desk, lin, member("u1"))
    await desk.transfer(chat.id, lin.id, to_agent=jie.id)
    await claimed_chat(desk, lin, member("u2"))

    assert (await desk.decline(chat.id, jie.id)).holder == "queue"


async def test_whom_a_supervisor_moved_goes_to_the_line_and_not_to_the_supervisor(desk: Desk) -> None:
    lin, jie, boss = await agent_on_duty(desk), await agent_on_duty(desk, "阿杰"), await agent_on_duty(desk, "大伟")
    chat = await claimed_chat(desk, lin)
    await desk.transfer(chat.id, boss.id, to_agent=jie.id, is_supervisor=True)

    assert (await desk.decline(chat.id, jie.id)).holder == "queue"


async def test_after_the_first_word_it_is_too_late_to_decline(desk: Desk) -> None:
    chat, _, jie = await transferred(desk)
    await desk.say(chat.id, jie.id, "a1", text("您好"))

    with pytest.raises(IllegalMove):
        await desk.decline(chat.id, jie.id)
    assert await chat.holder() == f"agent:{jie.id}"


async def test_a_customer_who_came_otherwise_cannot_be_declined(desk: Desk) -> None:
    chat, lin, jie = await transferred(desk)
    other = await claimed_chat(desk, lin, member("u2"))

    with pytest.raises(IllegalMove):
        await desk.decline(other.id, lin.id)
    with pytest.raises(NotHolder):
        await desk.decline(chat.id, lin.id)
    await desk.decline(chat.id, jie.id)
    with pytest.raises(IllegalMove):
        await desk.decline(chat.id, lin.id)
